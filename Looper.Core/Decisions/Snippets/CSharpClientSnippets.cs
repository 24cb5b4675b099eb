using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Looper.Core.Decisions.Snippets;

/// <summary>The calls through the client of <c>clients/dotnet</c>.</summary>
internal static class CSharpClientSnippets
{
    public static ImmutableArray<Snippet> Blocks(SnippetCall call) =>
    [
        new("Make one client for the whole process", $$"""
            using System.Text.Json.Nodes;
            using Looper.Client;

            // The key is read from LOOPER_API_KEY.
            await using var looper = new LooperClient(new() { Url = "{{call.Address}}", Budget = TimeSpan.FromMilliseconds(250) });
            """),
        Decide(call),
        Report(call),
        new($"Report an outcome of one {call.UnitName}", $$"""
            looper.ObserveUnit({{SnippetCall.Json(JsonValue.Create(call.Unit))}}, {{Text(call.Outcomes)}});
            """),
    ];

    public static Snippet Decide(SnippetCall call) => new("Decide: within the budget, with your default when Looper does not answer", $$"""
        var decision = await looper.DecideAsync({{SnippetCall.Json(JsonValue.Create(call.Key))}}, {{SnippetCall.Json(JsonValue.Create(call.Unit))}},
            fallback: {{Fallback(call.IsRanking ? call.Default[0]! : call.Default)}}, context: {{Text(call.Context)}}{{(call.Candidates is { } candidates ? $",\n    candidates: [{string.Join(", ", candidates.Select(c => $"new({SnippetCall.Json(c!["id"]!)}, {Text(c["features"]!)})"))}]" : "")}});
        {{(call.IsRanking
        ? $"var order = decision.Ranking?.Select(c => c.Id).ToArray() ?? {SnippetCall.Json(call.Default)};\nConsole.WriteLine(string.Join(\", \", order));"
        : "Console.WriteLine(decision.Value);")}}
        """);

    public static Snippet Report(SnippetCall call) => new($"Report an outcome of {call.Reported}: sent in the background until it is delivered", $$"""
        looper.Observe(decision, {{Text(call.Outcomes)}}{{(call.IsRanking ? ", candidate: order[0]" : "")}});
        """);

    private static string Fallback(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => Text(value),
        JsonValueKind.Number => CSharpSnippets.Real(SnippetCall.Json(value)),
        _ => SnippetCall.Json(value),
    };

    /// <summary>JSON parsed from a raw string reads like what is sent.</summary>
    private static string Text(JsonNode node) => $"JsonNode.Parse(\"\"\"{SnippetCall.Json(node)}\"\"\")!";
}
