using System.Buffers;
using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Events;

namespace Looper.Web.Api.Personalizer;

/// <summary>A reward call, and the observe call that it becomes: of the one outcome that the goal wants more of.</summary>
internal static class Reward
{
    /// <param name="value">JSON of the number.</param>
    public static DataFault? Read(byte[] json, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (DataJson.CheckText(json) is { } unreadable) return unreadable;
        try
        {
            var reader = new Utf8JsonReader(json, DataJson.Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return new(422, "request.invalid", "A reward call is an object with a value, such as {\"value\":1}.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isValue = reader.ValueTextEquals("value"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                if (isValue && reader.TokenType != JsonTokenType.Number) return DataFault.Invalid("value", "this must be a number.");
                if (DataJson.Skip(ref reader, "request", depth: 0) is { } fault) return fault;
                if (isValue) value = json.AsMemory(start..(int)reader.BytesConsumed);
            }
            reader.Read(); // nothing may follow
        }
        catch (Exception fault) when (DataJson.IsBadInput(fault))
        {
            return DataJson.Malformed(fault);
        }
        return value.IsEmpty ? DataFault.Invalid("value", "this is missing: give the reward as a number.") : null;
    }

    /// <summary>Which outcome a reward is: the goal's, where it is one and more of it is better. Of anything else a reward would mean what the app did not say.</summary>
    /// <param name="version">The version that decided.</param>
    public static DataFault? OutcomeOf(string point, RewardedVersion version, string decisionId, out string outcome)
    {
        outcome = "";
        var terms = version.Goal.Terms;
        if (terms is not [var term])
            return Unfit(point, $"weighs {terms.Length} outcomes{(terms.IsEmpty ? "" : $" ({string.Join(", ", terms.Select(t => t.Outcome))})")}, so a reward does not say which of them it is", decisionId);
        if (version.Outcomes.FirstOrDefault(o => o.Name == term.Outcome) is { Better: Direction.Lower })
            return Unfit(point, $"wants less of '{term.Outcome}', and of a reward more is better", decisionId);
        outcome = term.Outcome;
        return null;
    }

    /// <summary>Null where the value fits the outcome as it is here. An observe call takes what fits it at any decision point of the key.</summary>
    public static DataFault? Misfit(RewardedVersion version, ObservationRecord reward) =>
        version.Outcomes.FirstOrDefault(o => o.Name == reward.Outcome) is { } outcome && !ObservedValue.Fits(reward.Value, outcome.Kind)
            ? DataFault.Invalid($"outcomes.{reward.Outcome}", $"this must be {ObservedValue.Expected(outcome.Kind)}.") : null;

    /// <summary>No version of it can be served at all.</summary>
    public static DataFault Unreadable(string point) =>
        new(503, "decision-point.unavailable", $"The published version of '{point}' cannot be read, so nothing was done. Publish a version without this fault.", RetryAfter: 30);

    public static byte[] AsObserveCall(string decisionId, string outcome, ReadOnlyMemory<byte> value)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteString("decisionId"u8, decisionId);
        json.WriteStartObject("outcomes"u8);
        json.WritePropertyName(outcome);
        json.WriteRawValue(value.Span);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>What is said of an observe call, in the words of the reward call that it was made of.</summary>
    public static DataFault InItsWords(DataFault fault, string point, string eventId, string outcome) => fault switch
    {
        { Code: "decision.unknown" } => new(404, "event.unknown", $"There is no event '{eventId}' of '{point}' that this key may report on. Check the id, or use a key that is not limited to decision points.", "eventId"),
        { Code: "request.invalid", Field: { } field } when field.StartsWith("outcomes.", StringComparison.Ordinal) =>
            DataFault.Invalid("value", $"{fault.Reason[(field.Length + 2)..].TrimEnd('.')}, because a reward of '{point}' is its outcome '{outcome}'. For other rewards give the goal an outcome that is a number."),
        _ => fault,
    };

    private static DataFault Unfit(string point, string why, string decisionId) => new(
        422, "goal.unfit", $"The goal of '{point}' {why}. Give it one outcome that it wants more of, or report outcomes by name: POST /v1/observations with the decisionId '{decisionId}'.");
}
