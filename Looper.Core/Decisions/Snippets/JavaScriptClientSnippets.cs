using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Looper.Core.Decisions.Snippets;

/// <summary>The calls through the client of <c>clients/javascript</c>.</summary>
internal static class JavaScriptClientSnippets
{
    public static ImmutableArray<Snippet> Blocks(SnippetCall call) =>
    [
        new("Make one client for the whole process", $$"""
            import { LooperClient } from "looper-client";

            const looper = new LooperClient({ url: "{{call.Address}}", budget: 250 }); // milliseconds; the key is read from LOOPER_API_KEY
            """),
        new("Decide: within the budget, with your default when Looper does not answer", $$"""
            const decision = await looper.decide({{SnippetCall.Json(JsonValue.Create(call.Key))}}, {{SnippetCall.Json(JsonValue.Create(call.Unit))}}, {
              context: {{SnippetCall.Json(call.Context)}},{{(call.Candidates is { } candidates ? $"\n  candidates: {SnippetCall.Json(candidates)}," : "")}}
              fallback: {{SnippetCall.Json(call.IsRanking ? call.Default[0]! : call.Default)}},
            });
            {{(call.IsRanking
            ? $"const order = decision.ranking?.map((candidate) => candidate.id) ?? {SnippetCall.Json(call.Default)};\nconsole.log(order);"
            : "console.log(decision.decision);")}}
            """),
        new($"Report an outcome of {call.Reported}: sent in the background until it is delivered", $$"""
            looper.observe(decision, {{SnippetCall.Json(call.Outcomes)}}{{(call.IsRanking ? ", { candidate: order[0] }" : "")}});
            """),
        new($"Report an outcome of one {call.UnitName}", $$"""
            looper.observeUnit({{SnippetCall.Json(JsonValue.Create(call.Unit))}}, {{SnippetCall.Json(call.Outcomes)}});
            """),
        new("Before the process ends, wait for what has not been delivered", """
            await looper.close();
            """),
    ];
}
