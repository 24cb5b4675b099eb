using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Experiments;

/// <summary>Reports that ask many questions: what is found among them, and the intervals beside.</summary>
public class FamilyTests
{
    private const int Guardrails = 5;
    private static readonly Outcome Purchase = new("purchase", OutcomeKind.Boolean);
    private static readonly ExperimentPlan FiveArms = Exposed.Plan([.. Enumerable.Range(0, 5).Select(i => ($"arm-{i}", 0.2))]) with { PlannedDays = 10 };

    private static BlueprintContent Guarded
    {
        get
        {
            var blueprint = Exposed.Blueprint([Purchase, .. Enumerable.Range(0, Guardrails).Select(g => new Outcome($"guard-{g}", OutcomeKind.Number))]);
            return blueprint with { Goal = blueprint.Goal with { Guardrails = [.. Enumerable.Range(0, Guardrails).Select(g => new Guardrail($"guard-{g}", 0.01))] } };
        }
    }

    [Fact]
    public void That_any_of_many_guardrails_is_harmed_is_rarely_said_where_none_is()
    {
        const int runs = 250, units = 600;
        var harmed = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(51, "many", run);
            var report = Exposed.Report(Exposed.Settings(FiveArms with { Reading = ReadingKind.Fixed }, "purchase"), Guarded,
                Enumerable.Range(0, units).Select(i => Exposed.Unit(i % 5, [i % 15 < 5 ? 1 : 0, .. Enumerable.Range(0, Guardrails).Select(_ => 1 + random.Normal())])));
            if (report.Metrics.SelectMany(m => m.Comparisons).Any(c => c.Guardrail == GuardrailState.Harmed)) harmed++;
        }

        TestContext.Current.SendDiagnosticMessage($"any guardrail harmed: {harmed} of {runs}");
        Assert.True(harmed <= Looper.Core.Tests.Statistics.Draw.Band(0.05, runs).High * runs, $"{harmed} of {runs}");
    }

    [Fact]
    public void A_guardrail_that_is_worse_by_no_more_than_the_limit_for_certain_is_called_worse()
    {
        var random = new Philox(52);
        var blueprint = Exposed.Blueprint(Purchase, new Outcome("margin", OutcomeKind.Number));
        blueprint = blueprint with { Goal = blueprint.Goal with { Guardrails = [new("margin", 0.01)] } };
        var units = Enumerable.Range(0, 20_000).Select(i => Exposed.Unit(i % 2, [random.Uniform() < 0.1 + 0.05 * (i % 2) ? 1 : 0, 10 - 0.1 * (i % 2) + random.Normal()]));
        var report = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase"), blueprint, units);
        Assert.Equal(GuardrailState.Harmed, report.Metrics.Single(m => m.Role == MetricRole.Guardrail).Comparisons[0].Guardrail);
        Assert.StartsWith("The goal is good; margin is worse, though it cannot be told whether by more than the limit.", report.Recommendation.Sentence, StringComparison.Ordinal);
    }

    [Theory] // whether or not the goal says anything
    [InlineData(ExperimentState.Running, RecommendedAction.KeepRunning)]
    [InlineData(ExperimentState.Stopped, RecommendedAction.YourCall)]
    public void A_guardrail_that_is_worse_is_told_beside_a_goal_that_says_nothing(ExperimentState state, RecommendedAction expected)
    {
        var random = new Philox(53);
        var blueprint = Exposed.Blueprint(Purchase, new Outcome("margin", OutcomeKind.Number));
        blueprint = blueprint with { Goal = blueprint.Goal with { Guardrails = [new("margin", 0.01)] } };
        var units = Enumerable.Range(0, 20_000).Select(i => Exposed.Unit(i % 2, [i % 20 < 2 ? 1 : 0, 10 - 0.1 * (i % 2) + random.Normal()]));
        var recommendation = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "purchase", state), blueprint, units).Recommendation;
        Assert.Equal(expected, recommendation.Action);
        Assert.Contains(" margin is worse, though it cannot be told whether by more than the limit.", recommendation.Sentence, StringComparison.Ordinal);
    }

    [Fact] // the list and the report's own sentence
    public void A_list_shows_the_change_that_the_report_speaks_of()
    {
        var random = new Philox(54);
        foreach (var reading in Enum.GetValues<ReadingKind>())
        {
            var content = Exposed.Report(Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { Reading = reading }, "purchase"), Exposed.Blueprint(Purchase),
                Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i % 2, [random.Uniform() < 0.3 + 0.12 * (i % 2) ? 1 : 0])));
            var (summary, relative) = (ReportQueries.Summary(new() { Content = ExperimentJson.Write(content) }), content.Metrics[0].Comparisons[0].Relative);
            Assert.Equal(reading == ReadingKind.Bayesian ? relative.Bayesian.Mean : relative.Estimate, summary.Change);
            Assert.InRange(summary.Change!.Value, summary.ChangeLow!.Value, summary.ChangeHigh!.Value);
            Assert.Contains(Words.Interval(100 * summary.Change.Value, 100 * summary.ChangeLow.Value, 100 * summary.ChangeHigh.Value, "%", isDifference: true), content.Recommendation.Sentence, StringComparison.Ordinal);
        }
    }

    [Theory, InlineData(ReadingKind.Fixed), InlineData(ReadingKind.Sequential)]
    public void An_interval_leaves_zero_out_where_its_comparison_is_found_and_only_there(ReadingKind reading)
    {
        int found = 0, disputed = 0;
        for (var run = 0; run < 40; run++)
        {
            var report = Several(reading, run, (arm, outcome) => 0.15 * (arm % 3) * ((outcome + arm) % 2));
            foreach (var (metric, comparison) in report.Metrics.SelectMany(m => m.Comparisons.Select(c => (m, c))))
            {
                Assert.NotNull(comparison.Correction);
                var interval = comparison.Absolute.Deciding(reading);
                Assert.Equal(comparison.Verdict == EffectVerdict.Good, interval.Low > 0);
                Assert.Equal(comparison.Verdict == EffectVerdict.Bad, interval.High < 0);
                if (comparison.Verdict != EffectVerdict.Unsure) found++;
                else if (comparison.Absolute.Of(reading) is { Low: > 0 } or { High: < 0 }) disputed++; // the plain interval leaves zero out
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{reading}: found {found}, unsure beside a plain interval without zero {disputed}");
        Assert.True(found > 20 && disputed > 0, $"{found} found, {disputed} disputed");
    }

    // Two goals and two secondary outcomes, four arms against a baseline.
    private static ReportContent Several(ReadingKind reading, int run, Func<int, int, double> effect)
    {
        var random = new Philox(53, "families", run);
        Outcome[] outcomes = [.. Enumerable.Range(0, 4).Select(o => new Outcome($"outcome-{o}", OutcomeKind.Number))];
        var blueprint = Exposed.Blueprint(outcomes);
        blueprint = blueprint with { Goal = blueprint.Goal with { Terms = [new("outcome-0"), new("outcome-1")] } };
        return Exposed.Report(Exposed.Settings(FiveArms with { Reading = reading }, "outcome-0"), blueprint,
            Enumerable.Range(0, 2_000).Select(i => Exposed.Unit(i % 5, [.. Enumerable.Range(0, 4).Select(o => 1 + (i % 5 == 0 ? 0 : effect(i % 5, o)) + random.Normal())])));
    }
}
