using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Experiments;

/// <summary>Every kind of metric through the report, against the same number computed here by hand.</summary>
public class MetricTests
{
    private static readonly Outcome Visit = new("visit", OutcomeKind.Boolean), Orders = new("orders", OutcomeKind.Count), Revenue = new("revenue", OutcomeKind.Number) { UnitOfMeasure = "EUR" };
    private static readonly BlueprintContent Blueprint = Exposed.Blueprint(Visit, Orders, Revenue) with
    {
        Features = [new("country", FeatureKind.Category), new("visits", FeatureKind.Number)],
    };

    private static ExperimentPlan Plan(params Metric[] metrics) => Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Reading = ReadingKind.Fixed, PlannedDays = 9, Metrics = [.. metrics] };

    [Fact]
    public void A_ratio_is_read_by_the_delta_method_over_units()
    {
        var plan = Plan(new Metric { Key = "revenue-per-order", Kind = MetricKind.Ratio, Outcome = "revenue", Denominator = "orders" });
        var random = new Philox(1);
        JointMoments a = new(2), b = new(2);
        var units = new List<ExposedUnit>();
        for (var i = 0; i < 1_000; i++)
        {
            var (orders, arm) = (1 + random.PoissonCount(1), i % 2);
            var revenue = orders * (10 + arm + random.Normal());
            (arm == 0 ? a : b).Add([revenue, orders]);
            units.Add(Unit(arm, [1, 0, 0], [revenue, orders]));
        }

        var metric = Report(plan, units).Metrics.Single(m => m.Outcome == "revenue-per-order");
        var expected = MeanDifference.Between(Ratio.Of(a), Ratio.Of(b));
        var lift = RelativeLift.Between(Ratio.Of(a), Ratio.Of(b));
        Close(expected.Value, metric.Comparisons[0].Absolute.Estimate);
        Close(expected.StandardError, metric.Comparisons[0].Absolute.StandardError);
        Close(lift.StandardError, metric.Comparisons[0].Relative.StandardError);
        Assert.Equal("ratio-delta-1+welch-1", metric.Comparisons[0].Absolute.Method);
        Assert.Equal("total revenue over total orders", metric.Definition);
        Close(Ratio.Of(b).Value, metric.Arms[1].Mean);
        Close(expected.Value, metric.Comparisons[0].Course!.Points[^1].Absolute.Estimate);
    }

    [Fact]
    public void A_ratio_without_anything_to_divide_by_is_a_sentence()
    {
        var plan = Plan(new Metric { Key = "per-order", Kind = MetricKind.Ratio, Outcome = "revenue", Denominator = "orders" });
        var comparison = Report(plan, Enumerable.Range(0, 400).Select(i => Unit(i % 2, [1, 0, 0], [i, 0]))).Metrics.Single(m => m.Outcome == "per-order").Comparisons[0];
        Assert.Equal("baseline-zero", comparison.Absolute.Why);
        Assert.True(double.IsNaN(comparison.Absolute.Estimate));
        Assert.Equal(EffectVerdict.NotEnoughData, comparison.Verdict);
    }

    [Fact]
    public void A_quantile_counts_units_and_not_observations()
    {
        var plan = Plan(new Metric { Key = "p90", Kind = MetricKind.Quantile, Outcome = "revenue", Quantile = 0.9 });
        var random = new Philox(2);
        var arms = new[] { new List<double[]>(), new List<double[]>() };
        var units = new List<ExposedUnit>();
        for (var i = 0; i < 600; i++)
        {
            double mean = random.Normal() + i % 2;
            double[] values = [.. Enumerable.Range(0, 1 + random.Below(5)).Select(_ => mean + random.Normal())];
            arms[i % 2].Add(values);
            units.Add(Unit(i % 2, [1, 0, 0], [values.Sum()], [(3, values)]));
        }

        var comparison = Report(plan, units).Metrics.Single(m => m.Outcome == "p90").Comparisons[0];
        var expected = MeanDifference.Between(Of(arms[0]), Of(arms[1]));
        Close(expected.Value, comparison.Absolute.Estimate);
        Close(expected.StandardError, comparison.Absolute.StandardError);
        Assert.Equal("quantile-order-1+welch-1", comparison.Absolute.Method);
        Assert.Equal(600, comparison.Absolute.Units);

        static MetricSummary Of(List<double[]> units)
        {
            double[] sorted = [.. units.SelectMany(u => u).Order()];
            var plain = Quantile.Of(sorted, 0.9);
            var counts = new JointMoments(2);
            foreach (var unit in units) counts.Add([unit.Count(v => v <= plain.Value), unit.Length]);
            return Quantile.Clustered(plain, 0.9, counts);
        }
    }

    [Fact]
    public void A_funnel_needs_its_steps_in_order_and_the_step_given_the_step_before_is_a_ratio()
    {
        var plan = Plan(new Metric { Key = "checkout", Kind = MetricKind.Funnel, Steps = ["visit", "orders"], Role = MetricRole.Goal });
        // In turn: both in order, both in the wrong order, only the first, nothing.
        var units = Enumerable.Range(0, 800).Select(i => (i / 2 % 4) switch
        {
            0 => Funnel(i % 2, [1], [2]),
            1 => Funnel(i % 2, [5], [2]),
            2 => Funnel(i % 2, [1], []),
            _ => Funnel(i % 2, [], []),
        });
        var report = Report(plan, units);
        Assert.Equal(0.25, report.Metrics.Single(m => m.Outcome == "checkout").Arms[0].Mean, 1e-12);
        Assert.Equal(0.75, report.Metrics.Single(m => m.Outcome == "checkout/visit").Arms[0].Mean, 1e-12);
        var given = report.Metrics.Single(m => m.Outcome == "checkout/orders of visit");
        Assert.Equal(1 / 3.0, given.Arms[0].Mean, 1e-12);
        Assert.Equal("ratio-delta-1+welch-1", given.Comparisons[0].Absolute.Method);
        Assert.Equal(MetricRole.Goal, report.Metrics.Single(m => m.Outcome == "checkout").Role);
    }

    [Fact]
    public void A_filter_counts_only_units_whose_context_passes()
    {
        var plan = Plan(new Metric { Key = "dutch-regulars", Kind = MetricKind.Sum, Outcome = "revenue", Only = [new("country", FilterRule.Is, "NL"), new("visits", FilterRule.AtLeast, "3")] });
        var units = Enumerable.Range(0, 1_200).Select(i => Unit(i % 2, [1, 0, 0], [i % 7], served: Row(i % 4 < 2 ? "NL" : "DE", i / 4 % 5)));
        var metric = Report(plan, units).Metrics.Single(m => m.Outcome == "dutch-regulars");
        Assert.Equal(Enumerable.Range(0, 1_200).Count(i => i % 2 == 0 && i % 4 < 2 && i / 4 % 5 >= 3), metric.Arms[0].Units);
        Assert.Contains("only where country is NL and visits is at least 3", metric.Definition, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_metric_was_before_exposure_is_taken_out()
    {
        var plan = Plan(new Metric { Key = "spend", Kind = MetricKind.Sum, Outcome = "revenue", PrePeriod = TimeSpan.FromDays(14), Role = MetricRole.Goal });
        var random = new Philox(3);
        var rows = Enumerable.Range(0, 4_000).Select(i => (Arm: i % 2, Before: 10 * random.Uniform(), Noise: random.Normal())).ToList();
        var report = Report(plan, rows.Select(r => Unit(r.Arm, [1, 0, 0], [r.Before + r.Noise + 0.2 * r.Arm, r.Before])));
        var comparison = report.Metrics.Single(m => m.Outcome == "spend").Comparisons[0];
        Assert.Equal("cuped-1", comparison.Absolute.Method);
        Assert.InRange(comparison.VarianceSaved, 0.85, 0.95); // 100/12 of 100/12 + 1
        Assert.InRange(comparison.Absolute.Estimate, 0.1, 0.3);
        Assert.Equal(HealthState.Green, report.Health.Single(h => h.Name == "pre-period-bias").State);
        Assert.Equal(["none", "covariates"], comparison.Adjustments.Select(a => a.Name));
        var biased = Report(plan, rows.Select(r => Unit(r.Arm, [1, 0, 0], [r.Before + r.Noise, r.Before + r.Arm])));
        Assert.Equal(HealthState.Red, biased.Health.Single(h => h.Name == "pre-period-bias").State);
        Assert.Equal("welch-1", biased.Metrics.Single(m => m.Outcome == "spend").Comparisons[0].Absolute.Method);
    }

    [Fact] // two-sided p of 3.6 standard errors is 0.0003: an alarm of one look, none of the worst of ten
    public void The_time_before_is_judged_by_how_many_metrics_have_one()
    {
        ReportContent Of(int metrics)
        {
            var plan = Plan([.. Enumerable.Range(1, metrics).Select(i => new Metric { Key = $"spend-{i}", Kind = MetricKind.Sum, Outcome = "revenue", PrePeriod = TimeSpan.FromDays(i) })]);
            var random = new Philox(9);
            return Report(plan, Enumerable.Range(0, 4_000).Select(i =>
            {
                double before = (i % 4 < 2 ? 1 : -1) + (i % 2 == 1 ? 3.6 / Math.Sqrt(1_000) : 0), other = i % 8 < 4 ? 1 : -1;
                return Unit(i % 2, [1, 0, 0], [before + random.Normal(), before, .. Enumerable.Repeat(other, metrics - 1)]);
            }));
        }

        foreach (var (metrics, state, isTakenOut) in new[] { (1, HealthState.Red, false), (10, HealthState.Green, true) })
        {
            var report = Of(metrics);
            Assert.Equal(state, report.Health.Single(h => h.Name == "pre-period-bias").State);
            Assert.Equal(isTakenOut ? "cuped-1" : "welch-1", report.Metrics.Single(m => m.Outcome == "spend-1").Comparisons[0].Absolute.Method);
        }
    }

    [Fact]
    public void The_models_score_is_a_covariate_only_where_every_arm_has_it_alike()
    {
        var random = new Philox(4);
        var rows = Enumerable.Range(0, 4_000).Select(i => (Arm: i % 2, Score: random.Uniform(), Noise: 0.2 * random.Normal())).ToList();
        var plan = Plan() with { UsesModelScore = true };
        ReportContent Of(Func<int, bool> scored) => Exposed.Report(Exposed.Settings(plan, "revenue", ExperimentState.Stopped), Exposed.Blueprint(Revenue),
            rows.Select(r => Exposed.Unit(r.Arm, [r.Score + r.Noise]) is var unit && scored(r.Arm) ? unit with { Decision = unit.Decision with { Scores = [r.Score, r.Score] } } : Exposed.Unit(r.Arm, [r.Score + r.Noise])),
            new CovariateReader([], new Dictionary<int, ImmutableArray<Feature>>(), ModelScore.From(d => d.Scores.IsDefaultOrEmpty ? double.NaN : d.Scores.Average())));
        var alike = Of(_ => true);
        Assert.InRange(alike.Metrics[0].Comparisons[0].VarianceSaved, 0.62, 0.73); // (1/12) of 1/12 + 0.04
        Assert.Equal(["none", "model-score"], alike.Metrics[0].Comparisons[0].Adjustments.Select(a => a.Name));
        var onlyTreatment = Of(arm => arm == 1);
        Assert.False(Assert.Single(onlyTreatment.Covariates).IsUsed);
        Assert.Contains("known for 0%/100%", onlyTreatment.Covariates[0].Sentence, StringComparison.Ordinal);
        Assert.Equal("welch-1", onlyTreatment.Metrics[0].Comparisons[0].Absolute.Method);
    }

    [Fact]
    public void Strata_weigh_segments_by_their_size()
    {
        var random = new Philox(5);
        var plan = Plan() with { Strata = "country" };
        // Control has more of the country that spends more.
        var units = Enumerable.Range(0, 4_000).Select(i => (Arm: i % 2, Rich: random.Uniform() < (i % 2 == 0 ? 0.55 : 0.45)))
            .Select(u => Unit(u.Arm, [1, 0, (u.Rich ? 20 : 0) + random.Normal() + 0.5 * u.Arm], [], served: Row(u.Rich ? "CH" : "NL", 1)));
        var comparison = Report(plan, units).Metrics.Single(m => m.Outcome == "revenue").Comparisons[0];
        var weighted = comparison.Adjustments.Single(a => a.Name == "post-strata");
        Assert.True(comparison.Absolute.Estimate < 0);
        Assert.Equal(0.5, weighted.Absolute.Estimate, 0.15);
        Assert.Equal("post-strata-1", weighted.Absolute.Method);
        Assert.True(weighted.VarianceSaved > 0.9);
    }

    [Fact] // Simpson's case: outcomes are better in the second half, when treatment has more units
    public void Where_shares_were_changed_stretches_are_compared_one_by_one()
    {
        var (comparison, _) = Changing(isAdaptive: false, drift: 5);
        Assert.Equal("epochs-2", comparison.Absolute.Method);
        Assert.Equal(0.3, comparison.Absolute.Estimate, 3.5 * comparison.Absolute.StandardError);
        Assert.True(comparison.UnadjustedAbsolute!.Estimate > 1); // the plain difference mistakes the better time for the arm
    }

    [Fact]
    public void Where_a_bandit_moved_the_shares_units_are_adaptively_weighted()
    {
        var (comparison, pair) = Changing(isAdaptive: true, drift: 0);
        Close(pair.Difference().Value, comparison.Absolute.Estimate);
        Close(pair.Difference().StandardError, comparison.Absolute.StandardError);
        Assert.Equal("adaptively-weighted-2", comparison.Absolute.Method);
        Assert.Equal(["none", "epochs", "adaptively-weighted"], comparison.Adjustments.Select(a => a.Name));
        Assert.Equal(0.3, comparison.Absolute.Estimate, 3.5 * comparison.Absolute.StandardError);
    }

    [Fact] // outcomes are better in the second half, when the bandit shows treatment more
    public void What_time_does_to_both_arms_alike_is_no_effect_under_a_bandit()
    {
        var effect = Changing(isAdaptive: true, drift: 1).Comparison.Absolute;
        Assert.Equal(0.3, effect.Estimate, 3.5 * effect.StandardError);
        Assert.InRange(effect.StandardError, 0, 0.06);
    }

    [Theory, InlineData(true), InlineData(false)] // by hand, from values that are cut where the report cuts them
    public void Where_shares_moved_values_are_cut_before_they_are_weighted(bool isAdaptive)
    {
        double[][] shares = [[0.5, 0.5], [0.2, 0.8]];
        var random = new Philox(8);
        var rows = Enumerable.Range(0, 4_000).Select(i => (Epoch: i / 2_000, Arm: random.Uniform() < shares[i / 2_000][1] ? 1 : 0, Value: i == 3_000 ? 1e6 : 10 + random.Normal())).ToList();
        var settings = Exposed.Settings(Plan() with { CapPercentile = 0.999 }, "revenue") with { IsAdaptive = isAdaptive, Allocation = [new(Exposed.Start, [.. shares[0]]), new(Exposed.Start.AddDays(5), [.. shares[1]])] };
        var metric = Exposed.Report(settings, Blueprint, rows.Select(r => Unit(r.Arm, [1, 0, r.Value], []) is var unit ? unit with { Decision = unit.Decision with { Time = Exposed.Start.AddDays(6 * r.Epoch) } } : unit))
            .Metrics.Single(m => m.Outcome == "revenue");
        Assert.InRange(metric.Cap, 10, 20);
        var (pair, stretches) = (new AdaptivePair(), new[] { new Moments[2], new Moments[2] });
        foreach (var (epoch, arm, value) in rows)
        {
            var cut = Math.Min(value, metric.Cap);
            pair.Add(arm == 0, arm == 1, cut, shares[epoch][0], shares[epoch][1]);
            stretches[epoch][arm] = stretches[epoch][arm].With(cut);
        }

        var balanced = Epochs.Balanced(stretches, 0, 1);
        Close(isAdaptive ? pair.Difference().Value : balanced[1].Value - balanced[0].Value, metric.Comparisons[0].Absolute.Estimate);
        Close(balanced[1].Value, metric.Arms[1].Balanced!.Value);
    }

    private static (Comparison Comparison, AdaptivePair Pair) Changing(bool isAdaptive, double drift)
    {
        var random = new Philox(6);
        double[][] shares = [[0.5, 0.5], [0.1, 0.9]];
        var settings = Exposed.Settings(Plan(), "revenue") with { IsAdaptive = isAdaptive, Allocation = [new(Exposed.Start, [.. shares[0]]), new(Exposed.Start.AddDays(5), [.. shares[1]])] };
        var pair = new AdaptivePair();
        var units = new List<ExposedUnit>();
        for (var i = 0; i < 4_000; i++)
        {
            var epoch = i / 2_000;
            var arm = random.Uniform() < shares[epoch][1] ? 1 : 0;
            var value = drift * epoch + random.Normal() + 0.3 * arm;
            pair.Add(arm == 0, arm == 1, value, shares[epoch][0], shares[epoch][1]);
            units.Add(Unit(arm, [1, 0, value], []) is var unit ? unit with { Decision = unit.Decision with { Time = Exposed.Start.AddDays(6 * epoch) } } : unit);
        }

        return (Exposed.Report(settings, Blueprint, units).Metrics.Single(m => m.Outcome == "revenue").Comparisons[0], pair);
    }

    [Theory]
    [InlineData("revenue", MetricKind.Sum, null, "metrics[0].key")] // the name of an outcome
    [InlineData("x", MetricKind.Ratio, null, "metrics[0].denominator")]
    [InlineData("x", MetricKind.Retention, null, "metrics[0].window")]
    [InlineData("x", MetricKind.Funnel, null, "metrics[0].steps")]
    [InlineData("x", MetricKind.Quantile, "visit", "metrics[0].outcome")]
    [InlineData("x", MetricKind.Sum, "nothing", "metrics[0].outcome")]
    public void A_definition_that_cannot_be_computed_is_refused_by_field(string key, MetricKind kind, string? outcome, string field) =>
        Assert.Contains(ExperimentRules.Check(Plan(new Metric { Key = key, Kind = kind, Outcome = outcome ?? "revenue" }), Blueprint), f => f.Field == field);

    [Fact] // one visit would be both steps
    public void A_funnel_that_names_an_outcome_twice_is_refused()
    {
        var fault = Assert.Single(ExperimentRules.Check(Plan(new Metric { Key = "checkout", Kind = MetricKind.Funnel, Steps = ["visit", "visit", "orders"] }), Blueprint));
        Assert.Equal("metrics[0].steps[1]", fault.Field);
        Assert.EndsWith("'visit' is a step already, and one event cannot be two. Name each outcome once.", fault.Reason, StringComparison.Ordinal);
        Assert.Empty(ExperimentRules.Check(Plan(new Metric { Key = "checkout", Kind = MetricKind.Funnel, Steps = ["visit", "orders"] }), Blueprint));
    }

    [Fact]
    public void A_metric_can_decide()
    {
        var plan = Plan(new Metric { Key = "spend", Kind = MetricKind.Sum, Outcome = "revenue" }) with { PrimaryOutcome = "spend" };
        Assert.Empty(ExperimentRules.Check(plan, Blueprint));
        var random = new Philox(7);
        var report = Exposed.Report(Exposed.Settings(plan, "spend", ExperimentState.Stopped), Blueprint, Enumerable.Range(0, 2_000).Select(i => Unit(i % 2, [1, 0, 0], [10 + i % 2 + random.Normal()])).Select((u, i) => u with { Decision = u.Decision with { Time = Exposed.Start.AddMinutes(5 * i) } }),
            features: Features);
        Assert.Equal((RecommendedAction.Ship, "spend"), (report.Recommendation.Action, report.Metrics[0].Outcome));
        Assert.Equal(ExperimentJson.Write(report), ExperimentJson.Write(ExperimentJson.ReadReport(ExperimentJson.Write(report))));
    }

    private static readonly Dictionary<int, ImmutableArray<Feature>> Features = new() { [1] = Blueprint.Features };

    private static ReportContent Report(ExperimentPlan plan, IEnumerable<ExposedUnit> units) =>
        Exposed.Report(Exposed.Settings(plan, "visit", ExperimentState.Stopped), Blueprint, units, features: Features);

    private static ExposedUnit Unit(int arm, double[] outcomes, double[] measures, (int Value, double[] Events)[]? events = null, byte[]? served = null)
    {
        var unit = Exposed.Unit(arm, [.. outcomes, .. measures], served ?? Row("NL", 1));
        if (events is null) return unit;
        var kept = Enumerable.Repeat(ImmutableArray<KeptEvent>.Empty, unit.Values.Length).ToArray();
        foreach (var (value, list) in events) kept[value] = [.. list.Select((v, i) => new KeptEvent(i, v))];
        return unit with { Events = [.. kept] };
    }

    private static ExposedUnit Funnel(int arm, long[] visits, long[] orders)
    {
        var unit = Exposed.Unit(arm, [1, 0, 0, visits.Length, orders.Length], Row("NL", 1));
        return unit with { Events = [[], [], [], [.. visits.Select(t => new KeptEvent(t, 1))], [.. orders.Select(t => new KeptEvent(t, 1))]] };
    }

    private static byte[] Row(string country, double visits)
    {
        var row = new byte[64];
        var length = Looper.Core.Serving.ServedRow.WriteText(row, System.Text.Encoding.UTF8.GetBytes(country));
        length += Looper.Core.Serving.ServedRow.WriteNumber(row.AsSpan(length), visits);
        return row[..length];
    }

    private static void Close(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1e-3, Math.Abs(expected)));
}
