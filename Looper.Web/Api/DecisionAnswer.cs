using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Web.Api;

/// <summary>Whether an answer says why it came out so.</summary>
internal enum Explaining : byte
{
    No,
    Asked,

    /// <summary>Asked for, but the batch has had as many as one call gets.</summary>
    OverLimit,
}

/// <summary>The answer of a decide call. Written from the record alone, so a stored decision reads as it did the first time.</summary>
internal readonly record struct DecisionAnswer(DecisionRecord Record, DecisionPointSnapshot Point, bool IsRecorded, bool IsReplay, Explaining Explaining = Explaining.No)
{
    private readonly ServedCandidates? _candidates = ServedCandidates.Read(Record.Candidates);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("decisionId"u8, Record.Id);
        json.WritePropertyName("decision"u8);
        WriteDecision(json);
        WriteRanking(json);
        if (double.IsFinite(Record.Propensity)) json.WriteNumber("propensity"u8, Record.Propensity);
        else json.WriteNull("propensity"u8);
        json.WriteString("reason"u8, Record.Reason.Word());
        var (experiment, arm) = Names();
        json.WriteString("arm"u8, arm);
        json.WriteString("experiment"u8, experiment);
        json.WriteNumber("blueprintVersion"u8, Record.BlueprintVersion);
        if (Record.ModelNumber > 0) json.WriteNumber("modelVersion"u8, Record.ModelNumber);
        else json.WriteNull("modelVersion"u8);
        json.WriteBoolean("isDefault"u8, (Record.Marks & RecordMarks.Default) != 0);
        if (!IsRecorded) json.WriteBoolean("recorded"u8, false);
        if (Explaining == Explaining.Asked) ExplanationJson.Write(json, Record, Point);
        else if (Explaining == Explaining.OverLimit) json.WriteNull("explanation"u8);
        json.WriteEndObject();
    }

    private void WriteRanking(Utf8JsonWriter json)
    {
        if (_candidates is not { } candidates) return;
        json.WriteStartArray("ranking"u8);
        for (var place = 0; place < candidates.Count; place++)
        {
            var candidate = candidates.At(place);
            json.WriteStartObject();
            json.WriteString("id"u8, candidates.Id(candidate));
            if (candidate < Record.Scores.Length) json.WriteNumber("score"u8, Record.Scores[candidate]);
            else json.WriteNull("score"u8);
            if (place < candidates.Drawn) json.WriteNumber("propensity"u8, candidates.Propensity(place));
            else json.WriteNull("propensity"u8);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteDecision(Utf8JsonWriter json)
    {
        if (_candidates is { Count: > 0 } candidates)
        {
            json.WriteStringValue(candidates.Id(candidates.At(0)));
            return;
        }
        if (!Record.Configuration.IsEmpty)
        {
            json.WriteRawValue(Record.Configuration.Span);
            return;
        }
        if (Record.Option < 0)
        {
            if (double.IsFinite(Record.Value)) json.WriteNumberValue(Record.Value);
            else json.WriteNullValue();
            return;
        }
        var (shape, options) = Words();
        if (Record.Option >= options.Length) json.WriteNullValue();
        else if (shape == DecisionShape.Binary) json.WriteBooleanValue(Record.Option == 1);
        else json.WriteStringValue(options[Record.Option]);
    }

    /// <summary>The words of the version that decided.</summary>
    public (DecisionShape Shape, System.Collections.Immutable.ImmutableArray<string> Options) Words()
    {
        if (Point.Current is { } current && current.Version == Record.BlueprintVersion) return (current.Answers.Shape, current.Answers.Options);
        foreach (var words in Point.Versions)
        {
            if (words.Version == Record.BlueprintVersion) return (words.Shape, words.Options);
        }
        return (DecisionShape.Choice, []);
    }

    /// <summary>The keys of the experiment that covered the unit and of its arm; null outside.</summary>
    public (string? Experiment, string? Arm) Names()
    {
        if (Record.ExperimentId is not { } id) return default;
        foreach (var experiment in Point.KnownExperiments)
        {
            if (experiment.Id == id) return (experiment.Key, Record.Arm >= 0 && Record.Arm < experiment.Arms.Length ? experiment.Arms[Record.Arm].Key : null);
        }
        return default;
    }
}
