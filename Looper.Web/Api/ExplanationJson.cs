using System.Text.Json;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Serving.Explanations;

namespace Looper.Web.Api;

/// <summary>The explanation of an answer, made from its record, as JSON.</summary>
internal static class ExplanationJson
{
    public static void Write(Utf8JsonWriter json, DecisionRecord record, DecisionPointSnapshot point)
    {
        var made = DecisionExplanation.Of(point, new(
            record.BlueprintVersion, record.ExperimentId, record.Arm, record.Reason, record.Option, record.Served, record.Candidates, record.Scores));
        json.WriteStartObject("explanation"u8);
        json.WriteString("rule"u8, made.Rule);
        json.WriteString("because"u8, made.Because);
        if (made.Outcomes.IsDefault) json.WriteNull("outcomes"u8);
        else
        {
            json.WriteStartArray("outcomes"u8);
            foreach (var outcome in made.Outcomes) Write(json, outcome);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, OutcomeExplanation outcome)
    {
        var margin = outcome.Margin;
        json.WriteStartObject();
        json.WriteString("outcome"u8, outcome.Outcome);
        json.WriteNumber("modelVersion"u8, outcome.ModelNumber);
        json.WriteNumber("weight"u8, outcome.Weight);
        WriteFinite(json, "prediction"u8, margin.Prediction);
        json.WriteString("scale"u8, margin.Scale switch { MarginScale.LogOdds => "log-odds", MarginScale.Log => "log", _ => "value" });
        json.WriteString("method"u8, margin.IsExact ? "exact" : "sampled");
        WriteFinite(json, "base"u8, margin.Base);
        WriteFinite(json, "score"u8, margin.Score);
        json.WriteStartArray("contributions"u8);
        foreach (var contribution in outcome.Contributions)
        {
            json.WriteStartObject();
            json.WriteString("feature"u8, contribution.Feature);
            WriteFinite(json, "contribution"u8, contribution.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFinite(Utf8JsonWriter json, ReadOnlySpan<byte> name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
