using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Snippets;
using Looper.Core.Events;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Looper.Web.Tests.Decisions;

/// <summary>The code that the console shows for a decision point does what it says when it is pasted: for every shape, with awkward names, each language on one server.</summary>
public sealed class SnippetsTests(SnippetsTests.Shop shop) : IClassFixture<SnippetsTests.Shop>
{
    private static readonly string[] s_shapes = ["binary", "choice", "value", "pick", "ranking", "configuration"];

    private static readonly string Client = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Looper.Client", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Looper.Client.dll"));

    private static string Sources => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Client)!, "..", "..", "..", ".."));

    private static readonly Dictionary<string, string[]> s_answers = new()
    {
        ["binary"] = ["true", "false"], ["choice"] = ["variant-a", "variant-b", "none"], ["value"] = ["0"], ["pick"] = ["a", "b", "c"], ["ranking"] = ["a", "b", "c"], ["configuration"] = ["threshold"],
    };

    [Fact]
    public Task Csharp_compiles_without_a_warning_and_runs() => RunAsync("csharp", "dotnet", async (shape, code, folder) =>
    {
        var program = Path.Combine(folder, shape + ".dll");
        Compile(shape, code, program);
        await RunnableAsync(program);
        return program;
    }, decisions: 3);

    [Fact]
    public Task Csharp_runs_through_the_client() => RunAsync("csharp-client", "dotnet", async (shape, code, folder) =>
    {
        var program = Path.Combine(folder, $"client-{shape}.dll");
        Compile("client-" + shape, code, program, Client);
        File.Copy(Client, Path.Combine(folder, Path.GetFileName(Client)), overwrite: true);
        await RunnableAsync(program);
        return program;
    }, decisions: 1);

    [Fact]
    public Task JavaScript_runs_through_the_client() => RunAsync("javascript-client", "node", (shape, code, folder) =>
    {
        var packages = Directory.CreateDirectory(Path.Combine(folder, "node_modules")).FullName;
        if (!Directory.Exists(Path.Combine(packages, "looper-client"))) Directory.CreateSymbolicLink(Path.Combine(packages, "looper-client"), Path.Combine(Sources, "clients", "javascript"));
        return WrittenAsync(folder, shape + ".mjs", code);
    }, decisions: 1);

    [Fact]
    public Task JavaScript_runs() => RunAsync("javascript", "node", (shape, code, folder) => WrittenAsync(folder, shape + ".mjs", code), decisions: 3);

    [Fact]
    public Task Python_runs() => RunAsync("python", "python3", (shape, code, folder) => WrittenAsync(folder, shape + ".py", code), decisions: 3);

    [Fact]
    public Task Curl_runs() => RunAsync("curl", "curl", (shape, code, folder) => WrittenAsync(folder, shape + ".sh", code.Replace("\n\n", "; echo\n")), decisions: 4, with: "sh");

    [Fact]
    public async Task The_calls_of_Personalizer_run_where_the_decision_point_picks()
    {
        SkipWithout("curl");
        using var folder = new TemporaryDirectory();
        Assert.All(DraftTemplates.All.Where(t => t.Content.Shape != DecisionShape.Pick), t => Assert.Empty(PersonalizerSnippets.Of(shop.Address, "other", t.Content)));
        var blocks = PersonalizerSnippets.Of(shop.Address, "pick-point", shop.Pick);
        var before = await shop.CountAsync("pick");
        var output = await OutputAsync("sh", await WrittenAsync(folder.Path, "personalizer.sh", string.Join("; echo\n", blocks.Select(b => b.Code))));
        Assert.Contains("\"eventId\":\"event-pick-point\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"error\"", output, StringComparison.Ordinal);
        var after = await shop.CountAsync("pick");
        Assert.Equal((1, 1), (after.Decisions - before.Decisions, after.Observations - before.Observations));
        var weighed = shop.Pick with { Goal = new() { Terms = [new("a"), new("b")] } };
        Assert.Equal(["Rank"], PersonalizerSnippets.Of(shop.Address, "pick-point", weighed).Select(b => b.Title));
    }

    [Theory, InlineData("javascript", "node"), InlineData("python", "python3"), InlineData("curl", "curl")]
    public async Task Without_a_server_the_default_stands(string language, string program)
    {
        SkipWithout(program);
        using var folder = new TemporaryDirectory();
        var shown = await shop.ShownAsync(language, "choice");
        var code = (language == "curl" ? shown[^1] : shown[0]).Replace(shop.Address, "http://127.0.0.1:9");
        var file = await WrittenAsync(folder.Path, "alone.mjs", code);
        Assert.Contains("none", await OutputAsync(language == "curl" ? "sh" : program, file), StringComparison.Ordinal);
    }

    /// <param name="write">Makes a file of the blocks read as one program.</param>
    /// <param name="decisions">That one program makes.</param>
    private async Task RunAsync(string language, string program, Func<string, string, string, Task<string>> write, int decisions, string? with = null)
    {
        SkipWithout(program);
        using var folder = new TemporaryDirectory();
        foreach (var shape in s_shapes)
        {
            var before = await shop.CountAsync(shape);
            var output = await OutputAsync(with ?? program, await write(shape, Patient(string.Join("\n\n", await shop.ShownAsync(language, shape))), folder.Path));
            Assert.True(s_answers[shape].Any(a => output.Contains(a, StringComparison.OrdinalIgnoreCase)), $"{shape}: {output}");
            Assert.DoesNotContain("problem", output, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\"detail\"", output, StringComparison.Ordinal);
            var after = await shop.CountAsync(shape);
            Assert.Equal((shape, decisions, 2), (shape, after.Decisions - before.Decisions, after.Observations - before.Observations)); // one of a decision, one of a unit
        }
    }

    // A second is much in a shop and little on busy cores, where the default would stand and nothing be logged.
    private static string Patient(string code) => code.Replace("budget: 250", "budget: 60000", StringComparison.Ordinal).Replace("FromMilliseconds(250)", "FromSeconds(60)", StringComparison.Ordinal).Replace("AbortSignal.timeout(1000)", "AbortSignal.timeout(60000)", StringComparison.Ordinal)
        .Replace("Timeout = TimeSpan.FromSeconds(1)", "Timeout = TimeSpan.FromSeconds(60)", StringComparison.Ordinal)
        .Replace("timeout=1)", "timeout=60)", StringComparison.Ordinal).Replace("--max-time 1", "--max-time 60", StringComparison.Ordinal);

    private async Task<string> OutputAsync(string program, string file)
    {
        var start = new ProcessStartInfo(program, [file]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LOOPER_API_KEY"] = shop.Key;
        using var run = Process.Start(start)!;
        var (output, error) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        await run.WaitForExitAsync();
        Assert.True(run.ExitCode == 0, $"{Path.GetFileName(file)}: {await error}{await output}");
        return await output;
    }

    /// <summary>As a new console project would: with the usual namespaces, nullable references and every warning.</summary>
    private static void Compile(string shape, string code, string to, params string[] more)
    {
        const string usual = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
        var libraries = Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "System*.dll").Where(f => !f.Contains(".Native", StringComparison.Ordinal)).Concat(more).Select(f => MetadataReference.CreateFromFile(f));
        var compiled = CSharpCompilation.Create(shape, [CSharpSyntaxTree.ParseText(usual), CSharpSyntaxTree.ParseText(code)], libraries,
            new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)).Emit(to);
        Assert.True(compiled.Diagnostics.All(d => d.Severity < DiagnosticSeverity.Warning), $"{shape}:\n{string.Join('\n', compiled.Diagnostics)}\n{code}");
    }

    private static Task RunnableAsync(string program) => File.WriteAllTextAsync(Path.ChangeExtension(program, ".runtimeconfig.json"),
        new JsonObject { ["runtimeOptions"] = new JsonObject { ["framework"] = new JsonObject { ["name"] = "Microsoft.NETCore.App", ["version"] = Environment.Version.ToString(3) } } }.ToJsonString());

    private static async Task<string> WrittenAsync(string folder, string name, string code)
    {
        var file = Path.Combine(folder, name);
        await File.WriteAllTextAsync(file, code);
        return file;
    }

    private static void SkipWithout(string program) =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, program))), $"{program} is not installed here.");

    /// <summary>One server that other programs can call, with a decision point of each shape.</summary>
    public sealed class Shop : IAsyncLifetime
    {
        private readonly LooperApp _looper = new(listens: true);
        private HttpClient _reader = null!;

        public string Key { get; private set; } = "";

        /// <summary>Of the decision point that picks.</summary>
        public BlueprintContent Pick { get; private set; } = null!;

        public string Address => _reader.BaseAddress!.ToString().TrimEnd('/');

        public async ValueTask InitializeAsync()
        {
            Key = await _looper.KeyAsync();
            _reader = await _looper.SignedInAsync();
            ImmutableArray<Feature> features =
            [
                new("country", FeatureKind.Category), new("cart.value", FeatureKind.Number), new("isMember", FeatureKind.Boolean), new("sentAt", FeatureKind.Time),
                new("customer's \"topics\"", FeatureKind.Tags), new("taste", FeatureKind.Vector) { Dimension = 3 },
            ];
            foreach (var template in DraftTemplates.All)
            {
                var content = template.Content;
                ImmutableArray<Feature> candidates = content.Shape.TakesCandidates() ? [new("price", FeatureKind.Number), new("brand", FeatureKind.Category)] : [];
                var published = content with { Features = features, CandidateFeatures = candidates, UnitName = "dealer's \"$HOME\" \\ `id`" };
                if (content.Shape == DecisionShape.Pick) Pick = published;
                await _looper.PublishAsync(KeyOf(content.Shape), published);
            }
        }

        /// <summary>Blocks of code as the console shows them.</summary>
        public async Task<string[]> ShownAsync(string language, string shape)
        {
            var sets = (await _reader.GetFromJsonAsync<JsonArray>($"/api/decision-points/{shape}-point/snippets?language={language}"))!;
            return [.. sets.Single()!["blocks"]!.AsArray().Select(b => b!["code"]!.ToString())];
        }

        public async Task<(int Decisions, int Observations)> CountAsync(string shape)
        {
            var point = _looper.Get<Core.Serving.DecisionEngine>().Current.Find($"{shape}-point")!.Id;
            var decisions = (await _looper.Get<EventReader>().DecisionsAsync(new(point), null, 100, default)).Items.Count;
            var observations = (await _looper.Get<EventReader>().ObservationsAsync(new(), null, 1_000, default)).Items.Count;
            return (decisions, observations);
        }

        public ValueTask DisposeAsync() => _looper.DisposeAsync();

        private static string KeyOf(DecisionShape shape) => $"{shape.ToString().ToLowerInvariant()}-point";
    }
}
