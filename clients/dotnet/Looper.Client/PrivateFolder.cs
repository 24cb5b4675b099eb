namespace Looper.Client;

/// <summary>A folder that only its owner may enter: what is in it names units.</summary>
internal static class PrivateFolder
{
    /// <summary>Makes it, where it is not there already.</summary>
    public static void Make(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
