using Looper.Core.Blueprints;

namespace Looper.Core.Serving.Histories;

/// <summary>What is known of one unit at the moment of one decision; every version that is evaluated for the decision sees the same. Used again.</summary>
public sealed class KnownHistory
{
    private HistoryEvent[] _events = new HistoryEvent[32];
    private int _count;
    private long _now, _knownFrom = long.MaxValue;

    /// <summary>Some value was asked for that could not be given, since a part of the history has been forgotten or is not read yet.</summary>
    public bool WasUnknown { get; private set; }

    /// <param name="now">Ticks of the decision.</param>
    internal void Begin(long now) => (_now, _count, _knownFrom, WasUnknown) = (now, 0, long.MaxValue, false);

    internal void Take(ReadOnlySpan<HistoryEvent> events, long knownFrom)
    {
        if (_events.Length < events.Length) _events = new HistoryEvent[events.Length * 2];
        events.CopyTo(_events);
        (_count, _knownFrom) = (events.Length, knownFrom);
    }

    /// <summary>The feature's value; NaN where it is missing.</summary>
    /// <param name="outcome">As <see cref="HistoryEvent.OutcomeOf(string)"/>.</param>
    /// <param name="window">Ticks; what happened later than that long before the decision, up to the decision, counts.</param>
    public double Value(HistoryAggregate aggregate, ulong outcome, long window)
    {
        var from = _now - window;
        if (from < _knownFrom)
        {
            WasUnknown = true;
            return double.NaN;
        }
        int reports = 0, occurrences = 0;
        var (sum, last) = (0.0, 0L);
        foreach (ref readonly var report in _events.AsSpan(0, _count))
        {
            if (report.Outcome != outcome || report.Ticks <= from || report.Ticks > _now) continue;
            reports++;
            sum += report.Value;
            if (report.Value == 0) continue; // "no", or nothing: it did not happen
            occurrences++;
            last = report.Ticks;
        }
        return aggregate switch
        {
            HistoryAggregate.Count => occurrences,
            HistoryAggregate.Sum => sum,
            HistoryAggregate.Mean => reports == 0 ? double.NaN : sum / reports,
            _ => occurrences == 0 ? double.NaN : (_now - last) / (double)TimeSpan.TicksPerSecond,
        };
    }
}
