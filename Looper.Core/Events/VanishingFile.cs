using Microsoft.Win32.SafeHandles;

namespace Looper.Core.Events;

/// <summary>A file for what does not fit into memory, gone once it is closed, however that ends.</summary>
internal static class VanishingFile
{
    /// <param name="ending">Of its name.</param>
    public static SafeFileHandle Open(JournalOptions options, string ending)
    {
        // Beside the journal: a temporary folder may be memory.
        var path = Path.ChangeExtension(options.Path, $".{Path.GetFileNameWithoutExtension(Path.GetRandomFileName())}.{ending}");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows()) File.Delete(path); // it stays while it is open, and no longer however that ends
        return file;
    }
}
