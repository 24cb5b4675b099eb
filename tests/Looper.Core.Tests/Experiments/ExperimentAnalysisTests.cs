using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Experiments;

public class ExperimentAnalysisTests
{
    private static readonly Outcome Purchase = new("purchase", OutcomeKind.Boolean), Revenue = new("revenue", OutcomeKind.Number), Refund = new("refund", OutcomeKind.Boolean) { Better = Direction.Lower };
    private static ExperimentPlan HalfAndHalf => Exposed.Plan(("control", 0.5), ("treatment", 0.5));

    private static IEnumerable<Looper.Core.Events.ExposedUnit> Units(int n, double rateA, double rateB, int seed = 1, double share = 0.5, double days = 9)
    {
        var random = new Philox(seed);
        for (var i = 0; i < n; i++)
        {
            var arm = random.Uniform() < share ? 0 : 1;
            var unit = Exposed.Unit(arm, [random.Uniform() < (arm == 0 ? rateA : rateB) ? 1 : 0]);
            yield return unit with { Decision = unit.Decision with { Time = Exposed.Start.AddDays(days * i / n) } };
        }
    }

    private static ReportContent Report(IEnumerable<Looper.Core.Events.ExposedUnit> units, ExperimentPlan? plan = null, ExperimentState state = ExperimentState.Running) =>
        Exposed.Report(Exposed.Settings(plan ?? HalfAndHalf, "purchase", state), Exposed.Blueprint(Purchase), units);

    [Fact]
    public void A_clear_gain_is_shipped() =>
        Assert.Equal((RecommendedAction.Ship, 4), (Report(Units(20_000, 0.1, 0.13)).Recommendation.Action, Report(Units(20_000, 0.1, 0.13)).Recommendation.Rule));

