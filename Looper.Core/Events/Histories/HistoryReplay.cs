using System.Text;
using Looper.Core.Serving.Histories;

namespace Looper.Core.Events.Histories;

/// <summary>Histories as they were known at moments of the past, from the journal alone: for decisions that were made before a feature asked for them, or
/// elsewhere. Known at a moment is what had been received by then. Moments must not go back.</summary>
public sealed class HistoryReplay
{
    private readonly UnitHistories _units = new(long.MaxValue / 2);
    private readonly TrackedPoint _point;
    private readonly List<(long Received, UnitKey Unit, HistoryEvent Report)> _reports = [];
    private readonly KnownHistory _known = new();
    private int _next;

    /// <param name="windows">Longest window of each outcome that is asked for.</param>
    /// <param name="from">What happened before is not held.</param>
    internal HistoryReplay(JournalOptions options, CorruptRecords corrupt, Guid decisionPointId, IReadOnlyDictionary<string, TimeSpan> windows, DateTimeOffset from)
    {
        _point = _units.Track(decisionPointId, windows);
        _point.IsComplete = true;
        using var scan = new HistoryScan(options, corrupt);
        scan.Run([_point], from.UtcTicks - 1, (TrackedPoint point, ReadOnlySpan<byte> unit, in HistoryEvent report, long received) => _reports.Add((received, point.KeyOf(unit), report)));
        _reports.Sort((a, b) => a.Received.CompareTo(b.Received));
    }

    /// <summary>Reports held.</summary>
    internal int Reports => _reports.Count;

    /// <summary>What was known of a unit; valid until the next call.</summary>
    public KnownHistory At(string unit, DateTimeOffset moment)
    {
        var now = moment.UtcTicks;
        for (; _next < _reports.Count && _reports[_next].Received <= now; _next++)
        {
            var (received, of, report) = _reports[_next];
            _units.Add(_point, of, report, received);
        }
        _units.Read(_point.Id, Encoding.UTF8.GetBytes(unit), now, _known);
        return _known;
    }
}
