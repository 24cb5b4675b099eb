namespace Looper.Core.Tests.Architecture;

public class FileSizeTests(ITestOutputHelper output)
{
    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var files = Directory.EnumerateFiles(Repository.Root, "*.*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".cs" or ".razor" or ".css" or ".js")
            .Select(f => Path.GetRelativePath(Repository.Root, f))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(part => part is "artifacts" or "obj" or "bin" or "node_modules" or "Migrations" or "lib" or "_framework" || part.StartsWith('.')))
            .Select(f => (File: f, Lines: File.ReadLines(Path.Combine(Repository.Root, f)).Count()))
            .OrderBy(f => f.Lines).ToList();
        output.WriteLine($"{files.Count} files, median {files[files.Count / 2].Lines}, 95th percentile {files[files.Count * 95 / 100].Lines}, longest {files[^1]}");
        Assert.True(files.Count > 0);
        Assert.DoesNotContain(files, f => f.Lines > 400);
    }
}
