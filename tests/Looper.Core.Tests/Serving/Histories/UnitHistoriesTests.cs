using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Core.Serving.Histories;

namespace Looper.Core.Tests.Serving.Histories;

public sealed class UnitHistoriesTests
{
    private const long Hour = TimeSpan.TicksPerHour;
    private static readonly Guid s_point = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
    private static readonly ulong s_spent = HistoryEvent.OutcomeOf("spent"), s_seen = HistoryEvent.OutcomeOf("seen");

    private readonly UnitHistories _units = new(16 << 20);
    private readonly KnownHistory _known = new();

    private TrackedPoint Tracked(UnitHistories? units = null)
    {
        var tracked = (units ?? _units).Track(s_point, new Dictionary<string, TimeSpan> { ["spent"] = TimeSpan.FromHours(10), ["seen"] = TimeSpan.FromHours(2) });
        tracked.IsComplete = true;
        return tracked;
    }

    private double Value(HistoryAggregate aggregate, long now, long window = 10 * Hour, ulong? outcome = null, string unit = "ann", UnitHistories? units = null)
    {
        (units ?? _units).Read(s_point, Serve.Utf8(unit), now, _known);
        return _known.Value(aggregate, outcome ?? s_spent, window);
    }

    [Fact]
    public void Count_sum_mean_and_recency_are_what_they_say()
    {
        var tracked = Tracked();
        foreach (var (hour, value) in new[] { (1, 5.0), (3, 0), (4, 2.5) }) _units.Add(tracked, "ann"u8, new(s_spent, hour * Hour, value), 5 * Hour);
        _units.Add(tracked, "ann"u8, new(s_seen, 4 * Hour, 1), 5 * Hour);
        _units.Add(tracked, "bob"u8, new(s_spent, 4 * Hour, 100), 5 * Hour);
        Assert.Equal((2.0, 7.5, 2.5, 3600.0), (Value(HistoryAggregate.Count, 5 * Hour), Value(HistoryAggregate.Sum, 5 * Hour), Value(HistoryAggregate.Mean, 5 * Hour), Value(HistoryAggregate.Recency, 5 * Hour)));
        Assert.Equal((1.0, 2.5, 1.25), (Value(HistoryAggregate.Count, 5 * Hour, 3 * Hour), Value(HistoryAggregate.Sum, 5 * Hour, 3 * Hour), Value(HistoryAggregate.Mean, 5 * Hour, 3 * Hour)));
        Assert.Equal(0, Value(HistoryAggregate.Count, 5 * Hour, Hour)); // exactly a window ago is outside
        Assert.Equal(2, Value(HistoryAggregate.Count, 4 * Hour, 4 * Hour)); // what happens at the decision counts
        Assert.Equal((0.0, 0.0), (Value(HistoryAggregate.Count, 5 * Hour, unit: "carl"), Value(HistoryAggregate.Sum, 5 * Hour, unit: "carl")));
        Assert.True(double.IsNaN(Value(HistoryAggregate.Mean, 5 * Hour, unit: "carl")) && double.IsNaN(Value(HistoryAggregate.Recency, 5 * Hour, unit: "carl")));
        Assert.False(_known.WasUnknown);
    }

    [Fact]
    public void The_order_of_arrival_changes_no_bit_and_the_latest_stay()
    {
        var random = new Philox(7, "order");
        var reports = Enumerable.Range(0, 3 * UnitHistories.MostEvents).Select(i => new HistoryEvent(i % 3 == 0 ? s_seen : s_spent, Hour + random.Below(4_000), random.Normal())).ToArray();
        var sums = new HashSet<long>();
        for (var round = 0; round < 5; round++)
        {
            var units = new UnitHistories(16 << 20);
            var tracked = Tracked(units);
            random.Shuffle(reports);
            foreach (var report in reports) units.Add(tracked, "ann"u8, report, 2 * Hour);
            var expected = reports.Where(r => r.Outcome == s_spent).Order().TakeLast(UnitHistories.MostEvents).Aggregate(0.0, (sum, r) => sum + r.Value);
            Assert.Equal(expected, Value(HistoryAggregate.Sum, 2 * Hour, units: units));
            Assert.Equal(UnitHistories.MostEvents, Value(HistoryAggregate.Count, 2 * Hour, units: units));
            sums.Add(BitConverter.DoubleToInt64Bits(Value(HistoryAggregate.Mean, 2 * Hour, units: units)));
        }
        Assert.Single(sums);
    }

