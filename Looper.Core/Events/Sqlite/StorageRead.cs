using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Measures the journal's files.</summary>
internal static class StorageRead
{
    private const long HoursLookedAt = 7 * 24;

    public static EventStorage Read(JournalOptions options, DateTimeOffset now)
    {
        using var connection = EventFile.OpenForReading(options);
        long One(string sql) => EventFile.Scalar(connection, sql);
        var page = One("PRAGMA page_size");
        var log = new FileInfo(options.Path + "-wal");
        var (perDay, rates) = Rates(connection, One, now);
        var observations = One("SELECT count(*) FROM observations");
        var oldest = One("SELECT min(time) FROM (SELECT (SELECT min(time) FROM decisions WHERE point = number) AS time FROM points)");
        return new(
            One("PRAGMA page_count") * page, One("PRAGMA freelist_count") * page, log.Exists ? log.Length : 0,
            One("SELECT count(*) FROM decisions"), observations, perDay,
            oldest == 0 ? null : new DateTimeOffset(oldest, TimeSpan.Zero))
        {
            Rates = rates,
            ByUnitShare = observations == 0 ? 0 : One("SELECT count(*) FROM observations WHERE unit IS NOT NULL") / (double)observations,
        };
    }

    // By the hours of decisions and of receipt: what was imported with times long past does not count as growth.
    private static (double All, Dictionary<Guid, EventRate> Points) Rates(SqliteConnection connection, Func<string, long> one, DateTimeOffset now)
    {
        var rates = new Dictionary<Guid, EventRate>();
        var hour = now.UtcTicks / TimeSpan.TicksPerHour;
        var from = hour - HoursLookedAt;
        var first = one($"SELECT ifnull(min(hour), {hour}) FROM (SELECT hour FROM decision_hours WHERE hour >= {from} UNION ALL SELECT hour FROM outcome_hours WHERE hour >= {from})");
        var hours = (now.UtcTicks / (double)TimeSpan.TicksPerHour) - first;
        if (hours < 1) return (double.NaN, rates);
        var (points, all) = (PointTable.Read(connection), 0L);
        using var rows = new Statement(connection,
            $"""
            SELECT point, sum(d), sum(o) FROM (
              SELECT point, decisions AS d, 0 AS o FROM decision_hours WHERE hour BETWEEN {from} AND {hour}
              UNION ALL SELECT point, 0, observations FROM outcome_hours WHERE hour BETWEEN {from} AND {hour}) GROUP BY point
            """);
        while (rows.Step())
        {
            rates[points.IdOf(rows.Int64(0))] = new(rows.Int64(1) / hours * 24, rows.Int64(2) / hours * 24);
            all += rows.Int64(1) + rows.Int64(2);
        }
        return (all / hours * 24, rates);
    }
}
