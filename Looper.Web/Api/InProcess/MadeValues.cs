using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Serving;

namespace Looper.Web.Api.InProcess;

/// <summary>The values of an answer that an app gave.</summary>
internal static class MadeValues
{
    private static readonly string s_reasons = string.Join(", ", ReasonWords.All.Select(r => r.Word()));

    public static DataFault? Time(ref Utf8JsonReader reader, out DateTimeOffset? time)
    {
        var isTime = ZonedTime.TryRead(ref reader, out var said);
        time = said.ToUniversalTime();
        return isTime ? null : DataFault.Invalid("time", "this must be a time such as 2026-05-04T12:30:00Z.");
    }

    public static DataFault? Count(ref Utf8JsonReader reader, string field, out int count)
    {
        count = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out count) && count > 0 ? null : DataFault.Invalid(field, "this must be a whole number from 1 on.");
    }

    public static DataFault? CountOrNone(ref Utf8JsonReader reader, string field, out int count)
    {
        count = 0;
        return reader.TokenType == JsonTokenType.Null ? null : Count(ref reader, field, out count);
    }

    public static DataFault? Propensity(ref Utf8JsonReader reader, out double propensity)
    {
        propensity = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out propensity) && propensity is > 0 and <= 1 ? null
            : DataFault.Invalid("propensity", "this must be a number above 0 and at most 1: the probability that the answer was drawn with.");
    }

    public static DataFault? Reason(ref Utf8JsonReader reader, out Reason reason)
    {
        reason = default;
        if (reader.TokenType == JsonTokenType.String)
        {
            foreach (var known in ReasonWords.All)
            {
                if (reader.ValueTextEquals(known.Word())) reason = known;
            }
        }
        return reason != default ? null : DataFault.Invalid("reason", $"this must be one of {s_reasons}.");
    }

    public static DataFault? TextOrNone(scoped ref Utf8JsonReader reader, string field, out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        return reader.TokenType == JsonTokenType.Null ? null : DataJson.Text(ref reader, field, DataJson.MaxText, out utf8);
    }

    public static DataFault? Scores(ref Utf8JsonReader reader, out ImmutableArray<double> scores)
    {
        scores = [];
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartArray) return BadScores;
        var read = ImmutableArray.CreateBuilder<double>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (read.Count == DecisionWorkspace.MaxOptions || reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var score) || !double.IsFinite(score)) return BadScores;
            read.Add(score);
        }
        scores = read.ToImmutable();
        return null;
    }

    private static DataFault BadScores => DataFault.Invalid("scores", $"this must be a list of at most {DecisionWorkspace.MaxOptions} numbers; leave it out where no model scored.");
}
