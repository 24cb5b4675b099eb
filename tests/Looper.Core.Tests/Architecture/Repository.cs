namespace Looper.Core.Tests.Architecture;

/// <summary>The source tree the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Files that people write, relative to the root: nothing that is built, generated or fetched.</summary>
    public static IEnumerable<string> Sources(params string[] extensions) => Directory.EnumerateFiles(Root, "*.*", SearchOption.AllDirectories)
        .Where(f => extensions.Contains(Path.GetExtension(f)))
        .Select(f => Path.GetRelativePath(Root, f))
        .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "artifacts" or "obj" or "bin" or "node_modules" or "Migrations" or "lib" or "_framework" || part.StartsWith('.')));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Looper.sln"))) return folder.FullName;
        throw new InvalidOperationException("Looper.sln is in no folder above the tests.");
    }
}
