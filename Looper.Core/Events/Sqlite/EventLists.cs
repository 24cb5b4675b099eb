using System.Globalization;
using System.Text.Json;
using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Single events and pages of events, for people.</summary>
internal static class EventLists
{
    /// <summary>The decisions whose numbers are in the JSON array <c>?5</c>; more conditions may follow.</summary>
    public const string Numbered = $"SELECT {EventRows.Decision} FROM decisions WHERE seq IN (SELECT value FROM json_each(?5))";

    private const int MostRows = 20_000;
    private static readonly TimeSpan s_longestWindow = TimeSpan.FromDays(180);

    public static DecisionRecord? Find(SqliteConnection connection, string id, CorruptRecords corrupt)
    {
        if (id.Length is 0 or > EventKey.MaxCharacters) return null;
        using var find = new Statement(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE id = ?1").Bind(0, Key(id));
        var record = find.Step() ? EventRows.ReadDecision(find, PointTable.Read(connection), corrupt) : null;
        find.Reset();
        return record;
    }

    public static List<DecisionRecord>[] Alike(SqliteConnection connection, Guid decisionPointId, IReadOnlyList<string> ids, int bytes, CorruptRecords corrupt)
    {
        var points = PointTable.Read(connection);
        var all = new List<DecisionRecord>[ids.Count];
        Span<byte> first = stackalloc byte[16], last = stackalloc byte[16];
        using var find = new Statement(connection, $"SELECT {EventRows.Decision} FROM decisions WHERE id BETWEEN ?1 AND ?2 AND +point = ?3");
        for (var i = 0; i < all.Length; i++)
        {
            Guid.Parse(ids[i]).TryWriteBytes(first, bigEndian: true, out _);
            first.CopyTo(last);
            first[bytes..].Clear();
            last[bytes..].Fill(byte.MaxValue);
            all[i] = [];
            for (find.Bind(0, first).Bind(1, last).Bind(2, points.NumberOf(decisionPointId) ?? 0); find.Step();)
            {
                if (EventRows.ReadDecision(find, points, corrupt) is { } record) all[i].Add(record);
            }
        }
        return all;
    }

    public static DecisionTrail? FindTrail(SqliteConnection connection, string id, CorruptRecords corrupt)
    {
        if (Find(connection, id, corrupt) is not { } decision) return null;
        var observations = new List<ObservationRecord>();
        using (var rows = new Statement(connection, $"SELECT {EventRows.Observation} FROM observations WHERE decision = ?1").Bind(0, Key(id)))
            Collect(rows, observations, corrupt);
        using (var rows = new Statement(connection, $"SELECT {EventRows.Observation} FROM observations WHERE unit = ?1 AND time BETWEEN ?2 AND ?3")
            .Bind(0, UnitHash.Of(decision.Unit)).Bind(1, decision.Time.UtcTicks).Bind(2, (decision.Time + s_longestWindow).UtcTicks))
        {
            Collect(rows, observations, corrupt, decision.Unit);
        }
        return new(decision, [.. observations.OrderBy(o => o.Time).ThenBy(o => o.ReceivedAt)]);
    }

    public static EventPage<DecisionRecord> Decisions(SqliteConnection connection, DecisionFilter filter, string? after, int take, CorruptRecords corrupt)
    {
        var points = PointTable.Read(connection);
        var (time, seq) = Place(after);
        if (filter.Unit?.Length > UnitHash.MaxCharacters) return new([], null);
        // The unary plus keeps the planner from the index, since a point has many.
        using var rows = new Statement(connection, filter.Unit is null
            ? $"SELECT {EventRows.Decision} FROM decisions WHERE point = ?1 AND (time, seq) < (?2, ?3) AND time >= ?4 ORDER BY time DESC, seq DESC"
            : $"{Numbered} AND +point = ?1 AND (+time, +seq) < (?2, ?3) AND +time >= ?4 ORDER BY +time DESC, seq DESC");
        rows.Bind(0, points.NumberOf(filter.DecisionPointId) ?? 0).Bind(1, Math.Min(time, (filter.Until?.UtcTicks - 1) ?? long.MaxValue)).Bind(3, filter.From?.UtcTicks ?? 0);
        rows.Bind(2, filter.Until is { } until && time >= until.UtcTicks ? long.MaxValue : seq);
        if (filter.Unit is not null) rows.BindText(4, OfUnit(connection, UnitHash.Of(filter.Unit)));
        return Page(rows, take, 3, () => EventRows.ReadDecision(rows, points, corrupt), d => Fits(d, filter));
    }

    public static EventPage<ObservationRecord> Observations(SqliteConnection connection, ObservationFilter filter, string? after, int take, CorruptRecords corrupt)
    {
        var (_, seq) = Place(after);
        if (filter.Unit?.Length > UnitHash.MaxCharacters || filter.DecisionId?.Length > EventKey.MaxCharacters) return new([], null);
        using var rows = new Statement(connection, $"""
            SELECT {EventRows.Observation} FROM observations
            WHERE seq < ?1 {(filter.DecisionId is null ? "" : "AND decision = ?2")} {(filter.Unit is null ? "" : "AND unit = ?3")} ORDER BY seq DESC
            """);
        rows.Bind(0, seq);
        if (filter.DecisionId is { } decisionId) rows.Bind(1, Key(decisionId));
        if (filter.Unit is { } unit) rows.Bind(2, UnitHash.Of(unit));
        return Page(rows, take, 4, () => EventRows.ReadObservation(rows, corrupt),
            o => (filter.Unit is null || o.Unit == filter.Unit) && (filter.Outcomes is null || filter.Outcomes.Contains(o.Outcome)));
    }

    /// <summary>The numbers of the decisions whose unit has this hash, as a JSON array: those of a few others may be among them.</summary>
    public static byte[] OfUnit(SqliteConnection connection, long unit) => JsonSerializer.SerializeToUtf8Bytes(UnitEras.Find(connection, unit));

    private static bool Fits(DecisionRecord decision, DecisionFilter filter) =>
        (filter.Unit is null || decision.Unit == filter.Unit)
        && (filter.Options is null || (filter.Options.TryGetValue(decision.BlueprintVersion, out var option) && decision.Option == option))
        && (filter.Reason is null || decision.Reason == filter.Reason)
        && (filter.ExperimentId is null || decision.ExperimentId == filter.ExperimentId)
        && (filter.BlueprintVersion is null || decision.BlueprintVersion == filter.BlueprintVersion);

    private static EventPage<T> Page<T>(Statement rows, int take, int timeColumn, Func<T?> read, Func<T, bool> fits) where T : class
    {
        var items = new List<T>(take);
        string? last = null;
        for (var seen = 0; rows.Step(); seen++)
        {
            if (items.Count == take || seen == MostRows)
            {
                rows.Reset();
                return new(items, last);
            }
            last = string.Create(CultureInfo.InvariantCulture, $"{rows.Int64(timeColumn):x}-{rows.Int64(0):x}");
            if (read() is { } item && fits(item)) items.Add(item);
        }
        return new(items, null);
    }

    private static (long Time, long Seq) Place(string? after)
    {
        if (after?.Split('-') is [var time, var seq]
            && long.TryParse(time, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var t)
            && long.TryParse(seq, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var s))
        {
            return (t, s);
        }
        return (long.MaxValue, long.MaxValue);
    }

    private static void Collect(Statement rows, List<ObservationRecord> into, CorruptRecords corrupt, string? unit = null)
    {
        while (rows.Step())
        {
            if (EventRows.ReadObservation(rows, corrupt) is { } record && record.Unit == unit) into.Add(record);
        }
    }

    private static EventKey Key(string id) => EventKey.Of(id, new byte[EventKey.MaxBytes]);
}
