using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Looper.Core.Decisions.Snippets;

internal static class JavaScriptSnippets
{
    public static ImmutableArray<Snippet> Blocks(SnippetCall call) =>
    [
        new("Decide, with your default when Looper does not answer", $$"""
            const looper = (path, body) => fetch("{{call.Address}}" + path, {
              method: "POST",
              headers: { "X-Api-Key": process.env.LOOPER_API_KEY, "Content-Type": "application/json" },
              body: JSON.stringify(body),
              signal: AbortSignal.timeout(1000),
            });

            let decision = {{SnippetCall.Json(call.Default)}}, decisionId = null;
            try {
              const asked = await looper("/v1/decisions", {{SnippetCall.Json(call.Decide())}});
              {{(call.IsRanking
                ? "if (asked.ok) { const answer = await asked.json(); decisionId = answer.decisionId; decision = answer.ranking.map((candidate) => candidate.id); }"
                : "if (asked.ok) ({ decision, decisionId } = await asked.json());")}}
            } catch {
              // the default above stands
            }
            console.log(decision);
            """),
        new($"Report an outcome of {call.Reported}", $$"""
            if (decisionId) await looper("/v1/observations", { decisionId, {{(call.IsRanking ? "candidate: decision[0], " : "")}}outcomes: {{SnippetCall.Json(call.Outcomes)}} });
            """),
        new($"Report an outcome of one {call.UnitName}", $$"""
            await looper("/v1/observations", {{SnippetCall.Json(new JsonObject { ["unit"] = call.Unit, ["outcomes"] = call.Outcomes })}});
            """),
        new("Decide many at once", $$"""
            const many = await looper("/v1/decisions/batch", {{SnippetCall.Json(new JsonObject { ["items"] = new JsonArray(call.Decide(), call.Decide()) })}});
            console.log(await many.json());
            """),
    ];
}
