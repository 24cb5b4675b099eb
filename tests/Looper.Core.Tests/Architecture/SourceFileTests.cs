using System.Text.RegularExpressions;

namespace Looper.Core.Tests.Architecture;

public partial class SourceFileTests(ITestOutputHelper output)
{
    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var files = Repository.Sources(".cs", ".razor", ".css", ".js").Select(f => (File: f, Lines: File.ReadLines(Path.Combine(Repository.Root, f)).Count())).OrderBy(f => f.Lines).ToList();
        output.WriteLine($"{files.Count} files, median {files[files.Count / 2].Lines}, 95th percentile {files[files.Count * 95 / 100].Lines}, longest {files[^1]}");
        Assert.True(files.Count > 0);
        Assert.DoesNotContain(files, f => f.Lines > 400);
    }

    [Fact] // the one rule of style that is held to: the compiler's own analyzers for it would cost a quarter of a build
    public void Namespaces_are_those_of_their_files() =>
        Assert.DoesNotContain(Repository.Sources(".cs"), f => Block().IsMatch(File.ReadAllText(Path.Combine(Repository.Root, f))));

    [GeneratedRegex(@"^namespace\s[^;]*$", RegexOptions.Multiline)]
    private static partial Regex Block();
}
