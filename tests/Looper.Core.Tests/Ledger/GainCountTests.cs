using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Ledger;
using Looper.Core.Policies;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Ledger;

/// <summary>Which decisions a gain is counted from.</summary>
public sealed class GainCountTests
{
    private const long Salt = 12345;
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static BlueprintContent Content(double holdout, double share = 1, string outcome = "purchase", Aggregation aggregation = Aggregation.Last) => new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
        Outcomes = [new(outcome, OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Aggregation = aggregation }], Goal = new() { Terms = [new(outcome)] },
        Rollout = new() { Holdout = holdout, Share = share },
    };

    private static double Place(string unit, string stream = "holdout") => Assignment.Uniform(Assignment.Stream(Salt, stream), unit);

    private static readonly GoalReward s_reward = GoalReward.Of(Content(0)).Value!;

    private static Gain Gain(IReadOnlyList<GainCount> parts) => CountedGain.Of(new() { Method = "m", MeasuredAt = s_start, Goal = "purchase" }, parts, 0);

    private static HeldOutLots Lots(BlueprintContent?[] versions, params TakingUnits[] experiments) =>
        new(Salt, versions.Select((v, i) => (i + 1, s_start.AddDays(i), v)), s_reward, [.. experiments]);

    private static Example Row(int i, string unit, double value, int version = 1, DateTimeOffset? at = null, Reason reason = Reason.Policy, Guid? experiment = null, RecordMarks marks = RecordMarks.None) => new(
        new()
        {
            Id = $"d{i}", DecisionPointId = default, Unit = unit, Time = at ?? s_start.AddMinutes(i), BlueprintVersion = version, Option = 0, Propensity = 1, Reason = reason, ExperimentId = experiment, Marks = marks, Served = default,
        },
        [value], [value], [true], 0);

    private static GainCount Count(HeldOutLots lots, IEnumerable<Example> rows, int part = 0, int parts = 1, CountState? carried = null)
    {
        var count = new GainCount(lots, s_reward, 0, part, parts, carried);
        foreach (var row in rows) count.Add(row);
        count.EndDay(s_start.AddDays(10));
        return count;
    }

    // Half of those decided for buy, and a fifth of those held out.
    private static List<Example> Sold(int units, double holdout, int version = 1, DateTimeOffset? from = null) =>
        [.. Enumerable.Range(0, units).Select(i => Row(i, $"u{i}", i % 10 < (Place($"u{i}") < holdout ? 2 : 5) ? 1 : 0, version, (from ?? s_start).AddSeconds(i)))];

    [Fact]
    public void The_place_of_a_unit_says_whether_it_was_held_out_whatever_was_answered_and_why()
    {
        var rows = Sold(2_000, 0.3);
        var gain = Gain([Count(Lots([Content(0.3)]), rows)]);
        var held = rows.Count(r => Place(r.Decision.Unit) < 0.3);
        Assert.Equal((2_000 - held, 0), (gain.Decisions, gain.Unmeasured));
        var stretch = Assert.Single(gain.Stretches);
        Assert.Equal((GainSource.Holdout, (long)held, (long)held, 0.3), (stretch.Source, stretch.KeptDecisions, stretch.KeptUnits, stretch.Kept));
        Assert.Equal(0.3, gain.PerDecision.Value, 0.03);
        Assert.Equal(gain.PerDecision.Value * gain.Decisions, gain.Total.Value, 1e-6);
        Assert.Equal(gain.Total.Value, Assert.Single(gain.Course).Total.Value);
        // paused for a while: everybody had the default, also those who are decided for otherwise
        var paused = Gain([Count(Lots([Content(0.3)]), rows.Select(r => r with { Decision = r.Decision with { Reason = Reason.DefaultPaused } }))]);
        Assert.Equal(gain.Total, paused.Total);
    }

    [Fact]
    public void What_no_lot_decided_is_left_out()
    {
        var rows = Sold(1_000, 0.3);
        var gain = Gain([Count(Lots([Content(0.3)]), rows)]);
        Example[] others = [.. rows.Select(r => r with { Decision = r.Decision with { Reason = Reason.Override } }), .. rows.Select(r => r with { Decision = r.Decision with { Marks = RecordMarks.Imported } }),
            .. rows.Select(r => r with { Decision = r.Decision with { BlueprintVersion = 9 } }), .. rows.Select(r => r with { Values = [double.NaN] })];
        Assert.Equal(gain.Total, Gain([Count(Lots([Content(0.3)]), [.. rows, .. others])]).Total);
    }

    [Fact]
    public void Versions_that_start_alike_are_one_stretch_and_another_holdout_begins_the_next()
    {
        var (first, second, third) = (Sold(1_000, 0.3), Sold(1_000, 0.3, 2, s_start.AddDays(1)), Sold(1_000, 0.15, 3, s_start.AddDays(2)));
        var gain = Gain([Count(Lots([Content(0.3), Content(0.3), Content(0.15)]), [.. first, .. second, .. third])]);
        Assert.Equal([(1, 2, 0.3), (3, 3, 0.15)], gain.Stretches.Select(s => (s.FirstVersion, s.LastVersion, s.Kept)));
        Assert.Equal(gain.Stretches.Sum(s => s.Total.Value), gain.Total.Value, 1e-6);
        Assert.Equal(gain.Stretches.Sum(s => s.Decisions), gain.Decisions);
        Assert.Equal([1_000L, 1_000L], gain.Stretches.Select(s => s.Units + s.KeptUnits)); // in the first one each unit came twice
    }

    [Fact]
    public void An_experiment_that_began_with_fewer_held_out_keeps_those_between_on_neither_side()
    {
        var experiment = Guid.CreateVersion7();
        // began while a tenth was held out; version 2 holds out three tenths, but the experiment goes on with who it has
        var taking = new TakingUnits("banner-test", 0.1, s_start, s_start.AddDays(3));
        var rows = Enumerable.Range(0, 4_000).Select(i => (Unit: $"u{i}", Place: Place($"u{i}"), I: i))
            .Select(u => Row(u.I, u.Unit, u.I % 10 < (u.Place < 0.1 ? 2 : 5) ? 1 : 0, u.Place < 0.1 ? 2 : 1, s_start.AddDays(1).AddSeconds(u.I), u.Place < 0.1 ? Reason.Holdout : Reason.Experiment, u.Place < 0.1 ? null : experiment)).ToList();
        var gain = Gain([Count(Lots([Content(0.1), Content(0.3)], taking), rows)]);
        var stretch = Assert.Single(gain.Stretches); // arms of version 1 count where version 2 served
        Assert.Equal((2, 0.1), (stretch.LastVersion, stretch.Kept));
        Assert.Equal(rows.Count(r => Place(r.Decision.Unit) >= 0.3), gain.Decisions);
        Assert.Equal(rows.Count(r => Place(r.Decision.Unit) < 0.1), stretch.KeptDecisions);
        var all = Gain([Count(Lots([Content(0.1), Content(0.3)], taking with { Holdout = 0 }), rows)]);
        Assert.Contains("`banner-test` began before anybody was held out", all.WhyNot, StringComparison.Ordinal);
        Assert.True(double.IsNaN(all.Total.Value));
        Assert.Equal(4_000, all.Unmeasured);
    }

    [Fact]
    public void Without_a_holdout_those_outside_the_rollout_are_compared_unless_an_experiment_takes_of_them()
    {
        List<Example> rows = [.. Enumerable.Range(0, 2_000).Select(i => Row(i, $"u{i}", i % 10 < (Place($"u{i}", "rollout") >= 0.6 ? 2 : 5) ? 1 : 0))];
        var gain = Gain([Count(Lots([Content(0, 0.6)]), rows)]);
        var stretch = Assert.Single(gain.Stretches);
        Assert.Equal((GainSource.Rollout, (long)rows.Count(r => Place(r.Decision.Unit, "rollout") >= 0.6)), (stretch.Source, stretch.KeptUnits));
        Assert.Equal(0.4, stretch.Kept, 12);
        Assert.Equal(0.3, gain.PerDecision.Value, 0.04);
        Assert.Contains("takes units from outside the rollout", Gain([Count(Lots([Content(0, 0.6)], new TakingUnits("t", 0, s_start, null)), rows)]).WhyNot, StringComparison.Ordinal);
        Assert.Equal(GainWords.NobodyKept, Gain([Count(Lots([Content(0)]), rows)]).WhyNot);
    }

    [Fact]
    public void Nothing_is_said_of_few_units_of_another_outcome_or_of_a_version_that_cannot_be_read()
    {
        var rows = Sold(200, 0.3);
        Assert.Contains("of 100 units that kept the baseline", Gain([Count(Lots([Content(0.3)]), rows)]).WhyNot, StringComparison.Ordinal);
        Assert.Equal("`purchase` was no outcome then.", Gain([Count(Lots([Content(0.3, outcome: "click")]), rows)]).WhyNot);
        Assert.Equal("`purchase` was defined otherwise.", Gain([Count(Lots([Content(0.3, aggregation: Aggregation.First)]), rows)]).WhyNot);
        Assert.Equal("Version 1 cannot be read.", Gain([Count(Lots([null]), rows)]).WhyNot);
        Assert.Equal(GainWords.NothingClosed, Gain([Count(Lots([Content(0.3)]), [])]).WhyNot);
    }

    [Fact]
    public void A_growing_rollout_is_one_stretch_while_the_holdout_stays()
    {
        var shares = new[] { 0.1, 0.5, 1 };
        var rows = shares.SelectMany((_, i) => Sold(400, 0.3, i + 1, s_start.AddDays(i))).ToList();
        Assert.Equal((1, 3), (Assert.Single(Gain([Count(Lots([.. shares.Select(s => Content(0.3, s))]), rows)]).Stretches) is var one ? one.FirstVersion : 0, one.LastVersion));
        Assert.Equal(3, Gain([Count(Lots([.. shares.Select(s => Content(0, s))]), rows)]).Stretches.Length); // without one, it is the share that says who keeps the baseline
    }

    [Fact]
    public void A_gain_is_told_where_nobody_held_out_has_the_outcome()
    {
        var rows = Enumerable.Range(0, 2_000).Select(i => Row(i, $"u{i}", Place($"u{i}") >= 0.3 && i % 10 < 2 ? 1 : 0)).ToList();
        var gain = Gain([Count(Lots([Content(0.3)]), rows)]);
        Assert.Null(gain.WhyNot);
        Assert.Equal(0.2, gain.PerDecision.Value, 0.02);
        Assert.InRange(gain.PerDecision.Low, 0.1, 0.19);
        Assert.Equal(gain.Total, gain.Stretches[0].Total);
        // nor where nobody at all has: then nothing varies
        var nothing = Gain([Count(Lots([Content(0.3)]), rows.Select(r => r with { Values = [0.0] }))]);
        Assert.Equal((0L, 2_000L - rows.Count(r => Place(r.Decision.Unit) < 0.3)), (nothing.Decisions, nothing.Unmeasured));
        Assert.NotNull(nothing.WhyNot);
    }

    [Fact]
    public void A_stretch_that_is_not_measured_is_in_no_total_and_the_gain_is_since_the_first_that_is()
    {
        List<Example> rows = [.. Sold(200, 0.3), .. Sold(2_000, 0.15, 2, s_start.AddDays(5))]; // 60 and 300 held out
        var gain = Gain([Count(Lots([Content(0.3), Content(0.15)]), rows)]);
        Assert.Equal([true, false], gain.Stretches.Select(s => s.WhyNot is not null));
        Assert.Equal(gain.Stretches[1].Total, gain.Total);
        Assert.Equal((gain.Stretches[1].Decisions, gain.Stretches[0].Decisions), (gain.Decisions, gain.Unmeasured));
        Assert.Equal(s_start.AddDays(5), gain.Since);
        var nobody = Gain([Count(Lots([Content(0, 0)]), Sold(200, 0))]);
        Assert.Equal(GainWords.NobodyDecided, nobody.WhyNot);
    }

    [Fact]
    public void Many_changes_of_the_holdout_are_told_apart_up_to_a_number_and_those_that_cannot_be_measured_take_no_place()
    {
        var versions = Enumerable.Range(1, 90).Select(v => v % 2 == 0 ? Content(0) : Content(0.3 + (v / 1_000.0))).ToArray(); // every other one holds nobody out
        var rows = Enumerable.Range(1, 90).SelectMany(v => Sold(20, 0.5, v, s_start.AddDays(v - 1))).ToList();
        var gain = Gain([Count(Lots(versions), rows)]);
        Assert.Equal((GainCount.MostStretches, GainCount.MostStretches), (gain.Stretches.Count(s => s.Kept > 0), gain.Stretches.Count(s => s.Kept == 0)));
        Assert.Contains("changed more than 40 times", gain.Beyond, StringComparison.Ordinal);
        Assert.Equal(rows.Count(r => r.Decision.BlueprintVersion % 2 == 0 || Place(r.Decision.Unit) >= 0.3 + (r.Decision.BlueprintVersion / 1_000.0)), gain.Unmeasured); // no stretch has enough units
    }

    [Fact]
    public void The_plan_of_an_experiment_that_cannot_be_read_leaves_its_time_unmeasured()
    {
        var taking = new TakingUnits("odd", null, s_start.AddDays(1), s_start.AddDays(2));
        List<Example> rows = [.. Sold(1_000, 0.3), .. Sold(100, 0.3, 1, s_start.AddDays(1.5))];
        var gain = Gain([Count(Lots([Content(0.3)], taking), rows)]);
        Assert.Null(gain.WhyNot);
        Assert.Equal(100, gain.Unmeasured);
        Assert.Contains(gain.Stretches, s => s.WhyNot == GainWords.PlanUnread("odd"));
    }

    [Fact]
    public void Units_in_parts_come_to_the_same()
    {
        List<Example> rows = [.. Sold(1_000, 0.3), .. Sold(1_000, 0.2, 2, s_start.AddDays(1))];
        HeldOutLots lots() => Lots([Content(0.3), Content(0.2)]);
        var (whole, parts) = (Gain([Count(lots(), rows)]), Gain([.. Enumerable.Range(0, 4).Select(part => Count(lots(), rows, part, 4))]));
        Assert.Equal(whole.Total.Value, parts.Total.Value, 1e-9);
        Assert.Equal(whole.Total.StandardError, parts.Total.StandardError, 1e-9);
        Assert.Equal(whole.Decisions, parts.Decisions);
        Assert.Equal(whole.Stretches.Select(s => (s.Units, s.KeptUnits)), parts.Stretches.Select(s => (s.Units, s.KeptUnits)));
        Assert.Equal(whole.Course[0].Total.Value, parts.Course[0].Total.Value, 1e-9);
    }

    [Fact]
    public void Many_days_are_thinned_to_every_other_and_the_last_stays()
    {
        var count = new GainCount(Lots([Content(0.3)]), s_reward, 0, 0, 1);
        count.Add(Row(0, "u", 1));
        for (var day = 1; day <= 1_000; day++) count.EndDay(s_start.AddDays(day));
        Assert.InRange(count.Course.Count, 120, 240);
        Assert.Equal(s_start.AddDays(1_000), count.Course[^1].Until);
        Assert.Equal(count.Course.OrderBy(c => c.Until).Select(c => c.Until), count.Course.Select(c => c.Until));
    }
}
