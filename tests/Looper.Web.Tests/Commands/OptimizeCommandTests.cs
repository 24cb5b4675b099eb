using System.Text;
using System.Text.Json.Nodes;
using Looper.Web.Commands.Optimize;

namespace Looper.Web.Tests.Commands;

public class OptimizeCommandTests
{
    private const string Space = """
        { "parameters": [ { "name": "x", "type": "real", "low": 0.01, "high": 100, "log": true }, { "name": "n", "type": "int", "low": 0, "high": 9 },
                          { "name": "kind", "type": "category", "values": ["a", true, 3] } ],
          "goals": [ { "metric": "loss", "direction": "minimize" } ], "constraints": [ { "metric": "cost", "type": "<=", "bound": 5 } ], "comment": "mine" }
        """;

    [Fact]
    public async Task Asks_hears_and_ends_with_the_best()
    {
        var lines = await TalkAsync(Space, 30, 1, ask =>
        {
            var (x, n) = ((double)ask["parameters"]!["x"]!, (int)ask["parameters"]!["n"]!);
            return Tell(ask, $$$"""{"loss":{"mean":{{{Math.Pow(Math.Log10(x) - 1, 2) + 0.1 * Math.Abs(n - 7)}}},"sem":0},"cost":{"mean":{{{n}}},"sem":0}}""");
        });
        Assert.Equal(31, lines.Count);
        Assert.Equal(Enumerable.Range(1, 30), lines.Take(30).Select(l => (int)l["ask"]!["trial"]!));
        Assert.All(lines.Take(30), l => Assert.Contains(l["ask"]!["parameters"]!["kind"]!.ToJsonString(), (string[])["\"a\"", "true", "3"]));
        var best = lines[^1]["best"]!;
        Assert.Equal(5, (int)best["parameters"]!["n"]!);
        Assert.InRange((double)best["parameters"]!["x"]!, 5, 20);
        Assert.Equal(lines[(int)best["trial"]! - 1]["ask"]!["parameters"]!.ToJsonString(), best["parameters"]!.ToJsonString());
        Assert.InRange((double)best["predicted"]!["loss"]!["mean"]!, 0.2, 0.35);
    }

    [Fact]
    public async Task A_batch_is_asked_at_once_and_several_goals_end_in_a_front()
    {
        var space = """{"parameters":[{"name":"x","type":"real","low":0,"high":1}],"goals":[{"metric":"up","direction":"maximize"},{"metric":"down","direction":"minimize"}]}""";
        var lines = await TalkAsync(space, 12, 4, ask =>
        {
            var x = (double)ask["parameters"]!["x"]!;
            return Tell(ask, $$"""{"up":{{x}},"down":{{x * x}}}""");
        });
        Assert.Equal(13, lines.Count);
        Assert.NotEmpty(lines[^1]["front"]!.AsArray());
    }

    [Fact]
    public async Task A_lost_trial_and_an_input_that_ends_still_give_the_best_of_the_rest()
    {
        var told = 0;
        var lines = await TalkAsync(Space, 20, 1, ask => ++told > 8 ? "" : told % 2 == 0 ? $$$"""{"tell":{"trial":{{{ask["trial"]}}},"failed":true}}""" : Tell(ask, """{"loss":1,"cost":1}"""));
        Assert.NotNull(lines[^1]["best"]!["trial"]);
        Assert.Null((await TalkAsync(Space, 6, 1, ask => $$$"""{"tell":{"trial":{{{ask["trial"]}}},"failed":true}}"""))[^1]["best"]);
    }

