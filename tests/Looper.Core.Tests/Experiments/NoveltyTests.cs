using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Experiments;

public class NoveltyTests
{
    private static readonly Outcome Purchase = new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1), Aggregation = Aggregation.Any };
    private static readonly ExperimentPlan Plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { PlannedDays = 28 };
    private static readonly double[] Fading = [0.2, 0.15, 0.1, 0.05, 0, 0, 0];

    [Theory, InlineData(ReadingKind.Sequential), InlineData(ReadingKind.Fixed)]
    public void An_effect_that_wears_off_is_told_in_a_sentence(ReadingKind reading)
    {
        var novelty = Of(Plan with { Reading = reading }, Units(6_000, (stage, arm) => 0.3 + arm * Fading[stage]))!;
        Assert.Equal(NoveltyVerdict.WearsOff, novelty.Verdict);
        Assert.StartsWith("The effect wears off: +", novelty.Sentence, StringComparison.Ordinal);
        Assert.Contains("on days 1 to 4 after", novelty.Sentence, StringComparison.Ordinal);
        Assert.Equal([1, 3, 5, 7, 9, 11, 13], novelty.Stages.Select(s => s.FromDay));
        Assert.True(novelty.High < 0 && novelty.AdjustedP < 0.05 && novelty.PerDay is > -0.025 and < -0.01, $"{novelty.PerDay} [{novelty.Low}, {novelty.High}]");
        Assert.InRange(novelty.Stages[0].Estimate, 0.15, 0.25);
        Assert.Equal(0.3, novelty.Stages[0].Baseline, 0.03);
        Assert.Equal((novelty.Stages[5].Estimate + novelty.Stages[6].Estimate) / 2, novelty.Late, 1e-12);
    }

    [Fact]
    public void An_effect_that_grows_or_stays_is_told_apart()
    {
        Assert.Equal(NoveltyVerdict.Grows, Of(Plan, Units(6_000, (stage, arm) => 0.3 + arm * 0.03 * stage))!.Verdict);
        var steady = Of(Plan, Units(6_000, (_, arm) => 0.3 + 0.05 * arm))!;
        Assert.Equal(NoveltyVerdict.NoSign, steady.Verdict);
        Assert.StartsWith("No sign that the effect wears off or grows within 14 days", steady.Sentence, StringComparison.Ordinal);
    }

    [Fact] // identity: Holm over two arms doubles the smaller p
    public void What_is_asked_of_several_arms_is_corrected()
    {
        var three = Exposed.Plan(("control", 0.4), ("b", 0.3), ("c", 0.3)) with { Reading = ReadingKind.Fixed, PlannedDays = 28 };
        var all = Report(three, Units(3_000, (stage, arm) => 0.3 + (arm == 1 ? 0.01 * stage : 0), arms: 3)).Metrics[0].Comparisons.Select(c => c.Novelty!).ToList();
        Assert.Equal(Math.Min(1, 2 * all.Min(n => n.P)), all.MinBy(n => n.P)!.AdjustedP, 1e-12);
    }

    [Fact] // the fading after the stop is the stop's, not the effect's
    public void Units_whose_time_runs_past_the_stop_do_not_count()
    {
        var settings = Exposed.Settings(Plan, "purchase", ExperimentState.Stopped, days: 60) with { StageDays = 2, StoppedAt = Exposed.Start.AddDays(20) };
        var novelty = Exposed.Report(settings, Exposed.Blueprint(Purchase), Units(6_000, (_, _) => 0.3)).Metrics[0].Comparisons[0].Novelty!;
        var inTime = Units(6_000, (_, _) => 0.3).Count(u => u.Decision.Time <= Exposed.Start.AddDays(6));
        Assert.Equal(inTime, novelty.BaselineUnits + novelty.ArmUnits);
    }

    [Fact]
    public void Too_few_followed_or_nothing_that_varies_is_a_sentence()
    {
        var few = Of(Plan, Units(150, (_, _) => 0.3))!;
        Assert.Equal((NoveltyVerdict.NotEnoughData, 75L), (few.Verdict, few.Shortage!.Have));
        Assert.Equal("Not enough data: 75 of 100 units in control that were followed for 14 days.", few.Sentence);
        Assert.True(few.Stages.IsEmpty && double.IsNaN(few.P));
        var alike = Of(Plan, Units(2_000, (_, arm) => arm))!;
        Assert.Equal(NoveltyVerdict.NotEnoughData, alike.Verdict);
        Assert.Equal("In one of the arms nothing varies, so nothing can be said.", alike.Sentence);
    }

    [Theory]
    [InlineData(3, ExperimentState.Running, HealthState.Amber, "The units that are compared entered over 3 days, which is less than a week")]
    [InlineData(10, ExperimentState.Running, HealthState.Green, "It is whole again in 4 days.")]
    [InlineData(10, ExperimentState.Stopped, HealthState.Amber, "The units that are compared entered over 1 week and 3 days: 3 days of the week count once more than the others.")]
    [InlineData(14, ExperimentState.Stopped, HealthState.Green, "The units that are compared entered over 2 weeks: every day of the week counts alike.")]
    public void Weeks_that_are_not_whole_are_told(int days, ExperimentState state, HealthState expected, string sentence)
    {
        var units = Units(2_000, (_, _) => 0.3, days);
        var check = Exposed.Report(Exposed.Settings(Plan, "purchase", state, days: 40) with { StageDays = 2 }, Exposed.Blueprint(Purchase), units).Health.Single(h => h.Name == "whole-weeks");
        Assert.Equal(expected, check.State);
        Assert.Contains(sentence, check.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_view_of_time_is_in_the_rows()
    {
        var rows = ReportSeriesCsv.Write(Report(Plan, Units(30_000, (stage, arm) => 0.3 + arm * Fading[stage]))).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var views = rows.Skip(1).Select(r => r.Split(',')).GroupBy(r => r[5]).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal((7, 1, 7, 1, 1), (views["days-since-first"], views["novelty-per-day"], views["weekday"], views["weekdays-differ"], views["trend-per-day"]));
        Assert.All(rows, r => Assert.Equal(rows[0].Split(',').Length, r.Split(',').Length));
        Assert.DoesNotContain("NaN", string.Concat(rows), StringComparison.Ordinal);
    }

    private static NoveltyFigures? Of(ExperimentPlan plan, IEnumerable<ExposedUnit> units) => Report(plan, units).Metrics[0].Comparisons[0].Novelty;

    private static ReportContent Report(ExperimentPlan plan, IEnumerable<ExposedUnit> units) =>
        Exposed.Report(Exposed.Settings(plan, "purchase", days: 40) with { StageDays = 2 }, Exposed.Blueprint(Purchase), units);

    // The outcome itself, then seven stages of two days, of units that enter evenly over some days.
    private static IEnumerable<ExposedUnit> Units(int count, Func<int, int, double> chance, int days = 20, int arms = 2)
    {
        var random = new Philox(91);
        for (var i = 0; i < count; i++)
        {
            var arm = i % arms;
            double[] stages = [.. Enumerable.Range(0, 7).Select(stage => random.Uniform() < chance(stage, arm) ? 1.0 : 0)];
            var unit = Exposed.Unit(arm, [stages[0], .. stages]);
            yield return unit with { Decision = unit.Decision with { Time = Exposed.Start.AddDays((double)days * i / count) } };
        }
    }
}
