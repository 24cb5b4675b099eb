using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Experiments;

/// <summary>What may be read before the planned end, at it, and after a stop.</summary>
public class PlannedEndTests
{
    private static readonly Outcome Purchase = new("purchase", OutcomeKind.Boolean), Refund = new("refund", OutcomeKind.Number) { Better = Direction.Lower };
    private static ExperimentPlan HalfAndHalf => Exposed.Plan(("control", 0.5), ("treatment", 0.5));
    private static ExperimentPlan FourWeeks => HalfAndHalf with { Reading = ReadingKind.Fixed, PlannedDays = 28 };

    private static List<ExposedUnit> Days(int days, int perDay, Philox random, Func<int, double> rate)
    {
        var units = new List<ExposedUnit>();
        for (var i = 0; i < days * perDay; i++)
        {
            var arm = random.Below(2);
            var unit = Exposed.Unit(arm, [random.Uniform() < rate(arm) ? 1 : 0]);
            units.Add(unit with { Decision = unit.Decision with { Time = Exposed.Start.AddDays((i + 0.5) / perDay) } });
        }

        return units;
    }

    private static ReportContent Report(ExperimentPlan plan, IEnumerable<ExposedUnit> units, double day, double? stopped = null, TimeSpan window = default) => Exposed.Report(
        Exposed.Settings(plan, "purchase", stopped is null ? ExperimentState.Running : ExperimentState.Stopped, day) with { StoppedAt = stopped is { } at ? Exposed.Start.AddDays(at) : null, PrimaryWindow = window },
        Exposed.Blueprint(Purchase), units);

    [Theory]
    [InlineData(28, 27.9, null, 0, ReadingKind.Sequential)]
    [InlineData(28, 28.0, null, 0, ReadingKind.Fixed)]
    [InlineData(28, 28.0, null, 7, ReadingKind.Sequential)] // the units of the last week are not known yet
    [InlineData(28, 35.0, null, 7, ReadingKind.Fixed)]
    [InlineData(28, 60.0, 10.0, 0, ReadingKind.Sequential)] // the end was chosen, not planned
    [InlineData(28, 30.0, 28.0, 7, ReadingKind.Sequential)]
    [InlineData(28, 35.0, 28.0, 7, ReadingKind.Fixed)]
    [InlineData(null, 60.0, null, 0, ReadingKind.Sequential)] // stored before an end was asked for
    [InlineData(null, 60.0, 50.0, 0, ReadingKind.Sequential)]
    public void A_fixed_reading_decides_at_its_planned_end_and_the_always_valid_one_until_then(int? planned, double day, double? stopped, int window, ReadingKind expected)
    {
        var report = Report(FourWeeks with { PlannedDays = planned }, Days(20, 50, new Philox(5), _ => 0.3), day, stopped, TimeSpan.FromDays(window));
        Assert.Equal(expected, report.Decides);
        Assert.Equal(expected, ExperimentJson.ReadReport(ExperimentJson.Write(report)).Decides);
        Assert.Equal(ReadingKind.Fixed, (report with { Reading = null }).Decides); // as it was stored before
    }

    [Fact]
    public void Equal_arms_looked_at_every_day_before_the_planned_end_are_not_acted_on()
    {
        const int runs = 200, perDay = 40;
        var acted = 0;
        for (var run = 0; run < runs; run++)
        {
            // All at one time: a course of one day is quickly made, and what is told of equal arms does not look at times.
            var random = new Philox(31, "looks", run);
            var units = Enumerable.Range(0, 27 * perDay).Select(_ => Exposed.Unit(random.Below(2), [random.Uniform() < 0.3 ? 1 : 0])).ToList();
            if (Enumerable.Range(1, 27).Any(day => Report(FourWeeks, units.Take(day * perDay), day).Recommendation.Action is not (RecommendedAction.KeepRunning or RecommendedAction.NotEnoughData))) acted++;
        }

        TestContext.Current.SendDiagnosticMessage($"acted on before the planned end: {acted} of {runs}");
        Assert.True(acted <= 0.05 * runs, $"{acted} of {runs}");
    }

