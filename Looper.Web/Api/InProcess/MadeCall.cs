using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Serving;

namespace Looper.Web.Api.InProcess;

/// <summary>A decision that an app made, as it came in: the call and its answer together. Checked as far as that needs no decision point.</summary>
internal ref struct MadeCall
{
    public ReadOnlySpan<byte> Point, Unit, Id;

    /// <summary>JSON; empty when none was sent.</summary>
    public ReadOnlySpan<byte> Context;

    /// <summary>JSON.</summary>
    public ReadOnlySpan<byte> Decision;

    /// <summary>Empty outside of an experiment.</summary>
    public ReadOnlySpan<byte> Experiment, Arm;

    public DateTimeOffset? Time;
    public int Version;
    public double Propensity;
    public Reason Reason;

    /// <summary>0 without one.</summary>
    public int Model;

    public ImmutableArray<double> Scores;

    /// <summary>One of several in a body. Lets an exception for bad JSON through: it costs them all.</summary>
    /// <param name="reader">Stands on the first token; on the last afterwards, unless there is a fault.</param>
    /// <param name="json">The whole body.</param>
    public static DataFault? Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out MadeCall call)
    {
        var read = new MadeCall { Scores = [] };
        call = read;
        try
        {
            if (reader.TokenType != JsonTokenType.StartObject) return new(422, "request.invalid", "A decision that was made is an object with decisionPoint, decisionId, unit, time, decision and the rest of its answer.");
            var depth = reader.CurrentDepth;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ReadField(ref reader, json, depth, ref read) is { } fault) return fault;
            }
            call = read;
            return read.Missing;
        }
        catch (InvalidOperationException fault) // a text that is none
        {
            return DataJson.Malformed(fault);
        }
    }

    private readonly DataFault? Missing =>
        Point.IsEmpty ? DataFault.Invalid("decisionPoint", "this is missing: name the decision point.")
        : Id.IsEmpty ? DataFault.Invalid("decisionId", "this is missing: give the id that the decision was drawn with.")
        : Unit.IsEmpty ? DataFault.Invalid("unit", "this is missing: say for whom it was decided.")
        : Time is null ? DataFault.Invalid("time", "this is missing: say when it was decided, such as 2026-05-04T12:30:00Z.")
        : Version == 0 ? DataFault.Invalid("blueprintVersion", "this is missing: give the version that decided.")
        : Decision.IsEmpty ? DataFault.Invalid("decision", "this is missing: give what was answered.")
        : Propensity == 0 ? DataFault.Invalid("propensity", "this is missing: give the probability that the answer was drawn with.")
        : Reason == default ? DataFault.Invalid("reason", "this is missing: give the reason of the answer.")
        : Experiment.IsEmpty != Arm.IsEmpty ? DataFault.Invalid(Arm.IsEmpty ? "arm" : "experiment", "this is missing: name both experiment and arm, or neither.")
        : Experiment.IsEmpty && Reason is Reason.Experiment or Reason.Override ? DataFault.Invalid("experiment", $"this is missing: the reason '{Reason.Word()}' is that of an experiment's arm. Name both.")
        : null;

    private static DataFault? ReadField(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int depth, scoped ref MadeCall call)
    {
        if (Is(ref reader, "decisionPoint"u8)) return DataJson.Text(ref reader, "decisionPoint", DataJson.MaxText, out call.Point);
        if (Is(ref reader, "unit"u8)) return DataJson.Text(ref reader, "unit", DataJson.MaxUnit, out call.Unit);
        if (Is(ref reader, "decisionId"u8)) return DataJson.Text(ref reader, "decisionId", DataJson.MaxId, out call.Id);
        if (Is(ref reader, "time"u8)) return MadeValues.Time(ref reader, out call.Time);
        if (Is(ref reader, "blueprintVersion"u8)) return MadeValues.Count(ref reader, "blueprintVersion", out call.Version);
        if (Is(ref reader, "propensity"u8)) return MadeValues.Propensity(ref reader, out call.Propensity);
        if (Is(ref reader, "reason"u8)) return MadeValues.Reason(ref reader, out call.Reason);
        if (Is(ref reader, "modelVersion"u8)) return MadeValues.CountOrNone(ref reader, "modelVersion", out call.Model);
        if (Is(ref reader, "experiment"u8)) return MadeValues.TextOrNone(ref reader, "experiment", out call.Experiment);
        if (Is(ref reader, "arm"u8)) return MadeValues.TextOrNone(ref reader, "arm", out call.Arm);
        if (Is(ref reader, "scores"u8)) return MadeValues.Scores(ref reader, out call.Scores);
        if (Is(ref reader, "decision"u8)) return Slice(ref reader, json, depth, "decision", out call.Decision);
        if (Is(ref reader, "context"u8)) return Slice(ref reader, json, depth, "context", out call.Context);
        reader.Read();
        return DataJson.Skip(ref reader, "request", depth);
    }

    // Goes on to the value where it is the field.
    private static bool Is(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueTextEquals(name) && reader.Read();

    private static DataFault? Slice(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int depth, string field, out ReadOnlySpan<byte> slice)
    {
        var start = (int)reader.TokenStartIndex;
        var fault = DataJson.Skip(ref reader, field, depth);
        slice = json[start..(int)reader.BytesConsumed];
        return fault;
    }
}
