using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Looper.Web.Api;

/// <summary>One call and its answer per data route, as the document shows them. A test sends every one.</summary>
internal static class DataExamples
{
    private const string Decide = """
        { "decisionPoint": "checkout-banner", "unit": "user-42", "decisionId": "order-981",
          "context": { "country": "NL", "cartValue": 83.5, "device": { "os": "ios" } } }
        """;

    private const string Decided = """
        { "decisionId": "order-981", "decision": "free-shipping", "propensity": 0.62, "reason": "policy", "arm": "treatment",
          "experiment": "banner-q4", "blueprintVersion": 7, "modelVersion": 31, "isDefault": false }
        """;

    private const string Made = """
        { "decisionPoint": "checkout-banner", "decisionId": "order-982", "unit": "user-43", "time": "2026-05-04T12:30:00Z", "context": { "country": "NL", "cartValue": 83.5 },
          "blueprintVersion": 1, "decision": "free-shipping", "propensity": 0.62, "reason": "policy" }
        """;

    private const string Observe = """
        { "decisionId": "order-981", "observationId": "receipt-5521", "outcomes": { "purchase": true, "revenue": 24.9 }, "time": "2026-05-04T12:30:00Z" }
        """;

    private const string Unknown = """
        { "type": "https://www.rfc-editor.org/rfc/rfc9110#status.422", "title": "Unprocessable Entity", "status": 422,
          "detail": "There is no outcome 'purchse'. Did you mean 'purchase'?", "code": "outcome.unknown", "field": "outcomes.purchse" }
        """;

    public static void AddTo(string operation, OpenApiOperation description)
    {
        if (operation == "snapshot") return; // bytes
        var (request, answer, status) = operation switch
        {
            "decide" => (Decide, Decided, "200"),
            "decideBatch" => ($"{{ \"items\": [ {Decide} ] }}", $"{{ \"items\": [ {{ \"status\": 200, \"result\": {Decided} }} ] }}", "200"),
            "decisionsMade" => ($"{{ \"items\": [ {Made} ] }}", """{ "items": [ { "status": 202 } ] }""", "200"),
            "observe" => (Observe, """{ "accepted": 2 }""", "202"),
            _ => ($"{{ \"items\": [ {Observe} ] }}", $"{{ \"items\": [ {{ \"status\": 202, \"accepted\": 2 }}, {{ \"status\": 422, \"problem\": {Unknown} }} ] }}", "200"),
        };
        Set(description.RequestBody?.Content, "application/json", request);
        Set(description.Responses?[status].Content, "application/json", answer);
        Set(description.Responses?["422"].Content, "application/problem+json", Unknown);
    }

    private static void Set(IDictionary<string, OpenApiMediaType>? content, string type, string example)
    {
        if (content is not null && content.TryGetValue(type, out var media)) media.Example = JsonNode.Parse(example);
    }
}
