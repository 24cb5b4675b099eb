using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Experiments;

/// <summary>Guardrails on what hardly happens.</summary>
public class RareAnswersTests
{
    private static readonly ExperimentPlan s_plan = Exposed.Plan(("control", 0.5), ("b", 0.5));

    // every n-th unit of an arm answers; 0 for none
    private static ReportContent Report(Direction better, int control, int treatment, bool isYes = true, int units = 10_000)
    {
        var blueprint = Exposed.Blueprint(new("purchase", OutcomeKind.Boolean), new("crash", OutcomeKind.Boolean) { Better = better });
        double Answer(int every, int i) => every > 0 && i % every == 0 == isYes ? 1 : every == 0 && !isYes ? 1 : 0;
        return Exposed.Report(Exposed.Settings(s_plan, "purchase"), blueprint with { Goal = blueprint.Goal with { Guardrails = [new("crash", 0.05)] } },
            Enumerable.Range(0, 2 * units).Select(i => Exposed.Unit(i % 2, [i / 2 % 10 == 0 ? 1 : 0, Answer(i % 2 == 0 ? control : treatment, i / 2)])));
    }

    [Theory]
    [InlineData(Direction.Lower, 0, 20, true, GuardrailState.Harmed)] // 0 and 500 of 10,000 crash
    [InlineData(Direction.Lower, 20, 0, true, GuardrailState.Unknown)] // it mends what was broken, and nothing says that it is safe
    [InlineData(Direction.Lower, 0, 0, true, GuardrailState.Unknown)]
    [InlineData(Direction.Lower, 0, 5_000, true, GuardrailState.Unknown)] // 2 of 10,000
    [InlineData(Direction.Higher, 0, 20, false, GuardrailState.Harmed)] // 0 and 500 of 10,000 do not arrive
    [InlineData(Direction.Higher, 20, 0, false, GuardrailState.Unknown)]
    [InlineData(Direction.Higher, 20, 0, true, GuardrailState.Harmed)] // the few that came stay away
    public void What_never_happened_before_is_harm_when_it_happens(Direction better, int control, int treatment, bool isYes, GuardrailState expected)
    {
        var report = Report(better, control, treatment, isYes);
        var judged = report.Metrics.Single(m => m.Outcome == "crash").Comparisons[0];
        Assert.NotNull(judged.Shortage);
        Assert.Equal(expected, judged.Guardrail);
        Assert.Equal(expected == GuardrailState.Harmed, RampGate.WhyHeld(report)?.Contains("crash", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Of_too_few_units_nothing_is_told() =>
        Assert.Equal(GuardrailState.Unknown, Report(Direction.Lower, 0, 2, units: Needs.ForEffects - 1).Metrics.Single(m => m.Outcome == "crash").Comparisons[0].Guardrail);

    [Theory, InlineData(0.5), InlineData(0.2)] // simulation: 0.05 % in both arms, looked at on each of 28 days
    public void Equal_arms_are_rarely_called_harmed_however_often_they_are_looked_at(double share)
    {
        const int runs = 400, days = 28, perDay = 2_000;
        int harmed = 0, found = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(61, "rare", run);
            double[] units = new double[2], rare = new double[2], more = new double[2];
            bool isHarmed = false, isFound = false;
            for (var day = 0; day < days; day++)
            {
                for (var i = 0; i < perDay; i++)
                {
                    var arm = random.Uniform() < share ? 1 : 0;
                    var at = random.Uniform();
                    units[arm]++;
                    if (at < 0.0005) rare[arm]++;
                    if (at < (arm == 1 ? 0.005 : 0.0005)) more[arm]++;
                }

                isHarmed |= RareAnswers.HarmP(rare[0], rare[1], units[0], units[1], moreIsHarm: true) < 0.05;
                isFound |= RareAnswers.HarmP(more[0], more[1], units[0], units[1], moreIsHarm: true) < 0.05;
            }

            if (isHarmed) harmed++;
            if (isFound) found++;
        }

        TestContext.Current.SendDiagnosticMessage($"share {share}: equal arms harmed in {harmed} of {runs}, ten times as many found in {found}");
        Assert.True(harmed <= 0.05 * runs, $"{harmed} of {runs}");
        Assert.True(found >= 0.95 * runs, $"{found} of {runs}");
    }
}
