using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Numerics;
using Looper.Core.Serving.Histories;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events.Histories;

/// <summary>A replay that holds next to nothing in memory says the same as one that holds all.</summary>
public sealed class HistoryReplayTests : IAsyncDisposable
{
    private const int Reports = 3_000, Units = 40;

    private static readonly Dictionary<string, TimeSpan> s_windows = new() { ["purchase"] = TimeSpan.FromHours(24), ["revenue"] = TimeSpan.FromHours(2) };

    private static readonly Dictionary<string, TimeSpan> s_none = [];

    private readonly TemporaryDirectory _folder = new();
    private readonly TestClock _clock = new(Recorded.Noon);
    private readonly Philox _random = new(5, "replay");
    private readonly OpenJournal _open;
    private readonly List<(string Unit, long Received, HistoryEvent Report)> _reports = [];

    public HistoryReplayTests() => _open = new(_folder.Path, _clock);

    public async ValueTask DisposeAsync()
    {
        await _open.DisposeAsync();
        _folder.Dispose();
    }

    [Theory, InlineData(HistoryReplay.ReportsAtOnce, HistoryReplay.RecentBytes), InlineData(7, 2_000), InlineData(640, 1), InlineData(2_999, 20_000)]
    public async Task What_was_known_is_the_same_however_little_is_held(int atOnce, long recentBytes)
    {
        await ReportAsync();
        using var replay = new HistoryReplay(JournalOptions.In(_folder.Path), _open.Corrupt, Recorded.Banner, s_windows, s_none, DateTimeOffset.MinValue, atOnce, recentBytes);
        Assert.Equal(Reports, replay.Reports);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path), f => f.EndsWith(".runs", StringComparison.Ordinal) || (f.EndsWith(".reports", StringComparison.Ordinal) && !OperatingSystem.IsWindows()));
        var different = new HashSet<double>();
        for (var (moment, end) = (Recorded.Noon, _clock.GetUtcNow().AddHours(30)); moment < end; moment += TimeSpan.FromMinutes(7))
        {
            var unit = Unit(_random.Below(Units + 2)); // two that nothing was ever reported of
            var known = replay.At(unit, moment);
            foreach (var (outcome, window) in s_windows)
            {
                foreach (var aggregate in Enum.GetValues<HistoryAggregate>())
                {
                    var (of, worked) = (HistoryEvent.OutcomeOf(outcome), Worked(unit, moment, aggregate, outcome, window.Ticks));
                    Assert.Equal(worked, known.Value(aggregate, of, window.Ticks));
                    different.Add(worked);
                }
            }
            Assert.False(known.WasUnknown);
        }
        Assert.True(different.Count > 200, $"{different.Count} different values"); // there was something to get wrong
    }

    [Fact]
    public async Task Units_that_are_not_asked_for_any_more_leave_memory()
    {
        await ReportAsync();
        using var replay = new HistoryReplay(JournalOptions.In(_folder.Path), _open.Corrupt, Recorded.Banner, s_windows, s_none, DateTimeOffset.MinValue, recentBytes: 8_000);
        for (var asked = 0; asked < 10_000; asked++) replay.At($"nobody-{asked}", _clock.GetUtcNow());
        Assert.InRange(replay.Units, 1, 60); // of 272 bytes each without a report
    }

    [Fact] // 64 marks, then twice as far apart
    public void Marks_stand_further_apart_where_there_are_more_reports()
    {
        Assert.Equal(KnownReport.Bytes, Unsafe.SizeOf<KnownReport>());
        const int units = 2_000, each = 9;
        using var sorted = new SortedReports(JournalOptions.In(_folder.Path), mostMarks: 64);
        for (var unit = 0UL; unit < units; unit++)
        {
            for (var at = 0; at < each; at++) sorted.Add(new(new(2 * unit, unit), 10 * at, default));
        }
        sorted.End();
        var page = new KnownReport[1];
        foreach (var unit in (ulong[])[0, 1, 31, 32, 227, 228, 777, units - 1])
        {
            for (var at = 0; at < each; at++) Assert.Equal((long)unit * each + at, sorted.Find(new(2 * unit, unit), 10 * at - 3));
            Assert.Equal(((long)unit + 1) * each, sorted.Find(new(2 * unit + 1, 0), 0)); // one that is not there: where it would be
        }
        Assert.Equal(new UnitKey(2 * 777, 777), sorted.Read(777L * each, page)[0].Unit);
        Assert.True(sorted.Read(sorted.Count, page).IsEmpty);
    }

    private static string Unit(int number) => string.Create(CultureInfo.InvariantCulture, $"user-{number}");

    // In a straight line from all reports.
    private double Worked(string unit, DateTimeOffset moment, HistoryAggregate aggregate, string outcome, long window)
    {
        var (history, known) = (new UnitHistory(default, new(Recorded.Banner, 1, s_windows), long.MinValue), new KnownHistory());
        foreach (var (of, received, report) in _reports)
        {
            if (of == unit && received <= moment.UtcTicks) history.Add(report, long.MinValue);
        }
        known.Begin(moment.UtcTicks);
        known.Take(history.Events, long.MinValue);
        return known.Value(aggregate, HistoryEvent.OutcomeOf(outcome), window);
    }

    private async Task ReportAsync()
    {
        var calls = new List<ObservationRecord[]>();
        for (var i = 0; i < Reports; i++)
        {
            if (_random.Below(3) > 0) _clock.Turn(TimeSpan.FromSeconds(_random.Below(60)));
            var (now, unit, outcome) = (_clock.GetUtcNow(), Unit(_random.Below(4) == 0 ? 0 : _random.Below(Units)), _random.Below(2) == 0 ? "purchase" : "revenue"); // of one unit more than are kept
            // Late ones, and some of clocks that are ahead.
            var happened = _random.Below(5) switch { 0 => now.AddMinutes(-_random.Below(40 * 60)), 1 => now.AddMinutes(_random.Below(90)), _ => now };
            var report = Recorded.Observation($"o-{i}", unit: unit, outcome: outcome, value: _random.Below(4) == 0 ? 0 : 1 + _random.Uniform(), time: happened, received: now);
            calls.Add([report]);
            _reports.Add((unit, now.UtcTicks, new(HistoryEvent.OutcomeOf(outcome), happened.UtcTicks, report.Value)));
        }
        foreach (var some in calls.Chunk(500)) await _open.Journal.AppendAsync(some, default);
    }
}
