using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>The decisions of a point in time order, a page at a time: between pages nothing is held open, so the write-ahead log can
/// be reused (a long reader would let it grow without bound).</summary>
internal sealed class DecisionScan : IDisposable
{
    public const int PageRows = 1_000;

    private readonly Statement _page;
    private readonly PointTable _points;
    private readonly CorruptRecords _corrupt;
    private readonly long _point, _until;
    private long _time, _seq;

    public DecisionScan(SqliteConnection connection, Guid decisionPointId, DateTimeOffset? from, DateTimeOffset? until, int? newest, CorruptRecords corrupt)
    {
        _corrupt = corrupt;
        _points = PointTable.Read(connection);
        _point = _points.NumberOf(decisionPointId) ?? 0;
        (_time, _until) = ((from?.UtcTicks ?? 0) - 1, until?.UtcTicks ?? long.MaxValue);
        _seq = long.MaxValue;
        _page = new(connection, $"""
            SELECT {EventRows.Decision} FROM decisions
            WHERE point = ?1 AND (time, seq) > (?2, ?3) AND time < ?4 ORDER BY time, seq LIMIT {PageRows}
            """);
        if (newest is { } count) SkipTo(connection, count);
    }

    /// <summary>Fills the next page; false at the end. Bad records are reported and left out.</summary>
    public bool Read(List<(long Seq, DecisionRecord Record)> page)
    {
        page.Clear();
        return Read(row =>
        {
            if (EventRows.ReadDecision(row, _points, _corrupt) is { } record) page.Add((row.Int64(0), record));
        });
    }

    /// <summary>Hands out the rows of the next page as they lie, unchecked; false at the end.</summary>
    public bool Read(Action<Statement> row)
    {
        var rows = 0;
        _page.Bind(0, _point).Bind(1, _time).Bind(2, _seq).Bind(3, _until);
        for (; _page.Step(); rows++)
        {
            (_time, _seq) = (_page.Int64(3), _page.Int64(0));
            row(_page);
        }
        return rows > 0;
    }

    public void Dispose() => _page.Dispose();

    private void SkipTo(SqliteConnection connection, int newest)
    {
        using var skip = new Statement(connection,
            "SELECT time, seq FROM decisions WHERE point = ?1 AND time > ?2 AND time < ?3 ORDER BY time DESC, seq DESC LIMIT 1 OFFSET ?4");
        if (skip.Bind(0, _point).Bind(1, _time).Bind(2, _until).Bind(3, newest).Step()) (_time, _seq) = (skip.Int64(0), skip.Int64(1));
        skip.Reset();
    }
}
