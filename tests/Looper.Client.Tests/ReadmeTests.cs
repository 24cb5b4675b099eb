using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Looper.InProcess;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Looper.Client.Tests;

/// <summary>What the READMEs of the client and of deciding in process show is so.</summary>
public sealed partial class ReadmeTests
{
    private const string Around = """
        global using System; global using System.Collections.Generic; global using System.Threading.Tasks;
        static void Show(string option) => Console.WriteLine(option);
        var key = "lpr_…";
        """;

    private const string Client = "README.md", InProcess = "Looper.InProcess/README.md";

    [Theory, InlineData(Client, 2), InlineData(InProcess, 1)]
    public void Its_code_compiles_without_a_warning(string readme, int count)
    {
        var blocks = Code().Matches(Text(readme)).Select(m => m.Groups[1].Value).ToArray();
        Assert.Equal(count, blocks.Length);
        var lines = string.Join('\n', blocks).Split('\n').ToLookup(l => l.StartsWith("using ", StringComparison.Ordinal));
        var (around, usings) = (Around.Split('\n', 2), string.Join('\n', lines[true]));
        var code = string.Join('\n', around[0], usings, around[1], string.Join('\n', lines[false]));
        var libraries = Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "System*.dll").Where(f => !f.Contains(".Native", StringComparison.Ordinal))
            .Append(typeof(LooperClient).Assembly.Location).Append(typeof(InProcessLooper).Assembly.Location).Select(f => MetadataReference.CreateFromFile(f));
        var compiled = CSharpCompilation.Create("readme", [CSharpSyntaxTree.ParseText(code)], libraries, new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)).Emit(Stream.Null);
        Assert.True(compiled.Diagnostics.All(d => d.Severity < DiagnosticSeverity.Warning), $"{string.Join('\n', compiled.Diagnostics)}\n{code}");
    }

    [Fact]
    public void Its_tables_name_every_option_and_every_reason()
    {
        Assert.All(typeof(LooperClientOptions).GetProperties(), p => Assert.Contains($"| `{p.Name}` |", Text(Client), StringComparison.Ordinal));
        Assert.All(typeof(FallbackReason).GetFields(), f => Assert.Contains($"| `{f.GetRawConstantValue()}` |", Text(Client), StringComparison.Ordinal));
        Assert.All(typeof(InProcessOptions).GetProperties(), p => Assert.Contains($"| `{p.Name}` |", Text(InProcess), StringComparison.Ordinal));
    }

    private static string Text(string readme) => File.ReadAllText(Path.Combine(Root(), "clients", "dotnet", readme));

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Looper.sln"))) at = at.Parent ?? throw new InvalidOperationException("Looper.sln is in no folder above the tests.");
        return at.FullName;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();
}
