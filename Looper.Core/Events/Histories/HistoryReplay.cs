using System.Text;
using Looper.Core.Serving.Histories;

namespace Looper.Core.Events.Histories;

/// <summary>Histories as they were known at moments of the past, from the journal alone: for decisions that were made before a feature asked for them, or
/// elsewhere. Known at a moment is what had been received by then. Moments must not go back. Memory does not grow with the reports: they lie sorted by unit in
/// a file, where those of a unit are found when it is asked for.</summary>
public sealed class HistoryReplay : IDisposable
{
    internal const int ReportsAtOnce = 500_000;
    internal const long RecentBytes = 64 << 20;

    private const int Page = 64;

    private readonly TrackedPoint _point;
    private readonly SortedReports _reports;
    private readonly RecentHistories _recent;
    private readonly KnownHistory _known = new();
    private readonly KnownReport[] _page = new KnownReport[Page];
    private readonly long _lead; // ticks by which a report was known before it happened, by its sender's clock, at most

    /// <param name="windows">Longest window of each outcome that is asked for.</param>
    /// <param name="delays">How long each outcome may take to come: what was imported counts as known after that.</param>
    /// <param name="from">What happened before is not held.</param>
    /// <param name="atOnce">Reports held in memory while they are sorted.</param>
    /// <param name="recentBytes">What units that were asked for lately may take.</param>
    internal HistoryReplay(
        JournalOptions options, CorruptRecords corrupt, Guid decisionPointId, IReadOnlyDictionary<string, TimeSpan> windows, IReadOnlyDictionary<string, TimeSpan> delays, DateTimeOffset from,
        int atOnce = ReportsAtOnce, long recentBytes = RecentBytes)
    {
        (_point, _recent) = (new(decisionPointId, 1, windows), new(recentBytes));
        var lead = 0L;
        using var sort = new ReportSort(options, atOnce);
        using (var scan = new HistoryScan(options, corrupt))
        {
            scan.Run([_point], from.UtcTicks - 1, (TrackedPoint point, ReadOnlySpan<byte> unit, in HistoryEvent report, long received) =>
            {
                lead = Math.Max(lead, report.Ticks - received);
                sort.Add(new(point.KeyOf(unit), received, report));
            }, delays.ToDictionary(d => HistoryEvent.OutcomeOf(d.Key), d => d.Value.Ticks));
        }
        (_lead, _reports) = (lead, sort.End());
    }

    /// <summary>Reports that were found.</summary>
    internal long Reports => _reports.Count;

    /// <summary>Units in memory.</summary>
    internal int Units => _recent.Units;

    /// <summary>What was known of a unit; valid until the next call.</summary>
    public KnownHistory At(string unit, DateTimeOffset moment)
    {
        var (now, key) = (moment.UtcTicks, _point.KeyOf(Encoding.UTF8.GetBytes(unit)));
        if (_recent.Find(key) is not { } read)
        {
            // What was known so much earlier happened before any window that is still asked for.
            read = new(new(key, _point, long.MinValue), _reports.Find(key, now - _point.Longest - _lead));
            _recent.Keep(key, read);
        }
        if (read.NextReceived <= now) Follow(read, now);
        _known.Begin(now);
        _known.Take(read.History.Events, long.MinValue);
        return _known;
    }

    public void Dispose() => _reports.Dispose();

    private void Follow(RecentHistories.Read read, long now)
    {
        var (history, bytes) = (read.History, read.History.Bytes);
        for (var isWhole = true; isWhole;)
        {
            var page = _reports.Read(read.Next, _page);
            var known = 0;
            while (known < page.Length && page[known].Unit == history.Key && page[known].Received <= now) history.Add(page[known++].Report, now - _point.Longest);
            read.Next += known;
            isWhole = known == Page;
            read.NextReceived = known < page.Length && page[known].Unit == history.Key ? page[known].Received : long.MaxValue;
        }
        _recent.Grew(history.Bytes - bytes);
    }
}
