using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.Snippets;

/// <summary>The calls that an app written for Azure Personalizer makes of a decision point that picks from a list.</summary>
public static class PersonalizerSnippets
{
    /// <param name="address">Where the app reaches Looper, without a slash at the end.</param>
    /// <returns>Empty where the decision point does not pick; without a reward where its goal could not take one.</returns>
    public static ImmutableArray<Snippet> Of(string address, string key, BlueprintContent content)
    {
        if (content.Shape != DecisionShape.Pick) return [];
        var call = new SnippetCall(Endpoint(address, key), key, content);
        var eventId = $"event-{call.Key}";
        var actions = call.Candidates!.Select(c => (JsonNode)new JsonObject { ["id"] = c!["id"]!.DeepClone(), ["features"] = new JsonArray(c["features"]!.DeepClone()) });
        var rank = new Snippet("Rank", Post(call, "rank", new JsonObject { ["eventId"] = eventId, ["contextFeatures"] = new JsonArray(call.Context), ["actions"] = new JsonArray([.. actions]) }));
        return content.Goal.Terms is [var term] && content.Outcomes.Any(o => o.Name == term.Outcome && o.Better == Direction.Higher)
            ? [rank, new("Reward", Post(call, $"events/{eventId}/reward", new JsonObject { ["value"] = 1 }))]
            : [rank];
    }

    /// <summary>What the app's library takes as its endpoint, whichever decision points its key may use.</summary>
    public static string Endpoint(string address, string key) => $"{address.TrimEnd('/')}/personalizer/{key}";

    private static string Post(SnippetCall call, string path, JsonNode body) =>
        $"curl -s \"{call.Address}/personalizer/v1.0/{path}\" -H \"Ocp-Apim-Subscription-Key: $LOOPER_API_KEY\" -H \"Content-Type: application/json\" -d '{SnippetCall.Json(body).Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
