namespace Looper.Core.Persistence;

/// <summary>Lies in a data directory from the moment a server's events come back into it until the units that were erased are erased again, as <see cref="RestoreMark"/> does for a backup.</summary>
internal static class RefillMark
{
    private const string Name = "refill.unfinished";

    public static Task WriteAsync(string folder, CancellationToken cancel) => File.WriteAllTextAsync(Path.Combine(folder, Name), "", cancel);

    public static bool Is(string folder) => File.Exists(Path.Combine(folder, Name));

    public static void Remove(string folder) => File.Delete(Path.Combine(folder, Name));
}
