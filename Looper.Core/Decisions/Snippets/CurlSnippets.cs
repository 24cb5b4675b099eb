using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Looper.Core.Decisions.Snippets;

internal static class CurlSnippets
{
    public static ImmutableArray<Snippet> Blocks(SnippetCall call)
    {
        string Post(string path, JsonNode body, string limit = "") =>
            $"curl -s{limit} \"{call.Address}{path}\" -H \"X-Api-Key: $LOOPER_API_KEY\" -H \"Content-Type: application/json\" -d '{SnippetCall.Json(body).Replace("'", "'\\''", StringComparison.Ordinal)}'";
        string Id(string place) => $"{place}-{call.Key}"; // ids are the installation's: those of another decision point must be others
        var observe = new JsonObject { ["decisionId"] = Id("first") };
        if (call.IsRanking) observe["candidate"] = "a";
        observe["outcomes"] = call.Outcomes;
        var byUnit = new JsonObject { ["unit"] = call.Unit, ["outcomes"] = call.Outcomes };
        var batch = new JsonObject { ["items"] = new JsonArray(call.Decide(Id("second")), call.Decide(Id("third"))) };
        var answer = SnippetCall.Json(new JsonObject { [call.IsRanking ? "ranking" : "decision"] = call.IsRanking ? new JsonArray([.. call.Default.AsArray().Select(id => new JsonObject { ["id"] = id!.DeepClone() })]) : call.Default, ["isDefault"] = true }).Replace("'", "'\\''", StringComparison.Ordinal);
        return
        [
            new("Decide", Post("/v1/decisions", call.Decide(Id("first")))),
            new($"Report an outcome of {call.Reported}", Post("/v1/observations", observe)),
            new($"Report an outcome of one {call.UnitName}", Post("/v1/observations", byUnit)),
            new("Decide many at once", Post("/v1/decisions/batch", batch)),
            new("When Looper does not answer", Post("/v1/decisions", call.Decide(), " --fail --max-time 1") + $" || echo '{answer}'"),
        ];
    }
}
