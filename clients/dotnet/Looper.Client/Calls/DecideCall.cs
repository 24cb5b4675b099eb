using System.Text.Json;

namespace Looper.Client.Calls;

/// <summary>What is asked.</summary>
internal sealed record DecideCall(string DecisionPoint, string Unit, object? Context, IEnumerable<Candidate>? Candidates, string? DecisionId, bool Explain)
{
    /// <summary>Throws whatever the values throw.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        var to = new BoundedBuffer(SentValues.MostBytes);
        using var json = new Utf8JsonWriter(to, SentValues.Writing);
        json.WriteStartObject();
        json.WriteString("decisionPoint"u8, DecisionPoint);
        json.WriteString("unit"u8, Unit);
        if (DecisionId is not null) json.WriteString("decisionId"u8, DecisionId);
        WriteValue(json, "context", Context);
        if (Candidates is not null) WriteCandidates(json, Candidates);
        if (Explain) json.WriteBoolean("explain"u8, true);
        json.WriteEndObject();
        json.Flush();
        return to.Written;
    }

    private static void WriteCandidates(Utf8JsonWriter json, IEnumerable<Candidate> candidates)
    {
        json.WriteStartArray("candidates"u8);
        foreach (var candidate in candidates)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, candidate.Id);
            WriteValue(json, "features", candidate.Features);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        if (value is null) return;
        json.WritePropertyName(name);
        SentValues.Write(json, value);
    }
}
