using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>An observe call: one record per outcome value.</summary>
internal static class ObservationCall
{
    /// <param name="json">Valid UTF-8.</param>
    public static DataFault? Read(ReadOnlySpan<byte> json, DataRoutes data, ApiKeyGrant grant, ReportableOutcomes outcomes, out ObservationRecord[] records)
    {
        records = [];
        var now = data.Clock.GetUtcNow();
        ReadOnlySpan<byte> decisionId = default, unit = default, candidate = default, observationId = default;
        DateTimeOffset? time = null;
        List<ObservedValue>? values = null;
        try
        {
            var reader = new Utf8JsonReader(json, DataJson.Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) return new(422, "request.invalid", "An observe call is an object with decisionId or unit, and outcomes.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                DataFault? fault;
                if (reader.ValueTextEquals("decisionId"u8)) fault = Optional(ref reader, "decisionId", DataJson.MaxId, out decisionId);
                else if (reader.ValueTextEquals("unit"u8)) fault = Optional(ref reader, "unit", DataJson.MaxUnit, out unit);
                else if (reader.ValueTextEquals("candidate"u8)) fault = Optional(ref reader, "candidate", DataJson.MaxId, out candidate);
                else if (reader.ValueTextEquals("observationId"u8)) fault = Optional(ref reader, "observationId", DataJson.MaxId, out observationId);
                else if (reader.ValueTextEquals("time"u8)) fault = Time(ref reader, out time);
                else if (reader.ValueTextEquals("outcomes"u8)) fault = ObservedValue.ReadAll(ref reader, outcomes, out values);
                else fault = reader.Read() ? DataJson.Skip(ref reader, "request", depth: 0) : null;
                if (fault is not null) return fault;
            }
            reader.Read(); // nothing may follow
        }
        catch (Exception fault) when (DataJson.IsBadInput(fault))
        {
            return DataJson.Malformed(fault);
        }
        if (decisionId.IsEmpty == unit.IsEmpty) return DataFault.Invalid("decisionId", "name either the decision or the unit, and not both.");
        if (!candidate.IsEmpty && decisionId.IsEmpty) return DataFault.Invalid("candidate", "a candidate belongs to a decision. Name the decision instead of the unit, or leave the candidate out.");
        if (values is not { Count: > 0 }) return DataFault.Invalid("outcomes", "give at least one outcome with its value.");
        if (!unit.IsEmpty && values.Find(v => v.IsShared).Outcome is { } shared) return DataFault.Shared(shared); // it would count wherever the unit was decided for
        records = Records(decisionId, unit, candidate, observationId, time, values, data, grant, now);
        return null;
    }

    /// <summary>
    /// Ids, so that the same call twice counts once: the caller's observation id and the place among the call's outcomes by name, so
    /// that another call under that id meets its first record whatever it reports; else a hash of decision, candidate, outcome, value and time;
    /// else, for a unit with no time, an id of our own, since the same amount may come again tomorrow and mean another sale.
    /// </summary>
    private static ObservationRecord[] Records(
        ReadOnlySpan<byte> decisionId, ReadOnlySpan<byte> unit, ReadOnlySpan<byte> candidate, ReadOnlySpan<byte> observationId, DateTimeOffset? time, List<ObservedValue> values,
        DataRoutes data, ApiKeyGrant grant, DateTimeOffset now)
    {
        var subject = Encoding.UTF8.GetString(decisionId.IsEmpty ? unit : decisionId);
        var isDecision = !decisionId.IsEmpty;
        var chosen = candidate.IsEmpty ? null : Encoding.UTF8.GetString(candidate);
        var of = chosen is null ? subject : $"{subject}\0{chosen}";
        var given = observationId.IsEmpty ? null : Encoding.UTF8.GetString(observationId);
        values.Sort(static (a, b) => string.CompareOrdinal(a.Outcome, b.Outcome));
        string Content(ObservedValue value) => string.Create(CultureInfo.InvariantCulture,
            $"{(isDecision ? chosen is null ? "d" : "c" : "u")}\0{of}\0{value.Outcome}\0{value.Value:R}\0{time?.UtcTicks}");
        var whole = given is null ? "" : string.Join("\0\0", values.Select(Content));
        var records = new ObservationRecord[values.Count];
        for (var i = 0; i < records.Length; i++)
        {
            var content = given is null ? Content(values[i]) : whole;
            records[i] = new()
            {
                Id = given is not null ? string.Create(CultureInfo.InvariantCulture, $"{given}/{i}")
                    : isDecision || time is not null ? "#" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, isDecision ? 8 : 16))
                    : data.Ids.Next().ToString(),
                DecisionId = isDecision ? subject : null,
                Unit = isDecision ? null : subject,
                Candidate = chosen,
                Outcome = values[i].Outcome,
                Value = values[i].Value,
                Time = time is { } said && said <= now ? said : now,
                ReceivedAt = now,
                Marks = values[i].IsSimulated ? RecordMarks.Simulated : RecordMarks.None,
                RequestHash = Assignment.Hash(Encoding.UTF8.GetBytes(content), 0),
                MayConcern = grant.LimitedTo,
            };
        }
        return records;
    }

    private static DataFault? Optional(scoped ref Utf8JsonReader reader, string field, int limit, out ReadOnlySpan<byte> utf8)
    {
        reader.Read();
        utf8 = default;
        return reader.TokenType == JsonTokenType.Null ? null : DataJson.Text(ref reader, field, limit, out utf8);
    }

    private static DataFault? Time(ref Utf8JsonReader reader, out DateTimeOffset? time)
    {
        reader.Read();
        time = null;
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (ZonedTime.TryRead(ref reader, out var said))
        {
            time = said.ToUniversalTime();
            return null;
        }
        return DataFault.Invalid("time", "this must be a time such as 2026-05-04T12:30:00Z.");
    }
}