    [Theory]
    [InlineData(29.0, null, ReadingKind.Fixed, ReadingKind.Sequential)] // refunds of the last units may come for three weeks yet, and each day would be another look at them
    [InlineData(48.9, null, ReadingKind.Fixed, ReadingKind.Sequential)]
    [InlineData(49.0, null, ReadingKind.Fixed, ReadingKind.Fixed)]
    [InlineData(60.0, 27.0, ReadingKind.Sequential, ReadingKind.Sequential)]
    [InlineData(49.0, 28.0, ReadingKind.Fixed, ReadingKind.Fixed)]
    public void A_guardrail_with_a_longer_window_comes_to_its_end_later(double day, double? stopped, ReadingKind goal, ReadingKind guardrail)
    {
        var blueprint = Exposed.Blueprint(Purchase, Refund with { Window = TimeSpan.FromDays(21) });
        blueprint = blueprint with { Goal = blueprint.Goal with { Guardrails = [new("refund", 0.02)] } };
        var settings = Exposed.Settings(FourWeeks, "purchase", stopped is null ? ExperimentState.Running : ExperimentState.Stopped, day) with { StoppedAt = stopped is { } at ? Exposed.Start.AddDays(at) : null, PrimaryWindow = Purchase.Window };
        var report = Exposed.Report(settings, blueprint, Enumerable.Range(0, 4_000).Select(i => Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0, 1 + 0.0348 * (i % 2) + (i % 4 < 2 ? 0.5 : -0.5)]))); // 2.2 standard errors
        Assert.Equal([goal, guardrail], report.Metrics.Select(m => report.DecidesOn(m)));
        var judged = report.Metrics.Single(m => m.Outcome == "refund").Comparisons[0];
        Assert.InRange(judged.Absolute.Fixed.P, 0, 0.05); // as a fixed reading it would be harmed, whenever it is read
        Assert.Equal(guardrail == ReadingKind.Fixed ? GuardrailState.Harmed : GuardrailState.Unknown, judged.Guardrail);
        Assert.Equal(judged.Absolute.Of(guardrail).P, judged.AdjustedP);
    }

    [Fact] // pressing Stop brings no data
    public void A_stop_says_no_more_of_a_guardrail_than_was_known_before_it()
    {
        var blueprint = Exposed.Blueprint(Purchase, Refund);
        blueprint = blueprint with { Goal = blueprint.Goal with { Guardrails = [new("refund", 0.02)] } };
        foreach (var reading in Enum.GetValues<ReadingKind>())
        {
            var states = new HashSet<GuardrailState>();
            for (var run = 0; run < 60; run++)
            {
                var random = new Philox(41, "stop", run);
                var units = Enumerable.Range(0, 4_000).Select(i => Exposed.Unit(i % 2, [random.Uniform() < 0.3 ? 1 : 0, 1 + random.Normal() * 0.3])).ToList();
                GuardrailState State(ExperimentState state) => Exposed.Report(
                    Exposed.Settings(HalfAndHalf with { Reading = reading, PlannedDays = 28 }, "purchase", state, 12) with { StoppedAt = state == ExperimentState.Stopped ? Exposed.Start.AddDays(12) : null }, blueprint, units)
                    .Metrics.Single(m => m.Role == MetricRole.Guardrail).Comparisons[0].Guardrail!.Value;
                states.Add(State(ExperimentState.Running));
                Assert.Equal(State(ExperimentState.Running), State(ExperimentState.Stopped));
            }

            Assert.Contains(GuardrailState.Unknown, states); // else nothing was tried
        }
    }

    [Theory, InlineData(null, RecommendedAction.KeepRunning), InlineData(15.0, RecommendedAction.YourCall)]
    public void Only_units_that_are_compared_make_a_whole_week(double? stopped, RecommendedAction expected)
    {
        var units = Days(15, 2_000, new Philox(9), arm => arm == 0 ? 0.1 : 0.2);
        var early = units.Select((u, i) => i < 2_000 ? u : Exposed.Unit(u.Decision.Arm, [u.Values[0]], closed: false) with { Decision = u.Decision });
        var report = Report(HalfAndHalf, early, 15, stopped, TimeSpan.FromDays(14));
        Assert.Equal(expected, report.Recommendation.Action);
        Assert.Contains("less than a week", report.Recommendation.Sentence, StringComparison.Ordinal);
        Assert.StartsWith("The units that are compared entered over 1 day, ", report.Health.Single(h => h.Name == "whole-weeks").Sentence, StringComparison.Ordinal);
        Assert.Equal(RecommendedAction.Ship, Report(HalfAndHalf, units, 15, stopped).Recommendation.Action);
    }

    [Fact]
    public void A_loss_that_the_always_valid_reading_finds_is_rolled_back_before_the_planned_end()
    {
        var recommendation = Report(FourWeeks, Days(9, 2_000, new Philox(7), arm => arm == 0 ? 0.13 : 0.1), 9).Recommendation;
        Assert.Equal(RecommendedAction.RollBack, recommendation.Action);
    }
}
