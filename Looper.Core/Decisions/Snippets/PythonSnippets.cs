using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Looper.Core.Decisions.Snippets;

internal static class PythonSnippets
{
    public static ImmutableArray<Snippet> Blocks(SnippetCall call) =>
    [
        new("Decide, with your default when Looper does not answer", $$"""
            import json, os, urllib.request

            def looper(path, body):
                request = urllib.request.Request("{{call.Address}}" + path, json.dumps(body).encode(),
                    {"X-Api-Key": os.environ["LOOPER_API_KEY"], "Content-Type": "application/json"})
                with urllib.request.urlopen(request, timeout=1) as answer:
                    return json.load(answer)

            decision, decision_id = {{SnippetCall.Python(call.Default)}}, None
            try:
                answer = looper("/v1/decisions", {{SnippetCall.Python(call.Decide())}})
                decision, decision_id = {{(call.IsRanking ? "[c[\"id\"] for c in answer[\"ranking\"]]" : "answer[\"decision\"]")}}, answer["decisionId"]
            except OSError:
                pass  # the default above stands
            print(decision)
            """),
        new($"Report an outcome of {call.Reported}", $$"""
            if decision_id:
                looper("/v1/observations", {"decisionId": decision_id, {{(call.IsRanking ? "\"candidate\": decision[0], " : "")}}"outcomes": {{SnippetCall.Python(call.Outcomes)}}})
            """),
        new($"Report an outcome of one {call.UnitName}", $$"""
            looper("/v1/observations", {{SnippetCall.Python(new JsonObject { ["unit"] = call.Unit, ["outcomes"] = call.Outcomes })}})
            """),
        new("Decide many at once", $$"""
            print(looper("/v1/decisions/batch", {{SnippetCall.Python(new JsonObject { ["items"] = new JsonArray(call.Decide(), call.Decide()) })}}))
            """),
    ];
}
