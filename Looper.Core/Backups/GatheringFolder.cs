namespace Looper.Core.Backups;

/// <summary>A folder that a command fills and then moves to its place. It bears a mark from before its first file until it has moved: what was cut short is made
/// anew, and a folder of the same name that somebody else made is not deleted for it.</summary>
internal static class GatheringFolder
{
    private const string Mark = "gathering.unfinished";

    /// <summary>Why it cannot be made; null where nothing of anybody else is there.</summary>
    /// <param name="field">That the name comes from.</param>
    public static Refusal? Blocked(string folder, string code, string? field = null) =>
        !File.Exists(folder) && (!Directory.Exists(folder) || File.Exists(Path.Combine(folder, Mark)) || !Directory.EnumerateFileSystemEntries(folder).Any()) ? null
        : new(code, $"Files are gathered in {folder}, and what is there bears no mark of a command that was cut short ({Mark}): it may be yours. Move or delete it, and run this again.", field);

    /// <summary>Empty but for its mark, whatever was gathered there before.</summary>
    public static void Make(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        SealedCopy.MakeFolder(folder);
        File.WriteAllBytes(Path.Combine(folder, Mark), []);
    }

    /// <summary>Whole now, it takes its place, where nothing is.</summary>
    public static void Move(string folder, string to)
    {
        Directory.Move(folder, to);
        File.Delete(Path.Combine(to, Mark));
    }
}
