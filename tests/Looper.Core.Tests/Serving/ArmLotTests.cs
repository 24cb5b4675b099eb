using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>Arms that go to clusters, to slots of time, or to units by shares that change.</summary>
public sealed class ArmLotTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    private static ExperimentSource Halves => Serve.Experiment(new("a", 0.5, "none", null, null), new("b", 0.5, "ten-percent", null, null)) with { StartedAt = Start };

    private static ServingSnapshot Snapshot(ExperimentSource experiment) => Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: experiment));

    private static Decision Decide(ServingSnapshot snapshot, string unit, string context = "{}", DateTimeOffset at = default) => DecisionEngine.Decide(
        snapshot, snapshot.Points[0], new(Serve.Utf8(unit), Serve.Utf8(unit), Serve.Utf8(context), at: at), new());

    [Fact]
    public void All_units_of_a_cluster_share_an_arm_and_clusters_divide_as_planned()
    {
        var snapshot = Snapshot(Halves with { Cluster = "country" });
        var inB = 0;
        for (var c = 0; c < 2_000; c++)
        {
            var arms = Enumerable.Range(0, 3).Select(i => Decide(snapshot, $"u-{c}-{i}", $$"""{"country":"c{{c}}"}""").Arm).Distinct().ToList();
            inB += Assert.Single(arms);
        }

        Assert.Equal(0.5, inB / 2_000.0, 4 * Math.Sqrt(0.25 / 2_000));
    }

    [Fact]
    public void A_number_names_a_cluster_too_and_a_call_without_its_cluster_takes_no_part()
    {
        var snapshot = Snapshot(Halves with { Cluster = "cartValue" });
        Assert.Equal(2, Enumerable.Range(0, 40).Select(i => Decide(snapshot, $"u{i}", $$"""{"cartValue":{{i}}}""").Arm).Distinct().Count());
        Assert.Equal(Decide(snapshot, "one", """{"cartValue":0}""").Arm, Decide(snapshot, "two", """{"cartValue":-0.0}""").Arm);
        Assert.Null(Decide(snapshot, "one").Experiment);
        Assert.Null(Decide(snapshot, "one", """{"cartValue":"much"}""").Experiment);
    }

    [Fact]
    public void A_slot_has_one_arm_and_two_weeks_have_both_arms_at_every_time_of_the_week()
    {
        var snapshot = Snapshot(Halves with { Slots = new(60, null) });
        var arms = Enumerable.Range(0, 4 * 168).Select(h => Assert.Single(
            new[] { 0, 20, 59 }.Select(m => Decide(snapshot, $"u{h}-{m}", at: Start.AddHours(h).AddMinutes(m)).Arm).Distinct())).ToList();
        for (var hour = 0; hour < 168; hour++)
        {
            Assert.Equal(1, arms[hour] + arms[hour + 168]);
            Assert.Equal(1, arms[hour + 336] + arms[hour + 504]);
        }

        Assert.InRange(arms.Take(168).Sum(), 60, 108); // within the first week it is a lot: 84 ± 4 standard deviations
        Assert.InRange(Enumerable.Range(0, 168).Count(h => arms[h] == arms[h + 336]), 60, 108); // and the next two weeks are drawn anew
    }

    [Fact]
    public void Each_region_has_slots_of_its_own_and_a_call_without_its_region_takes_no_part()
    {
        var snapshot = Snapshot(Halves with { Slots = new(60, "country") });
        int Arm(string country, int hour) => Decide(snapshot, "u", $$"""{"country":"{{country}}"}""", Start.AddHours(hour)).Arm;
        Assert.InRange(Enumerable.Range(0, 168).Count(h => Arm("NL", h) == Arm("BE", h)), 60, 108);
        Assert.Null(Decide(snapshot, "u", at: Start).Experiment);
    }

    [Fact]
    public void Slots_with_unequal_shares_are_drawn_one_by_one()
    {
        var snapshot = Snapshot(Serve.Experiment(new("a", 0.8, "none", null, null), new("b", 0.2, "ten-percent", null, null)) with { StartedAt = Start, Slots = new(30, null) });
        var inB = Enumerable.Range(0, 4_000).Sum(s => Decide(snapshot, "u", at: Start.AddMinutes(30 * s)).Arm);
        Assert.Equal(0.2, inB / 4_000.0, 4 * Math.Sqrt(0.16 / 4_000));
    }

    [Fact]
    public void Changed_shares_hold_from_their_moment_on_and_a_unit_moves_only_to_an_arm_that_gained_on_its_own()
    {
        var source = Serve.Experiment(new("a", 1 / 3.0, "none", null, null), new("b", 1 / 3.0, "ten-percent", null, null), new("c", 1 / 3.0, "free-shipping", null, null)) with { StartedAt = Start };
        var later = Start.AddDays(1);
        var snapshot = Snapshot(source with { Shares = [new(Start, [1 / 3.0, 1 / 3.0, 1 / 3.0]), new(later, [0.6, 0.3, 0.1])] });
        const int n = 20_000;
        var (before, after) = (new int[3], new int[3]);
        for (var i = 0; i < n; i++)
        {
            var (was, now) = (Decide(snapshot, $"u{i}", at: later.AddTicks(-1)), Decide(snapshot, $"u{i}", at: later));
            (before[was.Arm], after[now.Arm]) = (before[was.Arm] + 1, after[now.Arm] + 1);
            if (was.Arm != now.Arm) Assert.True(now.Arm < was.Arm, $"u{i} went from {was.Arm} to {now.Arm}");
            Assert.Equal(new[] { 0.6, 0.3, 0.1 }[now.Arm], now.Propensity, 1e-12);
            Assert.Equal(1 / 3.0, was.Propensity, 1e-12);
        }

        for (var arm = 0; arm < 3; arm++)
        {
            Assert.Equal(1 / 3.0, before[arm] / (double)n, 4 * Math.Sqrt(0.23 / n));
            Assert.Equal(new[] { 0.6, 0.3, 0.1 }[arm], after[arm] / (double)n, 4 * Math.Sqrt(0.25 / n));
        }
    }

    [Theory, InlineData("gone", "gone")]
    public void A_feature_that_is_gone_is_a_fault_that_says_so(string cluster, string region)
    {
        Assert.Contains("'gone'", Snapshot(Halves with { Cluster = cluster }).Points[0].Fault!.Reason, StringComparison.Ordinal);
        Assert.Contains("'gone'", Snapshot(Halves with { Slots = new(60, region) }).Points[0].Fault!.Reason, StringComparison.Ordinal);
        Assert.Contains("divide a day", Snapshot(Halves with { Slots = new(61, null) }).Points[0].Fault!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void How_arms_are_given_survives_the_disk()
    {
        var experiment = Halves with { Cluster = "country", Slots = new(60, "country"), Shares = [new(Start, [0.25, 0.75])] };
        var read = SnapshotCodec.Read(SnapshotCodec.Write(new(DateTimeOffset.UnixEpoch, [Serve.Point(Serve.Banner(), experiments: experiment)]))).Value!.Points[0].Experiments[0];
        Assert.Equal((experiment.Cluster, experiment.Slots), (read.Cluster, read.Slots));
        Assert.Equal(Start, Assert.Single(read.Shares).From);
        Assert.Equal([0.25, 0.75], read.Shares[0].Weights);
    }

    [Fact]
    public void Slots_begin_at_midnight_and_know_their_burn_in_and_second_half()
    {
        var slots = new TimeSlots(60, 10);
        var slot = slots.Of(Start.AddMinutes(75));
        Assert.Equal(Start.AddHours(1), slots.StartOf(slot));
        Assert.True(slots.IsBurnIn(Start.AddMinutes(69)));
        Assert.False(slots.IsBurnIn(Start.AddMinutes(70)));
        Assert.False(slots.IsLate(Start.AddMinutes(94)));
        Assert.True(slots.IsLate(Start.AddMinutes(95))); // halfway between minute 10 and minute 60
        Assert.Equal(-1, new TimeSlots(60).Of(DateTimeOffset.UnixEpoch.AddTicks(-1)));
    }
}
