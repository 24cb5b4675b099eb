using Looper.Core.Events.Sqlite;

namespace Looper.Core.Events;

/// <summary>Of <c>events.db</c>.</summary>
public static class EventsVersion
{
    public const int Current = EventFile.Version;
}

/// <summary>Reads every record of a journal that nobody writes to meanwhile: bad ones are reported, and who is in it is told.</summary>
public static class RecordCheck
{
    /// <param name="unit">Told the unit of every record that names one, and when that was decided or received.</param>
    /// <returns>Sound records.</returns>
    public static (long Decisions, long Observations) Run(JournalOptions options, CorruptRecords corrupt, Action<string, DateTimeOffset> unit)
    {
        ArgumentNullException.ThrowIfNull(unit);
        using var connection = EventFile.OpenForReading(options);
        var points = PointTable.Read(connection);
        var (decisions, observations) = (0L, 0L);
        using (var rows = new Statement(connection, $"SELECT {EventRows.Decision} FROM decisions ORDER BY seq"))
        {
            while (rows.Step())
            {
                if (EventRows.ReadDecision(rows, points, corrupt) is not { } record) continue;
                decisions++;
                unit(record.Unit, record.Time);
            }
        }
        using (var rows = new Statement(connection, $"SELECT {EventRows.Observation} FROM observations ORDER BY seq"))
        {
            while (rows.Step())
            {
                if (EventRows.ReadObservation(rows, corrupt) is not { } record) continue;
                observations++;
                if (record.Unit is { } named) unit(named, record.ReceivedAt);
            }
        }
        return (decisions, observations);
    }

    public static long VersionOf(JournalOptions options)
    {
        using var connection = EventFile.OpenForReading(options);
        return EventFile.Scalar(connection, "PRAGMA user_version");
    }
}
