using System.Diagnostics.Metrics;

namespace Looper.Core.Events;

/// <summary>What the journal tells whoever listens to its instruments.</summary>
internal sealed class JournalMeter
{
    private readonly Histogram<double> _duration;
    private readonly Histogram<long> _size;
    private readonly Counter<long> _purged;

    public JournalMeter(LooperMeter looper, Func<JournalCondition> condition)
    {
        var meter = looper.Meter;
        _duration = meter.CreateHistogram<double>("looper.journal.commit.duration", "s", "From the begin of a group's transaction to its commit.");
        _size = meter.CreateHistogram<long>("looper.journal.commit.size", "{record}", "Records of a group.");
        _purged = meter.CreateCounter<long>("looper.journal.purged", "{record}", "Decisions and observations that retention has removed.");
        meter.CreateObservableGauge("looper.journal.queue", () => condition().Waiting, "{record}", "Records that wait to be written.");
        meter.CreateObservableGauge("looper.journal.unflushed.age", () => condition().UnflushedAge.TotalSeconds, "s", "Age of the oldest commit that was not flushed yet.");
        meter.CreateObservableCounter("looper.journal.corrupt", () => condition().CorruptRecords, "{record}", "Records that failed their checksum since start.");
        meter.CreateObservableGauge("looper.journal.wal.size", () => condition().LogBytes, "By", "Write-ahead log not yet folded into the database.");
    }

    public void Committed(TimeSpan took, long records)
    {
        _duration.Record(took.TotalSeconds);
        _size.Record(records);
    }

    public void Purged(Removed removed) => _purged.Add(removed.Decisions + removed.Observations);
}
