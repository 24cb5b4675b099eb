namespace Looper.Core.Persistence;

/// <summary>Lies in a data directory from the moment a backup is put there until the units that were erased after it are erased again:
/// a restore that is killed in between would bring them back without a word.</summary>
internal static class RestoreMark
{
    private const string Name = "restore.unfinished";

    /// <summary>Where a restore gathers its files before it moves them to <paramref name="directory"/>.</summary>
    public static string Gathering(string directory) => directory.TrimEnd(Path.DirectorySeparatorChar) + ".restoring";

    /// <param name="receipts">Where the receipts of later erasures lie; null for nowhere.</param>
    /// <param name="aside">Where what was there is moved to; empty where nothing was.</param>
    public static Task WriteAsync(string folder, string? receipts, string aside, CancellationToken cancel) => File.WriteAllTextAsync(Path.Combine(folder, Name), $"{receipts}\n{aside}", cancel);

    /// <returns>Null where no restore is unfinished, empty where no receipts are known.</returns>
    public static string? Read(string folder) => Lines(folder)?[0];

    /// <returns>Where a restore that is unfinished has moved what was there; null where nothing was.</returns>
    public static string? ReadAside(string folder) => Lines(folder) is { Length: > 1 } lines && Directory.Exists(lines[1]) ? lines[1] : null;

    public static void Remove(string folder) => File.Delete(Path.Combine(folder, Name));

    private static string[]? Lines(string folder) => Path.Combine(folder, Name) is var mark && File.Exists(mark) ? File.ReadAllText(mark).Split('\n') : null;
}
