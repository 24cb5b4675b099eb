using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.Snippets;

/// <summary>What every language fills in: names of this decision point, and values that show the type.</summary>
internal sealed class SnippetCall(string address, string key, BlueprintContent content)
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Address => address;
    public string Key => key;
    public string UnitName => content.UnitName;
    public string Unit => $"{content.UnitName.Replace(' ', '-')}-42";

    public bool IsRanking => content.Shape == DecisionShape.Ranking;

    /// <summary>Of what outcomes are reported, after the words "Report an outcome of".</summary>
    public string Reported => IsRanking ? "one of its candidates" : "that decision";

    /// <summary>The default as JSON: <c>"none"</c>, <c>false</c>, <c>3.5</c>, an object, or ids in the order that was sent.</summary>
    public JsonNode Default => content.Shape switch
    {
        DecisionShape.Binary => JsonValue.Create(content.Default == "true"),
        DecisionShape.Value when double.TryParse(content.Default, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        DecisionShape.Configuration when Configuration.Read(content.Default) is not null => JsonNode.Parse(content.Default)!,
        DecisionShape.Ranking => new JsonArray("a", "b", "c"),
        var shape when shape.TakesCandidates() => JsonValue.Create("a"),
        _ => JsonValue.Create(content.Default),
    };

    public JsonObject Context => Values(content.Features);

    /// <summary>Null where the decision point takes none.</summary>
    public JsonArray? Candidates => content.Shape.TakesCandidates() ? new([.. "abc".Select(id => (JsonNode)new JsonObject { ["id"] = id.ToString(), ["features"] = Values(content.CandidateFeatures) })]) : null;

    private static JsonObject Values(IEnumerable<Feature> features)
    {
        var context = new JsonObject();
        foreach (var feature in features.Where(f => f.Derived is null))
        {
            var (at, parts) = (context, feature.Name.Split('.'));
            foreach (var part in parts[..^1]) at = (JsonObject)(at[part] ??= new JsonObject());
            at[parts[^1]] = Value(feature);
        }
        return context;
    }

    public JsonObject Outcomes
    {
        get
        {
            var goal = content.Goal.Terms.Select(t => t.Outcome).Concat(content.Outcomes.Select(o => o.Name)).FirstOrDefault() ?? "outcome";
            var outcome = content.Outcomes.FirstOrDefault(o => o.Name == goal);
            return new() { [goal] = outcome?.Kind == OutcomeKind.Number ? 24.9 : 1 };
        }
    }

    public JsonObject Decide(string? decisionId = null)
    {
        var body = new JsonObject { ["decisionPoint"] = key, ["unit"] = Unit, ["context"] = Context };
        if (Candidates is { } candidates) body["candidates"] = candidates;
        if (decisionId is not null) body["decisionId"] = decisionId;
        return body;
    }

    public static string Json(JsonNode node) => node.ToJsonString(s_json);

    /// <summary>As Python writes a dictionary.</summary>
    public static string Python(JsonNode node) => node switch
    {
        JsonObject o => "{" + string.Join(", ", o.Select(p => $"{Json(JsonValue.Create(p.Key)!)}: {Python(p.Value!)}")) + "}",
        JsonArray a => "[" + string.Join(", ", a.Select(i => Python(i!))) + "]",
        _ when node.GetValueKind() == JsonValueKind.True => "True",
        _ when node.GetValueKind() == JsonValueKind.False => "False",
        _ => Json(node),
    };

    private static JsonNode Value(Feature feature) => feature.Kind switch
    {
        FeatureKind.Number => JsonValue.Create(3),
        FeatureKind.Boolean => JsonValue.Create(true),
        FeatureKind.Time => JsonValue.Create("2026-05-04T12:30:00Z"),
        FeatureKind.Tags => new JsonArray("example", "other"),
        FeatureKind.Vector => new JsonArray([.. Enumerable.Range(0, feature.Dimension ?? 0).Select(i => (JsonNode)JsonValue.Create(Math.Round(0.1 * (1 + i % 9), 1)))]),
        _ => JsonValue.Create("example"),
    };
}
