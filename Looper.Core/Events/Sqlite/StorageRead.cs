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
        var oldest = One("SELECT min(time) FROM (SELECT (SELECT min(time) FROM decisions WHERE point = number) AS time FROM points)");
        return new(
            One("PRAGMA page_count") * page, One("PRAGMA freelist_count") * page, log.Exists ? log.Length : 0,
            One("SELECT count(*) FROM decisions"), One("SELECT count(*) FROM observations"), PerDay(One, now),
            oldest == 0 ? null : new DateTimeOffset(oldest, TimeSpan.Zero));
    }

    // By the hours of decisions and of receipt: what was imported with times long past does not count as growth.
    private static double PerDay(Func<string, long> one, DateTimeOffset now)
    {
        var hour = now.UtcTicks / TimeSpan.TicksPerHour;
        var from = hour - HoursLookedAt;
        var first = one($"SELECT ifnull(min(hour), {hour}) FROM (SELECT hour FROM decision_hours WHERE hour >= {from} UNION ALL SELECT hour FROM outcome_hours WHERE hour >= {from})");
        var hours = (now.UtcTicks / (double)TimeSpan.TicksPerHour) - first;
        if (hours < 1) return double.NaN;
        var events = one($"SELECT ifnull(sum(decisions), 0) FROM decision_hours WHERE hour >= {from} AND hour <= {hour}")
            + one($"SELECT ifnull(sum(observations), 0) FROM outcome_hours WHERE hour >= {from} AND hour <= {hour}");
        return events / hours * 24;
    }
}
