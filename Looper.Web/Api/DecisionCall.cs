using System.Text.Json;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>A decide call as it came in: slices of the body, checked but not interpreted.</summary>
internal ref struct DecisionCall
{
    public ReadOnlySpan<byte> Point;
    public ReadOnlySpan<byte> Unit;

    /// <summary>Empty when the caller leaves the id to us.</summary>
    public ReadOnlySpan<byte> Id;

    /// <summary>JSON; empty when none was sent.</summary>
    public ReadOnlySpan<byte> Context;

    /// <summary>What was read of the context on the way; null when it was only passed over.</summary>
    public FlatContext? ReadContext;

    /// <summary>JSON array; empty when none were sent.</summary>
    public ReadOnlySpan<byte> Candidates;

    /// <summary>The answer is to say why it came out so.</summary>
    public bool Explain;

    /// <summary>What is wrong with the candidates: of no matter where the decision point takes none.</summary>
    public DataFault? CandidatesFault;

    /// <param name="json">Valid UTF-8.</param>
    public static DataFault? Read(ReadOnlySpan<byte> json, out DecisionCall call)
    {
        if (FlatCall.TryRead(json, out call)) return null;
        var read = default(DecisionCall);
        call = read;
        try
        {
            var reader = new Utf8JsonReader(json, DataJson.Options);
            reader.Read();
            if (ReadFields(ref reader, json, ref read) is { } fault) return fault;
            reader.Read(); // nothing may follow
            call = read;
        }
        catch (Exception fault) when (DataJson.IsBadInput(fault))
        {
            return DataJson.Malformed(fault);
        }
        return call.Missing;
    }

    /// <summary>One of several in a body. Lets an exception for bad JSON through: it costs them all.</summary>
    /// <param name="reader">Stands on the call's first token; on its last afterwards, unless there is a fault.</param>
    /// <param name="json">The whole body.</param>
    public static DataFault? Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, out DecisionCall call)
    {
        var read = default(DecisionCall);
        call = read;
        try
        {
            if (ReadFields(ref reader, json, ref read) is { } fault) return fault;
            call = read;
            return read.Missing;
        }
        catch (InvalidOperationException fault) // a text that is none
        {
            return DataJson.Malformed(fault);
        }
    }

    private readonly DataFault? Missing => Point.IsEmpty ? DataFault.Invalid("decisionPoint", "this is missing: name the decision point.")
        : Unit.IsEmpty ? DataFault.Invalid("unit", "this is missing: say for whom to decide.") : null;

    private static DataFault? ReadFields(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, scoped ref DecisionCall call)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return new(422, "request.invalid", "A decide call is an object with decisionPoint, unit and context.");
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ReadField(ref reader, json, depth, ref call) is { } fault) return fault;
        }
        return null;
    }

    private static DataFault? ReadField(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int depth, scoped ref DecisionCall call)
    {
        if (reader.ValueTextEquals("decisionPoint"u8)) return reader.Read() ? DataJson.Text(ref reader, "decisionPoint", DataJson.MaxText, out call.Point) : null;
        if (reader.ValueTextEquals("unit"u8)) return reader.Read() ? DataJson.Text(ref reader, "unit", DataJson.MaxUnit, out call.Unit) : null;
        if (reader.ValueTextEquals("decisionId"u8))
        {
            reader.Read();
            call.Id = default;
            return reader.TokenType == JsonTokenType.Null ? null : DataJson.Text(ref reader, "decisionId", DataJson.MaxId, out call.Id);
        }
        if (reader.ValueTextEquals("explain"u8))
        {
            reader.Read();
            call.Explain = reader.TokenType == JsonTokenType.True;
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null ? null : DataFault.Invalid("explain", "this must be true or false.");
        }
        if (reader.ValueTextEquals("candidates"u8))
        {
            reader.Read();
            call.CandidatesFault = CandidateList.Check(reader, depth);
            var isNull = reader.TokenType == JsonTokenType.Null;
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            call.Candidates = isNull ? default : json[from..(int)reader.BytesConsumed];
            return null;
        }
        var isContext = reader.ValueTextEquals("context"u8);
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        var fault = DataJson.Skip(ref reader, isContext ? "context" : "request", depth);
        if (isContext) call.Context = json[start..(int)reader.BytesConsumed];
        return fault;
    }
}
