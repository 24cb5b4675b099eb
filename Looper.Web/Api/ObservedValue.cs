using System.Text;
using System.Text.Json;
using Looper.Core.Blueprints;

namespace Looper.Web.Api;

/// <summary>One outcome's value, checked against the outcomes of the decision points that the key may use.</summary>
/// <param name="IsShared">A decision point that the key may not use has the outcome too.</param>
internal readonly record struct ObservedValue(string Outcome, double Value, bool IsSimulated, bool IsShared = false)
{
    public static DataFault? ReadAll(ref Utf8JsonReader reader, ReportableOutcomes outcomes, out List<ObservedValue> values)
    {
        values = [];
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return DataFault.Invalid("outcomes", "this must be an object of outcomes and their values.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (values.Count == DataJson.MaxNames) return DataFault.Invalid("outcomes", $"it holds more than {DataJson.MaxNames} values.");
            if (Read(ref reader, outcomes, out var value) is { } fault) return fault;
            values.RemoveAll(v => v.Outcome == value.Outcome);
            values.Add(value);
        }
        return null;
    }

    private static DataFault? Read(ref Utf8JsonReader reader, ReportableOutcomes outcomes, out ObservedValue value)
    {
        value = default;
        var uses = outcomes.Find(reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan, out var name);
        if (uses.IsEmpty) return outcomes.Unknown(reader.GetString()!);
        reader.Read();
        var (simulated, shared) = (true, false);
        var kinds = 0;
        foreach (var use in uses)
        {
            if (!outcomes.Allows(use))
            {
                shared = true;
                continue;
            }
            simulated &= use.IsSimulated;
            kinds |= 1 << (int)use.Kind;
            if (ValueOf(ref reader, use.Kind) is { } number) value = new(name, number, simulated);
        }
        if (value.Outcome is null) return DataFault.Invalid($"outcomes.{name}", $"this must be {Expected(kinds)}.");
        value = value with { IsSimulated = simulated, IsShared = shared };
        return null;
    }

    private static double? ValueOf(ref Utf8JsonReader reader, OutcomeKind kind)
    {
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            return kind == OutcomeKind.Boolean ? (reader.TokenType == JsonTokenType.True ? 1 : 0) : null;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var number) || !(Math.Abs(number) <= Core.Blueprints.Outcome.MostMagnitude)) return null;
        return Fits(number, kind) ? number + 0.0 : null;
    }

    /// <summary>Whether an outcome of this kind may have the value.</summary>
    internal static bool Fits(double number, OutcomeKind kind) => kind switch
    {
        OutcomeKind.Boolean => number is 0 or 1,
        OutcomeKind.Count => number >= 0 && Math.Truncate(number) == number,
        OutcomeKind.Duration => number >= 0,
        _ => true,
    };

    /// <summary>What a value must be that does not fit.</summary>
    internal static string Expected(OutcomeKind kind) => Expected(1 << (int)kind);

    private static string Expected(int kinds) => string.Join(" or ", Enum.GetValues<OutcomeKind>().Where(k => (kinds & 1 << (int)k) != 0).Select(kind => kind switch
    {
        OutcomeKind.Boolean => "true, false, 1 or 0",
        OutcomeKind.Count => "a whole number between 0 and 1e50",
        OutcomeKind.Duration => "a number of seconds between 0 and 1e50",
        _ => "a number between -1e50 and 1e50",
    }));
}
