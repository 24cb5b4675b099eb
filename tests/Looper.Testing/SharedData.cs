namespace Looper.Testing;

/// <summary>Reference data that stands beside the repository, where it does.</summary>
public static class SharedData
{
    public const string Absent = "The reference data (../shared/data, or LOOPER_SHARED_DATA) is not here.";

    private static readonly string? Root = Find();

    public static bool IsHere => Root is not null;

    /// <summary>Full path of a file below the data folder.</summary>
    /// <exception cref="DirectoryNotFoundException">The data is not here: ask <see cref="IsHere"/> first and skip.</exception>
    public static string File(params ReadOnlySpan<string> parts) =>
        Path.Combine([Root ?? throw new DirectoryNotFoundException(Absent), .. parts]);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("LOOPER_SHARED_DATA") is { Length: > 0 } named) return Directory.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!System.IO.File.Exists(Path.Combine(folder.FullName, "Looper.sln"))) continue;
            var data = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data"));
            return Directory.Exists(data) ? data : null;
        }

        return null;
    }
}