    [Theory]
    [InlineData("{", "--space, line 1: not JSON.")]
    [InlineData("""{"parameters":[{"name":"x","type":"real","low":2,"high":1}],"goals":[]}""", "parameters[0].low: 'x': the smallest value (2) must be below the largest (1). Swap them.")]
    [InlineData("""{"parameters":[{"name":"x","type":"real","low":0,"high":1}],"goals":[]}""", "goals: 0 goals; give one to three.")]
    [InlineData("""{"parameters":[{"name":"x","type":"float","low":0,"high":1}]}""", "parameters[0].type: 'float' is none of real, int, category.")]
    [InlineData("""{"parameters":[{"name":"x","type":"real","low":"0","high":1}]}""", "parameters[0].low: a number is missing.")]
    [InlineData("""{"parameters":[{"name":"x","type":"real","low":0,"high":1}],"goals":[{"metric":"y","direction":"down"}]}""", "goals[0].direction: 'down' is none of minimize, maximize.")]
    [InlineData("""{"parameters":[{"name":"x","type":"real","low":0,"high":1}],"goals":[{"metric":"y","direction":"minimize"}],"statusQuo":{"x":2}}""", "statusQuo: 'x' is 2; give a number from 0 to 1.")]
    [InlineData("""{"parameters":[{"name":"x","type":"real","low":0,"high":1}],"goals":[{"metric":"y","direction":"minimize"}],"statusQuo":{"x":0.5,"x":0.6}}""", "statusQuo: 'x' is there twice. Give it once.")]
    [InlineData("""{"parameters":[{"name":"\ud83d","type":"real","low":0,"high":1}]}""", "--space: a text in it holds half of a character")]
    public void A_space_that_is_none_is_refused_with_its_field(string text, string reason) =>
        Assert.StartsWith(reason, Assert.Throws<OptimizeFault>(() => OptimizeSpace.Read(text, 1)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("hello", "Input line 1: not JSON.")]
    [InlineData("""{"told":{}}""", "Input line 1: no {\"tell\":{…}}.")]
    [InlineData("""{"tell":{"trial":2,"failed":true}}""", "Input line 1: tell.trial: 2 has not been asked for.")]
    [InlineData("""{"tell":{"trial":1,"metrics":{"loss":1}}}""", "Input line 1: tell.metrics.cost: it is missing; a trial without it is \"failed\":true.")]
    [InlineData("""{"tell":{"trial":1,"metrics":{"loss":{"mean":null},"cost":1}}}""", "Input line 1: tell.metrics.loss.mean: a number is missing; a trial without one is \"failed\":true.")]
    [InlineData("""{"tell":{"trial":1,"metrics":{"loss":{"mean":1,"sem":-1},"cost":1}}}""", "Input line 1: tell.metrics.loss.sem: give 0 or more, or leave it out.")]
    public async Task A_line_that_tells_nothing_is_refused_with_its_number(string line, string reason) =>
        Assert.Equal(reason, (await Assert.ThrowsAsync<OptimizeFault>(() => TalkAsync(Space, 3, 1, _ => line))).Message);

    private static string Tell(JsonNode ask, string metrics) => $$$"""{"tell":{"trial":{{{ask["trial"]}}},"metrics":{{{metrics}}}}}""";

    private static async Task<List<JsonNode>> TalkAsync(string space, int trials, int batch, Func<JsonNode, string> answer)
    {
        var talk = new Talk(answer, batch);
        await new OptimizeLoop(OptimizeSpace.Read(space, 1), talk.Reader, talk, TextWriter.Null).RunAsync(trials, batch, TestContext.Current.CancellationToken);
        return talk.Lines;
    }

    /// <summary>The other side: answers each ask once the whole batch is there; an empty answer ends the input.</summary>
    private sealed class Talk(Func<JsonNode, string> answer, int batch) : TextWriter
    {
        private readonly List<JsonNode> _asked = [];
        private readonly Queue<string> _told = new();

        public List<JsonNode> Lines { get; } = [];

        public TextReader Reader => new Told(this);

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default)
        {
            var line = JsonNode.Parse(buffer.ToString())!;
            Lines.Add(line);
            if (line["ask"] is { } ask) _asked.Add(ask);
            if (_asked.Count < batch) return Task.CompletedTask;
            foreach (var asked in Enumerable.Reverse(_asked)) _told.Enqueue(answer(asked)); // in any order
            _asked.Clear();
            return Task.CompletedTask;
        }

        private sealed class Told(Talk talk) : TextReader
        {
            public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
                new(talk._told.TryDequeue(out var line) && line.Length > 0 ? line : null);
        }
    }
}
