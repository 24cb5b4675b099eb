using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Experiments;

/// <summary>Data from which nothing can be concluded: the report says so in a sentence, and shows no number that looks fine.</summary>
public class BadInputTests
{
    private static readonly Outcome Revenue = new("revenue", OutcomeKind.Number);

    public static TheoryData<string, string> Cases => new()
    {
        { "empty arm", "0 of 100 units in treatment" },
        { "one unit", "1 of 100 units in treatment" },
        { "zero variance", "cannot be compared" },
        { "squares too large", "revenue cannot be compared. The values are too large or too small" },
        { "squares too small", "revenue cannot be compared. The values are too large or too small" },
        { "all missing", "Nothing has been observed of revenue" },
        { "unknown when absent", "0 of 100 units in" },
        { "extreme outlier", "The largest unit holds 9" },
        { "arm stopped half-way", "Nobody has entered treatment since" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void It_is_said(string what, string sentence)
    {
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "revenue"), Exposed.Blueprint(Revenue), Units(what));
        var shortage = report.Metrics[0].Comparisons[0].Shortage;
        var said = string.Join(' ', report.Health.Select(h => h.Sentence).Append(report.Recommendation.Sentence).Append(shortage is null ? "" : $"{shortage.Have} of {shortage.Need} {shortage.Of}"));
        Assert.Contains(sentence, said, StringComparison.Ordinal);
        Assert.Contains(report.Recommendation.Action, new[] { RecommendedAction.FixFirst, RecommendedAction.NotEnoughData });
        Assert.DoesNotContain("NaN", ExperimentJson.Write(report), StringComparison.Ordinal);
        var comparison = report.Metrics[0].Comparisons[0];
        // Either there is no number at all, or the health check forbids reading it.
        Assert.True(comparison.Verdict == EffectVerdict.NotEnoughData || report.Health.Any(h => h.State == HealthState.Red));
        if (comparison.Absolute.Why is not null)
        {
            Assert.True(double.IsNaN(comparison.Absolute.Estimate) && double.IsNaN(comparison.Absolute.Fixed.P) && double.IsNaN(comparison.Absolute.Sequential.Low));
            Assert.True(double.IsNaN(comparison.Absolute.Bayesian.ChanceToWin));
        }
    }

