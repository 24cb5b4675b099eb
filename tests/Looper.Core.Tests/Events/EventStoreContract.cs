using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

/// <summary>What every store of events promises: written once, inherited by one class per store.</summary>
public abstract class EventStoreContract
{
    private static readonly Outcome s_purchase = new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1), Aggregation = Aggregation.Any };
    private static readonly Outcome s_revenue = new("revenue", OutcomeKind.Number) { Window = TimeSpan.FromHours(2), Aggregation = Aggregation.Sum, Absent = null };
    private static readonly DateTimeOffset s_noon = Recorded.Noon;

    /// <summary>Empty; skips with a reason when its server is not there.</summary>
    protected abstract Task<OpenJournal> OpenAsync();

    /// <summary>Where what was stored can be read: for a server, another journal that was filled from it alone.</summary>
    protected virtual Task<OpenJournal> StoredAsync(OpenJournal store) => Task.FromResult(store);

    [Fact]
    public async Task An_observation_sent_twice_is_kept_once()
    {
        await using var store = await OpenAsync();
        Assert.Equal(AppendStatus.Stored, await store.AddAsync(Recorded.Observation("o-1", unit: "user-1")));
        Assert.Equal(AppendStatus.Replayed, await store.AddAsync(Recorded.Observation("o-1", unit: "user-1")));
        Assert.Single((await (await StoredAsync(store)).Reader.ObservationsAsync(new() { Unit = "user-1" }, null, 10, default)).Items);
    }

    [Fact]
    public async Task Outcomes_join_by_decision_inside_their_window()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("d-1"));
        await store.AddAsync(
            Recorded.Observation("o-1", "d-1", time: s_noon.AddMinutes(5)),
            Recorded.Observation("o-2", "d-1", outcome: "revenue", value: 10, time: s_noon.AddMinutes(6)),
            Recorded.Observation("o-3", "d-1", outcome: "revenue", value: 2.5, time: s_noon.AddMinutes(90)),
            Recorded.Observation("o-4", "d-1", outcome: "purchase", time: s_noon.AddMinutes(61)));
        var example = Assert.Single(await ExamplesAsync(store));
        Assert.Equal([1, 12.5], example.Values);
        Assert.Equal(1, example.Late);
        Assert.True(example.IsClosed);
    }

    [Fact]
    public async Task Outcomes_of_a_ranking_join_the_place_of_their_candidate_and_the_decision()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Observation("o-0", "d-1", outcome: "revenue", value: 3, time: s_noon.AddMinutes(1)) with { Candidate = "b" }); // before its decision
        await store.AddAsync(Recorded.Decision("d-1") with { Candidates = Recorded.Ranking(shown: 2, "a", "b", "c", "d") });
        await store.AddAsync(
            Recorded.Observation("o-1", "d-1", time: s_noon.AddMinutes(5)) with { Candidate = "b" },
            Recorded.Observation("o-2", "d-1", outcome: "revenue", value: 10, time: s_noon.AddMinutes(6)) with { Candidate = "a" },
            Recorded.Observation("o-3", "d-1", outcome: "revenue", value: 2, time: s_noon.AddMinutes(7)), // the decision as a whole
            Recorded.Observation("o-4", "d-1", outcome: "revenue", value: 4, time: s_noon.AddMinutes(8)) with { Candidate = "d" }); // not shown, but it may have been scrolled to
        Assert.Equal(AppendStatus.Replayed, await store.AddAsync(Recorded.Observation("o-1", "d-1", time: s_noon.AddMinutes(5)) with { Candidate = "b" }));
        Assert.Equal(AppendStatus.NoSuchCandidate, await store.AddAsync(Recorded.Observation("o-5", "d-1"), Recorded.Observation("o-6", "d-1") with { Candidate = "e" }));
        var query = new ExampleQuery(Recorded.Banner, [s_purchase, s_revenue]) { AsOf = s_noon.AddHours(4), ByPlace = true };
        var example = Assert.Single(await (await StoredAsync(store)).Examples.ReadAsync(query, default).ToListAsync());
        Assert.Equal([1, 19], example.Values);
        Assert.Equal([[0, 10], [1, 3]], example.Places.Select(p => p.Values.ToArray()));
        Assert.Equal([[double.NaN, 10], [1, 3]], example.Places.Select(p => p.SoFar.ToArray()));
    }

    [Fact]
    public async Task An_observation_may_come_before_its_decision()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Observation("o-1", "d-1", time: s_noon.AddSeconds(-3)));
        await store.AddAsync(Recorded.Decision("d-1"));
        Assert.Equal(1, Assert.Single(await ExamplesAsync(store)).Values[0]);
    }

    [Fact]
    public async Task An_observation_by_unit_counts_for_each_decision_whose_window_holds_it()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("d-1", unit: "user-1", time: s_noon));
        await store.AddAsync(Recorded.Decision("d-2", unit: "user-1", time: s_noon.AddMinutes(50)));
        await store.AddAsync(Recorded.Decision("d-3", unit: "user-2", time: s_noon));
        await store.AddAsync(Recorded.Decision("d-4", unit: "user-1", time: s_noon.AddMinutes(80)));
        await store.AddAsync(Recorded.Observation("o-1", unit: "user-1", time: s_noon.AddMinutes(70)));
        var joined = (await ExamplesAsync(store)).ToDictionary(e => e.Decision.Id, e => e.Values[0]);
        Assert.Equal(new Dictionary<string, double> { ["d-1"] = 0, ["d-2"] = 1, ["d-3"] = 0, ["d-4"] = 0 }, joined);
    }

    [Fact]
    public async Task Silence_is_the_absent_value_only_once_the_window_is_over()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("d-1"));
        var open = Assert.Single(await ExamplesAsync(store, asOf: s_noon.AddMinutes(59)));
        Assert.Equal([double.NaN, double.NaN], open.Values);
        Assert.Equal([false, false], open.Closed);
        var half = Assert.Single(await ExamplesAsync(store, asOf: s_noon.AddMinutes(60)));
        Assert.Equal([0, double.NaN], half.Values);
        Assert.Equal([true, false], half.Closed);
        Assert.False(half.IsClosed);
    }

    [Fact]
    public async Task An_open_window_shows_what_has_come_so_far()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("d-1"));
        await store.AddAsync(Recorded.Observation("o-1", "d-1", time: s_noon.AddMinutes(1)));
        var example = Assert.Single(await ExamplesAsync(store, asOf: s_noon.AddMinutes(2)));
        Assert.Equal(double.NaN, example.Values[0]);
        Assert.Equal([1, double.NaN], example.SoFar);
    }

    [Fact]
    public async Task What_was_received_after_the_moment_asked_for_is_not_seen()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("d-1"));
        await store.AddAsync(Recorded.Observation("o-1", "d-1", time: s_noon.AddMinutes(1), received: s_noon.AddHours(5)));
        Assert.Equal(0, Assert.Single(await ExamplesAsync(store, asOf: s_noon.AddHours(4))).Values[0]);
        Assert.Equal(1, Assert.Single(await ExamplesAsync(store, asOf: s_noon.AddHours(5))).Values[0]);
    }

    [Theory]
    [InlineData(Aggregation.First, 4)]
    [InlineData(Aggregation.Last, 2)]
    [InlineData(Aggregation.Sum, 15)]
    [InlineData(Aggregation.Max, 9)]
    [InlineData(Aggregation.Mean, 5)]
    [InlineData(Aggregation.Any, 1)]
    public async Task Several_observations_become_one_value_as_the_outcome_says(Aggregation aggregation, double expected)
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("d-1"));
        await store.AddAsync(Recorded.Observation("o-9", "d-1", outcome: "revenue", value: 2, time: s_noon.AddMinutes(3)));
        await store.AddAsync(Recorded.Observation("o-1", "d-1", outcome: "revenue", value: 4, time: s_noon.AddMinutes(1)));
        await store.AddAsync(Recorded.Observation("o-5", "d-1", outcome: "revenue", value: 9, time: s_noon.AddMinutes(2)));
        var query = new ExampleQuery(Recorded.Banner, [s_revenue with { Aggregation = aggregation }]);
        Assert.Equal(expected, Assert.Single(await (await StoredAsync(store)).Examples.ReadAsync(query, default).ToListAsync()).Values[0]);
    }

    [Fact]
    public async Task Examples_come_in_time_order_across_pages_whatever_order_they_were_stored_in()
    {
        await using var store = await OpenAsync();
        var order = Enumerable.Range(0, 2_500).Select(i => i * 7_919 % 2_500).ToArray();
        await store.Journal.AppendAsync([.. order.Select(i => Recorded.Decision($"d-{i}", unit: $"user-{i}", time: s_noon.AddSeconds(i / 2)))], durable: false, default);
        var times = (await ExamplesAsync(store)).ConvertAll(e => e.Decision.Time);
        Assert.Equal(2_500, times.Count);
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public async Task Only_closed_and_only_the_newest_can_be_asked_for()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 10; i++) await store.AddAsync(Recorded.Decision($"d-{i}", time: s_noon.AddHours(i)));
        var query = new ExampleQuery(Recorded.Banner, [s_purchase, s_revenue]) { AsOf = s_noon.AddHours(8), ClosedOnly = true };
        Assert.Equal(7, await (await StoredAsync(store)).Examples.CountClosedAsync(query, default)); // 0 to 6: the longest window is two hours
        var newest = await (await StoredAsync(store)).Examples.ReadAsync(query with { Newest = 3 }, default).ToListAsync();
        Assert.Equal(["d-4", "d-5", "d-6"], newest.Select(e => e.Decision.Id));
        Assert.All(newest, e => Assert.True(e.IsClosed));
    }

    [Fact]
    public async Task A_unit_is_exposed_once_by_its_first_decision()
    {
        await using var store = await OpenAsync();
        var experiment = Guid.CreateVersion7(s_noon);
        await store.AddAsync(Recorded.Decision("d-0", unit: "user-1", time: s_noon.AddHours(-1))); // before the experiment
        await store.AddAsync(Recorded.Decision("d-1", unit: "user-1", time: s_noon, experiment: experiment, arm: 1));
        await store.AddAsync(Recorded.Decision("d-2", unit: "user-1", time: s_noon.AddMinutes(30), experiment: experiment, arm: 1));
        await store.AddAsync(Recorded.Decision("d-3", unit: "user-2", time: s_noon.AddMinutes(10), experiment: experiment, arm: 0));
        await store.AddAsync(Recorded.Decision("d-4", unit: "user-3", time: s_noon.AddMinutes(20), experiment: Guid.CreateVersion7(s_noon), arm: 0));
        await store.AddAsync(Recorded.Observation("o-0", "d-0", outcome: "revenue", value: 100, time: s_noon.AddMinutes(-30)));
        await store.AddAsync(Recorded.Observation("o-1", "d-1", outcome: "revenue", value: 5, time: s_noon.AddMinutes(10)));
        await store.AddAsync(Recorded.Observation("o-2", "d-2", outcome: "revenue", value: 7, time: s_noon.AddMinutes(115)));
        await store.AddAsync(Recorded.Observation("o-3", "d-2", outcome: "revenue", value: 9, time: s_noon.AddMinutes(125))); // inside d-2's window, after the exposure's
        await store.AddAsync(Recorded.Observation("o-4", unit: "user-2", outcome: "purchase", time: s_noon.AddMinutes(40)));
        await store.AddAsync(Recorded.Decision("d-5", unit: "user-1", time: s_noon.AddMinutes(70), experiment: experiment, arm: 1));
        await store.AddAsync(Recorded.Observation("o-5", "d-5", outcome: "purchase", time: s_noon.AddMinutes(5))); // by a client's clock: it counts as at d-5, which is after the window
        var units = await (await StoredAsync(store)).Exposures.ReadAsync(new(Recorded.Banner, experiment, [s_purchase, s_revenue]), default).ToListAsync();
        Assert.Equal(["user-1", "user-2"], units.Select(u => u.Decision.Unit));
        Assert.Equal(["d-1", "d-3"], units.Select(u => u.Decision.Id));
        Assert.Equal([0, 12], units[0].Values);
        Assert.Equal([1, double.NaN], units[1].Values);
        Assert.Equal([3, 1], units.Select(u => u.Decisions));
        Assert.All(units, u => Assert.False(u.SawOtherArms));
    }

    [Fact]
    public async Task A_unit_counts_once_in_each_slot_of_time_with_what_happened_in_it_after_the_burn_in()
    {
        await using var store = await OpenAsync();
        var experiment = Guid.CreateVersion7(s_noon);
        await store.AddAsync(Recorded.Decision("d-0", time: s_noon.AddMinutes(5), experiment: experiment, arm: 0)); // burn-in
        await store.AddAsync(Recorded.Decision("d-1", time: s_noon.AddMinutes(20), experiment: experiment, arm: 0));
        await store.AddAsync(Recorded.Decision("d-2", time: s_noon.AddMinutes(50), experiment: experiment, arm: 0));
        await store.AddAsync(Recorded.Decision("d-3", time: s_noon.AddMinutes(75), experiment: experiment, arm: 1));
        await store.AddAsync(Recorded.Observation("o-0", "d-0", outcome: "revenue", value: 100, time: s_noon.AddMinutes(6)));
        await store.AddAsync(Recorded.Observation("o-1", "d-1", outcome: "revenue", value: 1, time: s_noon.AddMinutes(21)));
        await store.AddAsync(Recorded.Observation("o-2", "d-2", outcome: "revenue", value: 2, time: s_noon.AddMinutes(70))); // of a decision in the first slot
        await store.AddAsync(Recorded.Observation("o-3", "d-3", outcome: "revenue", value: 4, time: s_noon.AddMinutes(76)));
        await store.AddAsync(Recorded.Observation("o-4", unit: "user-1", outcome: "revenue", value: 8, time: s_noon.AddMinutes(55)));
        await store.AddAsync(Recorded.Observation("o-5", unit: "user-1", outcome: "revenue", value: 16, time: s_noon.AddMinutes(80))); // in the second slot only
        var sum = s_revenue with { Aggregation = Aggregation.Sum, Absent = 0 };
        var query = new ExposureQuery(Recorded.Banner, experiment, [sum]) { AsOf = s_noon.AddDays(1), Slots = new(60, 15) };
        var units = await (await StoredAsync(store)).Exposures.ReadAsync(query, default).ToListAsync();
        Assert.Equal(["d-1", "d-3"], units.Select(u => u.Decision.Id));
        Assert.Equal([11, 20], units.Select(u => u.Values[0]));
        Assert.Equal([2, 1], units.Select(u => u.Decisions));
        Assert.All(units, u => Assert.False(u.SawOtherArms));
    }

    [Fact]
    public async Task What_a_unit_decides_after_shares_moved_counts_for_nothing()
    {
        await using var store = await OpenAsync();
        var experiment = Guid.CreateVersion7(s_noon);
        await store.AddAsync(Recorded.Decision("d-1", time: s_noon, experiment: experiment, arm: 0));
        await store.AddAsync(Recorded.Decision("d-2", time: s_noon.AddMinutes(29), experiment: experiment, arm: 0));
        await store.AddAsync(Recorded.Decision("d-3", time: s_noon.AddMinutes(30), experiment: experiment, arm: 1)); // moved
        await store.AddAsync(Recorded.Observation("o-1", "d-2", outcome: "revenue", value: 2, time: s_noon.AddMinutes(40)));
        await store.AddAsync(Recorded.Observation("o-2", "d-3", outcome: "revenue", value: 4, time: s_noon.AddMinutes(41)));
        await store.AddAsync(Recorded.Observation("o-3", unit: "user-1", outcome: "revenue", value: 8, time: s_noon.AddMinutes(20)));
        await store.AddAsync(Recorded.Observation("o-4", unit: "user-1", outcome: "revenue", value: 16, time: s_noon.AddMinutes(30))); // in whichever arm it is now
        var query = new ExposureQuery(Recorded.Banner, experiment, [s_revenue with { Absent = 0 }]) { AsOf = s_noon.AddDays(1), Moves = [s_noon.AddMinutes(-5), s_noon.AddMinutes(30)] };
        var unit = Assert.Single(await (await StoredAsync(store)).Exposures.ReadAsync(query, default).ToListAsync());
        Assert.Equal((10.0, 2, false), (unit.Values[0], unit.Decisions, unit.SawOtherArms));
    }

    [Fact]
    public async Task Measures_count_spans_around_the_exposure_and_keep_single_observations()
    {
        await using var store = await OpenAsync();
        var experiment = Guid.CreateVersion7(s_noon);
        await store.AddAsync(Recorded.Decision("d-0", unit: "user-1", time: s_noon.AddHours(-1))); // before the experiment
        await store.AddAsync(Recorded.Decision("d-1", unit: "user-1", time: s_noon, experiment: experiment, arm: 1));
        await store.AddAsync(Recorded.Decision("d-2", unit: "user-2", time: s_noon.AddMinutes(1), experiment: experiment, arm: 0));
        await store.AddAsync(Recorded.Observation("o-0", "d-0", outcome: "revenue", value: 100, time: s_noon.AddMinutes(-30)));
        await store.AddAsync(Recorded.Observation("o-1", "d-0", outcome: "revenue", value: 50, time: s_noon.AddMinutes(5))); // named before, happened after
        await store.AddAsync(Recorded.Observation("o-2", "d-1", outcome: "revenue", value: 5, time: s_noon.AddMinutes(10)));
        await store.AddAsync(Recorded.Observation("o-3", "d-1", outcome: "revenue", value: 7, time: s_noon.AddMinutes(70)));
        await store.AddAsync(Recorded.Observation("o-4", unit: "user-1", outcome: "revenue", value: 3, time: s_noon.AddMinutes(-10)));
        await store.AddAsync(Recorded.Observation("o-5", unit: "user-2", outcome: "revenue", value: 2, time: s_noon.AddMinutes(-200)));
        var sum = s_revenue with { Aggregation = Aggregation.Sum, Absent = 0 };
        var query = new ExposureQuery(Recorded.Banner, experiment, [sum])
        {
            Measures =
            [
                Measure.Before(sum, TimeSpan.FromHours(2)),
                new(sum) { Counts = true },
                new(sum with { Aggregation = Aggregation.Any }) { From = TimeSpan.FromMinutes(60), Until = TimeSpan.FromMinutes(90) },
                new(sum) { Until = TimeSpan.FromMinutes(30), KeepsEvents = true },
            ],
            AsOf = s_noon.AddDays(1),
        };
        var units = await store.Exposures.ReadAsync(query, default).ToListAsync();
        Assert.Equal([12, 103, 2, 1, 5], units[0].Values);
        Assert.Equal([0, 0, 0, 0, 0], units[1].Values);
        Assert.Equal([new KeptEvent(TimeSpan.FromMinutes(10).Ticks, 5)], units[0].Events[4]);
        Assert.All(units[1].Events, e => Assert.True(e.IsEmpty));
    }

    [Fact]
    public async Task A_unit_that_changed_its_arm_is_told()
    {
        await using var store = await OpenAsync();
        var experiment = Guid.CreateVersion7(s_noon);
        await store.AddAsync(Recorded.Decision("d-1", experiment: experiment, arm: 0));
        await store.AddAsync(Recorded.Decision("d-2", experiment: experiment, arm: 1, time: s_noon.AddMinutes(1)));
        var unit = Assert.Single(await (await StoredAsync(store)).Exposures.ReadAsync(new(Recorded.Banner, experiment, []), default).ToListAsync());
        Assert.True(unit.SawOtherArms);
        Assert.Equal(0, unit.Decision.Arm);
    }

    [Fact]
    public async Task Decisions_are_listed_newest_first_page_by_page_and_filtered()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 25; i++)
            await store.AddAsync(Recorded.Decision($"d-{i}", unit: $"user-{i % 5}", time: s_noon.AddMinutes(i / 2), option: i % 3, reason: i % 2 == 0 ? Reason.Policy : Reason.Explore));
        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => $"d-{i}"), await ListAsync(store, new(Recorded.Banner)));
        Assert.Equal(["d-23", "d-18", "d-13", "d-8", "d-3"], await ListAsync(store, new(Recorded.Banner) { Unit = "user-3" }));
        Assert.Equal(["d-20", "d-14", "d-8", "d-2"], await ListAsync(store, new(Recorded.Banner) { Options = new Dictionary<int, int> { [3] = 2 }, Reason = Reason.Policy }));
        Assert.Equal(["d-7", "d-6", "d-5", "d-4"], await ListAsync(store, new(Recorded.Banner) { From = s_noon.AddMinutes(2), Until = s_noon.AddMinutes(4) }));
        Assert.Empty(await ListAsync(store, new(Guid.Empty)));
    }

    [Fact]
    public async Task Counts_per_hour_option_and_outcome_are_exact_and_survive_a_restart()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 30; i++) await store.AddAsync(Recorded.Decision($"d-{i}", time: s_noon.AddMinutes(4 * i), option: i % 2));
        await store.AddAsync(Recorded.Observation("o-1", "d-3", outcome: "revenue", value: 2.5), Recorded.Observation("o-2", "d-4", outcome: "revenue", value: 4));
        await store.AddAsync(Recorded.Observation("o-3", unit: "user-1"));
        await Eventually.IsTrueAsync(async () =>
        {
            var hours = await (await StoredAsync(store)).Reader.HoursAsync(Recorded.Banner, s_noon, s_noon.AddHours(3), default);
            return hours.SequenceEqual([new(s_noon, 15, 3), new(s_noon.AddHours(1), 15, 0)]);
        });
        var options = await (await StoredAsync(store)).Reader.OptionsAsync(Recorded.Banner, s_noon, s_noon.AddHours(3), default);
        Assert.Equal([new(3, 0, Reason.Policy, 15), new(3, 1, Reason.Policy, 15)], options);
        var outcomes = await (await StoredAsync(store)).Reader.OutcomesAsync(Recorded.Banner, s_noon, s_noon.AddHours(3), default);
        Assert.Equal([new("purchase", 1, 1), new("revenue", 2, 6.5)], outcomes);
        Assert.Equal(new(30, s_noon, s_noon.AddMinutes(116), 3, s_noon, s_noon), store.Activity.Of(Recorded.Banner));
    }

    [Fact]
    public async Task An_option_is_counted_under_the_version_that_meant_it()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 6; i++) await store.AddAsync(Recorded.Decision($"d-{i}") with { BlueprintVersion = i < 4 ? 1 : 2 });
        await store.AddAsync(Recorded.Observation("o-1", "d-1", outcome: "revenue", value: 2), Recorded.Observation("o-2", "d-5", outcome: "revenue", value: 8));
        await Eventually.IsTrueAsync(async () => (await (await StoredAsync(store)).Reader.OptionsAsync(Recorded.Banner, s_noon, s_noon, default)).SequenceEqual([new(1, 0, Reason.Policy, 4), new(2, 0, Reason.Policy, 2)]));
        var all = new ExampleQuery(Recorded.Banner, [s_revenue with { Absent = 0 }]);
        var both = (await (await StoredAsync(store)).Examples.FiguresAsync(all, default)).Outcomes[0];
        Assert.Equal([(1, 0, 4L, 0.5), (2, 0, 2L, 4.0)], both.ByOption.Select(o => (o.Version, o.Option, o.Decisions, o.Mean)));
        var own = (await (await StoredAsync(store)).Examples.FiguresAsync(all, default, (version, _) => version == 2)).Outcomes[0]; // the other did not wait for it
        Assert.Equal((2, 1, 0.5), (own.Closed, own.Joined, own.JoinRate));
        Assert.Equal([(2, 0, 2L, 4.0)], own.ByOption.Select(o => (o.Version, o.Option, o.Decisions, o.Mean)));
    }

    [Fact] // an outcome with a long window beside it makes more of the unit's observations be looked at, and none late
    public async Task An_observation_of_a_unit_is_late_for_no_decision()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("first"));
        await store.AddAsync(Recorded.Decision("second", time: s_noon.AddHours(3)));
        await store.AddAsync(Recorded.Observation("o-1", unit: "user-1", outcome: "revenue", value: 1, time: s_noon.AddHours(3.5)));
        await store.AddAsync(Recorded.Observation("o-2", "first", outcome: "revenue", value: 1, time: s_noon.AddHours(4)));
        Outcome[] outcomes = [s_revenue with { Window = TimeSpan.FromHours(1) }, s_purchase with { Window = TimeSpan.FromDays(1) }];
        var figures = await (await StoredAsync(store)).Examples.FiguresAsync(new(Recorded.Banner, [.. outcomes]) { AsOf = s_noon.AddDays(3) }, default);
        Assert.Equal((2, 1, 1), (figures.Outcomes[0].Closed, figures.Outcomes[0].Joined, figures.Outcomes[0].Late));
    }

    [Fact]
    public async Task Figures_tell_join_rate_delay_and_means_by_option()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 10; i++)
        {
            await store.AddAsync(Recorded.Decision($"d-{i}", unit: $"user-{i}", option: i % 2));
            if (i < 4) await store.AddAsync(Recorded.Observation($"o-{i}", $"d-{i}", outcome: "revenue", value: i, time: s_noon.AddSeconds(90)));
        }
        var figures = await (await StoredAsync(store)).Examples.FiguresAsync(new(Recorded.Banner, [s_revenue with { Absent = 0 }]), default);
        var revenue = Assert.Single(figures.Outcomes);
        Assert.Equal((10, 4, 0.4), (revenue.Closed, revenue.Joined, revenue.JoinRate));
        Assert.Equal([new(TimeSpan.FromSeconds(128), 4)], revenue.Delays.Where(d => d.Decisions > 0));
        Assert.Equal([(3, 0, 5L, 0.4), (3, 1, 5L, 0.8)], revenue.ByOption.Select(o => (o.Version, o.Option, o.Decisions, Math.Round(o.Mean, 12))));
    }

    [Fact]
    public async Task Removing_a_decision_point_takes_its_events_and_no_other()
    {
        await using var store = await OpenAsync();
        var other = Guid.CreateVersion7(s_noon);
        await store.Journal.AppendAsync([.. Enumerable.Range(0, 1_200).Select(i => Recorded.Decision($"d-{i}"))], durable: false, default);
        await store.AddAsync(Recorded.Decision("kept", point: other));
        await store.AddAsync(Recorded.Observation("o-1", "d-7"), Recorded.Observation("o-2", "d-1100"), Recorded.Observation("o-3", "kept"));
        Assert.Equal(new Removed(1_200, 2), await store.RemoveAsync(RemovalOrder.OfPoint(Recorded.Banner)));
        Assert.Equal(PointActivity.None, store.Activity.Of(Recorded.Banner));
        Assert.Empty(await (await StoredAsync(store)).Reader.HoursAsync(Recorded.Banner, DateTimeOffset.MinValue, s_noon.AddDays(1), default));
        Assert.Equal(["o-3"], (await (await StoredAsync(store)).Reader.FindTrailAsync("kept", default))!.Observations.Select(o => o.Id));
        Assert.Equal(AppendStatus.Stored, await store.AddAsync(Recorded.Decision("d-7")));
        Assert.Equal(1, store.Activity.Of(Recorded.Banner).Decisions);
    }

    [Fact]
    public async Task Removing_what_was_simulated_keeps_what_was_real()
    {
        await using var store = await OpenAsync();
        await store.AddAsync(Recorded.Decision("real"));
        await store.AddAsync(Recorded.Decision("simulated", marks: RecordMarks.Simulated));
        await store.AddAsync(
            Recorded.Observation("o-1", "simulated", marks: RecordMarks.Simulated), Recorded.Observation("o-2", "real"),
            Recorded.Observation("o-3", unit: "user-1", marks: RecordMarks.Simulated));
        Assert.Equal(new Removed(1, 2), await store.RemoveAsync(RemovalOrder.OfSimulated()));
        Assert.Equal(["real"], await ListAsync(store, new(Recorded.Banner)));
        Assert.Equal(1, store.Activity.Of(Recorded.Banner).Decisions);
    }

    private async Task<List<Example>> ExamplesAsync(OpenJournal store, DateTimeOffset? asOf = null) =>
        await (await StoredAsync(store)).Examples.ReadAsync(new(Recorded.Banner, [s_purchase, s_revenue]) { AsOf = asOf }, default).ToListAsync();

    private async Task<ImmutableArray<string>> ListAsync(OpenJournal store, DecisionFilter filter)
    {
        var ids = ImmutableArray.CreateBuilder<string>();
        string? next = null;
        do
        {
            var page = await (await StoredAsync(store)).Reader.DecisionsAsync(filter, next, 4, default);
            ids.AddRange(page.Items.Select(d => d.Id));
            next = page.Next;
        }
        while (next is not null);
        return ids.ToImmutable();
    }
}
