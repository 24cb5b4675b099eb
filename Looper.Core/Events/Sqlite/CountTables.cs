using System.Text;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>The counts as they are kept: written with the heartbeat, so a crash leaves at most a second to be counted again from the rows.</summary>
internal sealed class CountTables(SqliteConnection connection) : IDisposable
{
    // Files of earlier versions get it when they are opened; earlier versions do not look at it, and what they count is in `decision_hours` alone.
    public const string Versions = """
        CREATE TABLE IF NOT EXISTS version_hours (
          point INTEGER, hour INTEGER, version INTEGER, option INTEGER, reason INTEGER, decisions INTEGER NOT NULL,
          PRIMARY KEY (point, hour, version, option, reason)) STRICT, WITHOUT ROWID;
        """;

    private readonly Statement _activity = new(connection, """
        INSERT INTO activity VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (point) DO UPDATE SET
          decisions = decisions + excluded.decisions, outcomes = outcomes + excluded.outcomes,
          first_decision_at = min(ifnull(first_decision_at, excluded.first_decision_at), ifnull(excluded.first_decision_at, first_decision_at)),
          last_decision_at = max(ifnull(last_decision_at, excluded.last_decision_at), ifnull(excluded.last_decision_at, last_decision_at)),
          first_outcome_at = min(ifnull(first_outcome_at, excluded.first_outcome_at), ifnull(excluded.first_outcome_at, first_outcome_at)),
          last_outcome_at = max(ifnull(last_outcome_at, excluded.last_outcome_at), ifnull(excluded.last_outcome_at, last_outcome_at))
        """);

    private readonly Statement _decisions = new(connection, """
        INSERT INTO decision_hours VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (point, hour, option, reason) DO UPDATE SET decisions = decisions + excluded.decisions
        """);

    private readonly Statement _versions = new(connection, """
        INSERT INTO version_hours VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (point, hour, version, option, reason) DO UPDATE SET decisions = decisions + excluded.decisions
        """);

    // The total of an hour whose values pass what a double holds is no number, which the column refuses: a group that cannot be counted could never be written.
    private readonly Statement _outcomes = new(connection, """
        INSERT INTO outcome_hours VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (point, hour, outcome) DO UPDATE SET observations = observations + excluded.observations, total = ifnull(total + excluded.total, 0)
        """);

    private readonly Statement _counted = new(connection, "UPDATE counted SET decisions = ?1, observations = ?2, beats = beats + 1");

    public void Add(EventCounts counts)
    {
        foreach (var (point, gain) in counts.Points)
        {
            _activity.Bind(0, point).Bind(1, gain.Decisions).Bind(4, gain.Outcomes);
            Time(2, gain.FirstDecision, long.MaxValue);
            Time(3, gain.LastDecision, long.MinValue);
            Time(5, gain.FirstOutcome, long.MaxValue);
            Time(6, gain.LastOutcome, long.MinValue);
            _activity.Run();
        }
        foreach (var ((point, hour, version, option, reason), count) in counts.Decisions)
        {
            _decisions.Bind(0, point).Bind(1, hour).Bind(2, option).Bind(3, (long)reason).Bind(4, count).Run();
            _versions.Bind(0, point).Bind(1, hour).Bind(2, version).Bind(3, option).Bind(4, (long)reason).Bind(5, count).Run();
        }
        foreach (var ((point, hour, outcome), (count, total)) in counts.Outcomes)
            _outcomes.Bind(0, point).Bind(1, hour).BindText(2, Encoding.UTF8.GetBytes(outcome)).Bind(3, count).Bind(4, double.IsNaN(total) ? 0 : total).Run();
    }

    /// <summary>Says how far the counts reach. Always changes a row, so the commit has something to flush.</summary>
    public void Beat(long lastDecision, long lastObservation) => _counted.Bind(0, lastDecision).Bind(1, lastObservation).Run();

    public (long Decisions, long Observations) Reach()
    {
        using var counted = new Statement(connection, "SELECT decisions, observations FROM counted");
        counted.Step();
        var reach = (counted.Int64(0), counted.Int64(1));
        counted.Reset();
        return reach;
    }

    public Dictionary<long, PointGain> ReadActivity()
    {
        var all = new Dictionary<long, PointGain>();
        using var rows = new Statement(connection, "SELECT * FROM activity");
        while (rows.Step())
        {
            all[rows.Int64(0)] = new(
                rows.Int64(1), rows.IsNull(2) ? long.MaxValue : rows.Int64(2), rows.IsNull(3) ? long.MinValue : rows.Int64(3),
                rows.Int64(4), rows.IsNull(5) ? long.MaxValue : rows.Int64(5), rows.IsNull(6) ? long.MinValue : rows.Int64(6));
        }
        return all;
    }

    public void Forget(long point) => EventFile.Execute(connection,
        $"DELETE FROM activity WHERE point = {point}; DELETE FROM decision_hours WHERE point = {point}; DELETE FROM version_hours WHERE point = {point}; DELETE FROM outcome_hours WHERE point = {point};");

    public void Dispose()
    {
        _activity.Dispose();
        _decisions.Dispose();
        _versions.Dispose();
        _outcomes.Dispose();
        _counted.Dispose();
    }

    private void Time(int parameter, long ticks, long unknown)
    {
        if (ticks == unknown) _activity.BindNull(parameter);
        else _activity.Bind(parameter, ticks);
    }
}