    [Fact]
    public void Ordinary_data_passes_all_of_it()
    {
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "revenue"), Exposed.Blueprint(Revenue), Units("ordinary"));
        Assert.All(report.Health.Where(h => h.Name != "whole-weeks"), h => Assert.Equal(HealthState.Green, h.State));
        Assert.NotEqual(EffectVerdict.NotEnoughData, report.Metrics[0].Comparisons[0].Verdict);
    }

    [Theory] // gains and losses that add up to nearly nothing: no unit is larger than chance makes some
    [InlineData(0, HealthState.Green), InlineData(1_000, HealthState.Red)]
    public void A_unit_does_not_outweigh_what_gains_and_losses_leave_of_a_sum(double one, HealthState expected)
    {
        var random = new Philox(12);
        List<double> values = [.. Enumerable.Range(0, 1_000).Select(_ => random.Normal())];
        var mean = values.Average();
        var units = Enumerable.Range(0, 2_000).Select(i => At(i, i % 2, i == 700 && one > 0 ? one : values[i / 2] - mean + 1e-3));
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "revenue"), Exposed.Blueprint(Revenue), units);
        Assert.Equal(expected, report.Health.Single(h => h.Name == "outlier").State);
        Assert.Equal(one > 0, report.Metrics[0].Comparisons[0].Flags.Contains("one-unit"));
    }

    [Fact] // the baseline is 2.4 standard errors above zero: enough for the fixed limits of a ratio, not for those that are always valid
    public void A_lift_over_a_baseline_near_zero_is_told_as_a_difference()
    {
        var units = Enumerable.Range(0, 2_000).Select(i => At(i, i % 2, (i % 2 == 0 ? 0.076 : 0.5) + (i % 4 < 2 ? 1 : -1)));
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "revenue"), Exposed.Blueprint(Revenue), units);
        var comparison = report.Metrics[0].Comparisons[0];
        Assert.Null(comparison.Relative.WhyNot(ReadingKind.Fixed));
        Assert.Equal(Cause.UnstableRatio.Code(), comparison.Relative.WhyNot(ReadingKind.Sequential));
        Assert.True(comparison.Absolute.Sequential.Low > 0);
        Assert.DoesNotContain("%", report.Recommendation.Sentence, StringComparison.Ordinal);
    }

    [Fact] // a file's order is often that of its arms, and its times say nothing of who could have entered when
    public void An_import_that_is_sorted_by_arm_has_no_arm_that_stopped()
    {
        var random = new Philox(10);
        var units = Enumerable.Range(0, 2_000).Select(i => At(i, i / 1_000, 10 + random.Normal()));
        var settings = Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "revenue", ExperimentState.Stopped) with { IsImported = true };
        var report = Exposed.Report(settings, Exposed.Blueprint(Revenue), units);
        Assert.DoesNotContain(report.Health, h => h.Name == "arm-stopped");
        Assert.DoesNotContain(report.Health, h => h.State == HealthState.Red);
    }

    [Theory] // the plain baseline is 1.3 or 2.4 standard errors above zero: too few for any limits of a ratio, or for those that are always valid
    [InlineData(0.04, false), InlineData(0.076, true)]
    public void What_is_taken_out_makes_no_lift_of_a_baseline_near_zero(double baseline, bool isFixedTold)
    {
        var random = new Philox(14);
        var plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Covariates = ["before"], Strata = "kind" };
        var features = new Dictionary<int, System.Collections.Immutable.ImmutableArray<Feature>> { [1] = [new("before", FeatureKind.Number), new("kind", FeatureKind.Boolean)] };
        var units = Enumerable.Range(0, 2_000).Select(i =>
        {
            var known = i % 4 < 2 ? 1 : -1;
            var served = new byte[2 * Looper.Core.Serving.ServedRow.MaxNumberBytes];
            var length = Looper.Core.Serving.ServedRow.WriteNumber(served, known + 0.3 * random.Normal());
            length += Looper.Core.Serving.ServedRow.WriteBoolean(served.AsSpan(length), i % 8 < 4);
            var unit = At(i, i % 2, (i % 2 == 0 ? baseline : 0.5) + known);
            return unit with { Decision = unit.Decision with { Served = served.AsMemory(0, length) } };
        });
        var report = Exposed.Report(Exposed.Settings(plan, "revenue"), Exposed.Blueprint(Revenue), units, new CovariateReader(["before"], features), features);
        var comparison = report.Metrics[0].Comparisons[0];
        Assert.Equal("cuped-1", comparison.Absolute.Method);
        Assert.Equal(["none", "covariates", "post-strata"], comparison.Adjustments.Select(a => a.Name));
        foreach (var lift in comparison.Adjustments.Select(a => a.Relative).Append(comparison.Relative))
            Assert.Equal((isFixedTold ? null : Cause.UnstableRatio.Code(), Cause.UnstableRatio.Code()), (lift.WhyNot(ReadingKind.Fixed), lift.WhyNot(ReadingKind.Sequential)));
        Assert.Null(comparison.Absolute.Why);
        Assert.DoesNotContain("%", report.Recommendation.Sentence, StringComparison.Ordinal);
    }

    [Fact] // 168 hours of the baseline, whose mean is 1.3 standard errors above zero
    public void Slots_make_no_lift_of_a_baseline_near_zero()
    {
        var random = new Philox(15);
        var levels = Enumerable.Range(0, 14 * 24).Select(_ => random.Normal()).ToArray();
        int Arm(int hour) => (hour % 2) ^ (hour / 168);
        double own = Enumerable.Range(0, levels.Length).Where(h => Arm(h) == 0).Average(h => levels[h]), error = 1 / Math.Sqrt(168);
        var units = Enumerable.Range(0, levels.Length).SelectMany(hour => Enumerable.Range(0, 3).Select(i =>
        {
            var unit = Exposed.Unit(Arm(hour), [levels[hour] - own + 1.3 * error + 0.5 * Arm(hour)]);
            return unit with { Decision = unit.Decision with { Time = Exposed.Start.AddHours(hour).AddMinutes(10 * i) } };
        }));
        var plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Switchback = new(60) };
        var comparison = Exposed.Report(Exposed.Settings(plan, "revenue", days: 15), Exposed.Blueprint(Revenue), units).Metrics[0].Comparisons[0];
        Assert.Equal((null, Cause.UnstableRatio.Code()), (comparison.Absolute.Why, comparison.Relative.Why));
    }

    private static IEnumerable<ExposedUnit> Units(string what)
    {
        var random = new Philox(9);
        for (var i = 0; i < 2_000; i++)
        {
            var value = 10 + random.Normal();
            yield return what switch
            {
                "empty arm" => At(i, 0, value),
                "one unit" => At(i, i == 700 ? 1 : 0, value),
                "zero variance" => At(i, i % 2, 3),
                "squares too large" => At(i, i % 2, i % 4 < 2 ? 1e300 : 2e300),
                "squares too small" => At(i, i % 2, i % 4 < 2 ? 1e-310 : 5e-324),
                "all missing" => At(i, i % 2, 0, observed: false),
                "unknown when absent" => At(i, i % 2, double.NaN, observed: false),
                "extreme outlier" => At(i, i % 2, i == 1_001 ? 1e6 : value),
                "arm stopped half-way" => At(i, i < 1_000 ? i % 2 : 0, value),
                _ => At(i, i % 2, value),
            };
        }
    }

    private static ExposedUnit At(int i, int arm, double value, bool observed = true)
    {
        var unit = Exposed.Unit(arm, [value]);
        return unit with { Decision = unit.Decision with { Time = Exposed.Start.AddMinutes(5 * i) }, SoFar = [observed ? value : double.NaN] };
    }
}