    [Fact] // an undercount would be taken for the truth
    public void A_unit_forgotten_for_want_of_room_is_missing_until_its_window_has_passed_and_never_zero()
    {
        var units = new UnitHistories(1 << 20);
        var tracked = Tracked(units);
        for (var i = 0; i < 20_000; i++) units.Add(tracked, Serve.Utf8(i.ToString(CultureInfo.InvariantCulture)), new(s_spent, Hour, 1), Hour);
        Assert.InRange(units.Bytes, 1 << 19, 1 << 20);
        Assert.Equal(20_000, units.Units + units.Evicted);
        var (known, unknown) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var count = Value(HistoryAggregate.Count, 2 * Hour, unit: i.ToString(CultureInfo.InvariantCulture), units: units);
            if (double.IsNaN(count)) unknown++;
            else known += count == 1 ? 1 : throw new InvalidOperationException($"Unit {i} counts {count}.");
        }
        Assert.InRange(known, units.Units * 0.98, units.Units); // a filter may take a hundredth of the others for forgotten
        Assert.InRange(unknown, units.Evicted, 20_000);
        Assert.Equal(0, Value(HistoryAggregate.Count, 12 * Hour, unit: "0", units: units)); // ten hours later nothing that was lost would count
        units.Add(tracked, "0"u8, new(s_spent, 3 * Hour, 1), 3 * Hour);
        Assert.True(double.IsNaN(Value(HistoryAggregate.Count, 4 * Hour, unit: "0", units: units)));
        Assert.Equal(1, Value(HistoryAggregate.Count, 4 * Hour, 2 * Hour, unit: "0", units: units)); // all of the last two hours is there
    }

    [Fact]
    public void Who_was_seen_last_stays()
    {
        var units = new UnitHistories(1 << 20);
        var tracked = Tracked(units);
        units.Add(tracked, "ann"u8, new(s_spent, Hour, 1), Hour);
        for (var i = 0; i < 20_000; i++)
        {
            units.Add(tracked, Serve.Utf8($"other-{i}"), new(s_spent, Hour, 1), Hour);
            if (i % 10 == 0) Assert.Equal(1, Value(HistoryAggregate.Count, 2 * Hour, units: units));
        }
    }

    [Fact]
    public void Nothing_is_known_before_the_journal_was_read_and_what_is_dropped_counts_as_nothing()
    {
        var tracked = _units.Track(s_point, new Dictionary<string, TimeSpan> { ["spent"] = TimeSpan.FromHours(10) });
        _units.Add(tracked, "ann"u8, new(s_spent, Hour, 1), Hour);
        Assert.True(double.IsNaN(Value(HistoryAggregate.Count, 2 * Hour)) && _known.WasUnknown);
        tracked.IsComplete = true;
        Assert.Equal(1, Value(HistoryAggregate.Count, 2 * Hour));
        _units.Erase("ann"u8);
        Assert.Equal((0.0, 0L, 0L), (Value(HistoryAggregate.Count, 2 * Hour), _units.Units, _units.Bytes));
        _units.Add(tracked, "ann"u8, new(s_spent, Hour, 1), Hour);
        _units.Untrack(s_point);
        Assert.Equal(0, _units.Bytes);
        Assert.True(double.IsNaN(Value(HistoryAggregate.Count, 2 * Hour)));
    }
}
