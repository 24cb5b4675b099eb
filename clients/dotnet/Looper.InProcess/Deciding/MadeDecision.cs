using System.Text.Json;
using Looper.Client.Calls;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Made = Looper.Core.Serving.Decision;

namespace Looper.InProcess.Deciding;

/// <summary>A decision as Looper is told of it: what the call and the answer would have been, together. Byte for byte the same however often it is sent.</summary>
internal readonly ref struct MadeDecision(string point, string id, string unit, DateTimeOffset time, ReadOnlySpan<byte> context, in Made made)
{
    private const int MostBytes = SentValues.MostBytes + (64 * 1_024); // the answer around a context as large as Looper takes

    private readonly string _point = point, _id = id, _unit = unit;
    private readonly DateTimeOffset _time = time;
    private readonly ReadOnlySpan<byte> _context = context;
    private readonly Made _made = made;

    /// <param name="scores">One per option, or one for a value; empty where no model scored.</param>
    public byte[] ToJson(ReadOnlySpan<double> scores)
    {
        var to = new BoundedBuffer(MostBytes);
        using (var json = new Utf8JsonWriter(to, SentValues.Writing))
        {
            json.WriteStartObject();
            json.WriteString("decisionPoint"u8, _point);
            json.WriteString("decisionId"u8, _id);
            json.WriteString("unit"u8, _unit);
            json.WriteString("time"u8, _time.UtcDateTime);
            if (!_context.IsEmpty)
            {
                json.WritePropertyName("context"u8);
                json.WriteRawValue(_context, skipInputValidation: true);
            }
            json.WriteNumber("blueprintVersion"u8, _made.Blueprint!.Version);
            json.WritePropertyName("decision"u8);
            WriteAnswer(json, _made);
            json.WriteNumber("propensity"u8, _made.Propensity);
            json.WriteString("reason"u8, _made.Reason.Word());
            json.WriteString("experiment"u8, _made.Experiment?.Key);
            json.WriteString("arm"u8, _made.Experiment?.ArmKey(_made.Arm));
            if (_made.ModelNumber > 0) json.WriteNumber("modelVersion"u8, _made.ModelNumber);
            else json.WriteNull("modelVersion"u8);
            WriteScores(json, scores);
            json.WriteEndObject();
        }
        return to.Written.ToArray();
    }

    /// <summary>What was decided, as an answer of Looper has it.</summary>
    public static void WriteAnswer(Utf8JsonWriter json, in Made made)
    {
        var (answer, answers) = (made.Answer, made.Blueprint!.Answers);
        if (answer.Configuration is { } configuration) json.WriteRawValue(configuration.Utf8.Span, skipInputValidation: true);
        else if (answer.Option < 0) json.WriteNumberValue(answer.Value);
        else if (answers.Shape == DecisionShape.Binary) json.WriteBooleanValue(answer.Option == 1);
        else json.WriteStringValue(answers.Options[answer.Option]);
    }

    // JSON has no word for a number that is none, and Looper needs them for nothing but to show them.
    private static void WriteScores(Utf8JsonWriter json, ReadOnlySpan<double> scores)
    {
        foreach (var score in scores)
        {
            if (!double.IsFinite(score)) return;
        }
        if (scores.IsEmpty) return;
        json.WriteStartArray("scores"u8);
        foreach (var score in scores) json.WriteNumberValue(score);
        json.WriteEndArray();
    }
}
