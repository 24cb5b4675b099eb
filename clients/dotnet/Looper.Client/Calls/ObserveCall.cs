using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Client.Calls;

/// <summary>One observation as it is kept and sent, byte for byte the same however often: its id makes sending again harmless.</summary>
internal sealed record ObserveCall(string? DecisionId, string? Unit, string? Candidate, object Outcomes, DateTimeOffset Time)
{
    /// <summary>What Looper takes of a single observe call.</summary>
    private const int MostBytes = 64 * 1024;

    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions s_values = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Throws whatever the outcomes throw, and where there are none.</summary>
    public byte[] ToJson(Guid observationId)
    {
        var to = new BoundedBuffer(MostBytes);
        using var json = new Utf8JsonWriter(to, s_writing);
        json.WriteStartObject();
        json.WriteString("observationId"u8, observationId);
        if (DecisionId is not null) json.WriteString("decisionId"u8, DecisionId);
        if (Unit is not null) json.WriteString("unit"u8, Unit);
        if (Candidate is not null) json.WriteString("candidate"u8, Candidate);
        json.WriteString("time"u8, Time.UtcDateTime);
        json.WritePropertyName("outcomes"u8);
        json.WriteRawValue(Written(Outcomes).Span, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        var line = to.Written.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' '); // one observation, one line of the spool, whatever a converter writes between values
        return line;
    }

    private static ReadOnlyMemory<byte> Written(object outcomes)
    {
        var to = new BoundedBuffer(MostBytes);
        using (var json = new Utf8JsonWriter(to, s_writing)) JsonSerializer.Serialize(json, outcomes, outcomes.GetType(), s_values);
        var reader = new Utf8JsonReader(to.Written.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new InvalidOperationException("they are no object with a value for each outcome");
        var count = 0;
        for (; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; count++)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Number)) throw new InvalidOperationException($"the value of '{name}' is neither true, false nor a number");
        }
        return count > 0 ? to.Written : throw new InvalidOperationException("there is none");
    }
}