    [Theory, InlineData(ExperimentState.Running, RecommendedAction.KeepRunning), InlineData(ExperimentState.Stopped, RecommendedAction.YourCall)]
    public void A_clear_gain_of_less_than_a_week_is_not_shipped(ExperimentState state, RecommendedAction expected)
    {
        foreach (var plan in new[] { HalfAndHalf, HalfAndHalf with { Bandit = new(0.1, 24) } })
        {
            var recommendation = Report(Units(20_000, 0.1, 0.13, days: 3), plan, state).Recommendation;
            Assert.Equal(expected, recommendation.Action);
            Assert.Contains("less than a week", recommendation.Sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_reading_that_holds_once_is_not_acted_on_before_its_time()
    {
        var plan = HalfAndHalf with { Reading = ReadingKind.Fixed, PlannedDays = 28 };
        Assert.Equal((RecommendedAction.KeepRunning, "Keep running about 18 days"), (Report(Units(20_000, 0.1, 0.13), plan).Recommendation.Action, Report(Units(20_000, 0.1, 0.13), plan).Recommendation.Title));
        Assert.Equal(RecommendedAction.Ship, Report(Units(20_000, 0.1, 0.13), plan with { PlannedDays = 9 }).Recommendation.Action);
    }

    [Fact]
    public void A_recommendation_writes_the_change_as_the_scorecard_below_it_does()
    {
        var report = Report(Units(2_000, 0.1, 0.1));
        var change = report.Metrics[0].Comparisons[0].Relative;
        var (low, high) = (100 * change.Deciding(report.Decides).Low, 100 * change.Deciding(report.Decides).High);
        Assert.True(high - low > 20, "as wide as to take its decimals away");
        Assert.Contains(Words.Interval(100 * change.Estimate, low, high, "%", isDifference: true), report.Recommendation.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clear_loss_is_rolled_back() => Assert.Equal(RecommendedAction.RollBack, Report(Units(20_000, 0.13, 0.1)).Recommendation.Action);

    [Fact]
    public void No_difference_yet_keeps_running_and_says_about_how_long()
    {
        var recommendation = Report(Units(4_000, 0.1, 0.1)).Recommendation;
        Assert.Equal(RecommendedAction.KeepRunning, recommendation.Action);
        Assert.Matches(@"Keep running about [\d,]+ days?", recommendation.Title);
    }

    [Fact]
    public void At_the_planned_end_the_largest_difference_still_possible_is_named()
    {
        var recommendation = Report(Units(40_000, 0.1, 0.1), HalfAndHalf with { PlannedDays = 10 }).Recommendation;
        Assert.Equal(RecommendedAction.YourCall, recommendation.Action);
        Assert.Contains("is unlikely", recommendation.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_sample_ratio_forbids_reading()
    {
        var report = Report(Units(20_000, 0.1, 0.13, share: 0.52));
        Assert.Equal(HealthState.Red, report.Health.Single(h => h.Name == "sample-ratio").State);
        Assert.Equal((RecommendedAction.FixFirst, 1), (report.Recommendation.Action, report.Recommendation.Rule));
    }

    [Fact]
    public void Few_units_give_no_number_but_how_many_are_missing()
    {
        var report = Report(Units(120, 0.3, 0.3));
        var comparison = report.Metrics[0].Comparisons[0];
        Assert.Equal(RecommendedAction.NotEnoughData, report.Recommendation.Action);
        Assert.NotNull(comparison.Shortage);
        Assert.Equal(EffectVerdict.NotEnoughData, comparison.Verdict);
        Assert.Equal(Needs.ForEffects, comparison.Shortage.Need);
        Assert.True(comparison.Shortage.ReadyAt > Exposed.Start.AddDays(10));
    }

    [Fact]
    public void While_windows_are_open_it_is_said_how_many_wait()
    {
        var units = Enumerable.Range(0, 500).Select(i => Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0], closed: i < 40));
        var recommendation = Report(units).Recommendation;
        Assert.Equal(RecommendedAction.NotEnoughData, recommendation.Action);
        Assert.StartsWith("20 of 100 units in ", recommendation.Sentence, StringComparison.Ordinal);
        Assert.EndsWith(". 460 more wait in both arms until the window of purchase has closed, 1 day after they came.", recommendation.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("wait", Report(units.Take(40)).Recommendation.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_arm_one_unit_and_equal_values_are_sentences_not_numbers()
    {
        foreach (var units in new[]
        {
            Enumerable.Range(0, 500).Select(_ => Exposed.Unit(0, [1])),
            Enumerable.Range(0, 500).Select(i => Exposed.Unit(i == 0 ? 1 : 0, [i % 2])),
            Enumerable.Range(0, 500).Select(i => Exposed.Unit(i % 2, [1])),
            Enumerable.Range(0, 500).Select(i => Exposed.Unit(i % 2, [double.NaN])),
            [],
        })
        {
            var report = Report(units);
            Assert.Contains(report.Recommendation.Action, new[] { RecommendedAction.NotEnoughData, RecommendedAction.FixFirst });
            Assert.True(report.Metrics[0].Comparisons[0].Shortage is not null || double.IsNaN(report.Metrics[0].Comparisons[0].Absolute.Estimate));
            Assert.Equal(EffectVerdict.NotEnoughData, report.Metrics[0].Comparisons[0].Verdict);
            Assert.DoesNotContain("NaN", ExperimentJson.Write(report), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_guardrail_beyond_its_margin_stops_even_a_winning_arm()
    {
        var random = new Philox(3);
        var blueprint = Exposed.Blueprint(Purchase, Refund);
        blueprint = blueprint with { Goal = blueprint.Goal with { Guardrails = [new("refund", 0.05)] } };
        var units = Enumerable.Range(0, 40_000).Select(i => Exposed.Unit(i % 2, [random.Uniform() < 0.1 + 0.03 * (i % 2) ? 1 : 0, random.Uniform() < 0.1 + 0.05 * (i % 2) ? 1 : 0]));
        var report = Exposed.Report(Exposed.Settings(HalfAndHalf, "purchase"), blueprint, units);
        Assert.Equal(RecommendedAction.StopForGuardrail, report.Recommendation.Action);
        Assert.Equal(GuardrailState.Harmed, report.Metrics.Single(m => m.Role == MetricRole.Guardrail).Comparisons[0].Guardrail);
        Assert.Contains("the limit is 5.0%", report.Recommendation.Sentence, StringComparison.Ordinal);
    }

    [Fact] // fifteen of each: enough for a reading that holds once, not for the always-valid one that judges guardrails
    public void A_guardrail_that_is_read_any_day_needs_as_many_answers_whatever_the_plan_reads_by()
    {
        var blueprint = Exposed.Blueprint(Purchase, Refund);
        blueprint = blueprint with { Goal = blueprint.Goal with { Guardrails = [new("refund", 0.05)] } };
        var units = Enumerable.Range(0, 400).Select(i => Exposed.Unit(i % 2, [i < 30 ? 1 : 0, i < 30 ? 1 : 0]));
        var metrics = Exposed.Report(Exposed.Settings(HalfAndHalf with { Reading = ReadingKind.Bayesian }, "purchase"), blueprint, units).Metrics;
        Assert.Null(metrics.Single(m => m.IsPrimary).Comparisons[0].Shortage);
        var guarded = metrics.Single(m => m.Role == MetricRole.Guardrail).Comparisons[0];
        Assert.Equal((15L, 20L, GuardrailState.Unknown), (guarded.Shortage!.Have, guarded.Shortage.Need, guarded.Guardrail));
    }

    [Fact]
    public void Open_windows_are_counted_and_not_averaged()
    {
        var units = Enumerable.Range(0, 1_000).Select(i => Exposed.Unit(i % 2, [i % 4 < 2 ? 1 : 0], closed: i < 800));
        var arm = Report(units).Metrics[0].Arms[0];
        Assert.Equal((400, 100), (arm.Units, arm.Open));
        Assert.Equal(0.5, arm.Mean, 1e-12);
    }

    [Fact]
    public void Forced_units_are_left_out_and_answers_by_default_are_noticed()
    {
        var units = Enumerable.Range(0, 1_000).Select(i => Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0], reason: i < 10 ? Reason.Override : i % 2 == 1 && i < 100 ? Reason.DefaultError : Reason.Policy));
        var report = Report(units);
        Assert.Equal(10, report.UnitsLeftOut);
        Assert.Equal(HealthState.Red, report.Health.Single(h => h.Name == "default-answers").State);
    }

    [Fact]
    public void Several_arms_are_corrected_for()
    {
        var random = new Philox(4);
        var plan = Exposed.Plan(("control", 0.25), ("b", 0.25), ("c", 0.25), ("d", 0.25));
        var report = Report(Enumerable.Range(0, 20_000).Select(i => Exposed.Unit(i % 4, [random.Uniform() < 0.1 ? 1 : 0])), plan);
        foreach (var comparison in report.Metrics[0].Comparisons)
        {
            Assert.Equal("holm-1", comparison.Correction);
            Assert.True(comparison.AdjustedP >= comparison.Absolute.Sequential.P);
        }
    }

    [Fact]
    public void A_cap_limits_what_one_unit_weighs_and_says_how_many_it_cut()
    {
        var units = Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i % 2, [i == 1 ? 1e6 : 10 + i % 7]));
        var plan = HalfAndHalf with { CapPercentile = 0.999 };
        var metric = Exposed.Report(Exposed.Settings(plan, "revenue"), Exposed.Blueprint(Revenue), units).Metrics[0];
        Assert.Equal(16, metric.Cap);
        Assert.Equal((0, 1), (metric.Arms[0].Capped, metric.Arms[1].Capped));
        Assert.Equal(0, metric.Comparisons[0].Absolute.Estimate, 0.2);
    }

    [Fact]
    public void A_stored_report_comes_back_as_it_was()
    {
        var report = Report(Units(5_000, 0.1, 0.12));
        var text = ExperimentJson.Write(report);
        Assert.Equal(text, ExperimentJson.Write(ExperimentJson.ReadReport(text)));
    }

    [Fact]
    public void The_same_units_give_the_same_report_to_the_last_bit() =>
        Assert.Equal(ExperimentJson.Write(Report(Units(3_000, 0.1, 0.12))), ExperimentJson.Write(Report(Units(3_000, 0.1, 0.12))));

    [Fact] // one-sided at 5 %: an uncertain, skewed baseline must not make harm out of nothing
    public void Equal_arms_harm_a_guardrail_no_more_often_than_agreed()
    {
        var blueprint = Exposed.Blueprint(Purchase, Revenue);
        blueprint = blueprint with { Goal = blueprint.Goal with { Guardrails = [new("revenue", 0.01)] } };
        var settings = Exposed.Settings(HalfAndHalf with { Reading = ReadingKind.Fixed, PlannedDays = 9 }, "purchase", ExperimentState.Stopped);
        int harmed = 0, safe = 0;
        for (var run = 0; run < 500; run++)
        {
            var random = new Philox(21, "guard", run);
            var units = Enumerable.Range(0, 400).Select(i => Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0, random.Uniform() < 0.3 ? Math.Exp(random.Normal()) : 0]));
            var state = Exposed.Report(settings, blueprint, units).Metrics.Single(m => m.Role == MetricRole.Guardrail).Comparisons[0].Guardrail;
            (harmed, safe) = (harmed + (state == GuardrailState.Harmed ? 1 : 0), safe + (state == GuardrailState.Safe ? 1 : 0));
        }

        var (_, limit) = Looper.Core.Tests.Statistics.Draw.Band(0.05, 500);
        Assert.True(harmed / 500.0 <= limit, $"harmed {harmed} of 500");
        Assert.True(safe / 500.0 <= Looper.Core.Tests.Statistics.Draw.Band(0.1, 500).High, $"safe {safe} of 500");
    }
}
