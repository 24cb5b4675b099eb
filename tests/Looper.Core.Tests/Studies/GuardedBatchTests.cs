using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Core.Studies;
using Looper.Core.Tests.Experiments;
using Looper.Testing;

namespace Looper.Core.Tests.Studies;

/// <summary>Batches of five arms beside the present policy, read a hundred times each: every ten of a thousand units an arm.</summary>
public class GuardedBatchTests(ITestOutputHelper output)
{
    private const int Arms = 6, Units = 1_000, Step = 10;

    private static readonly StudyPlan s_plan = new() { Source = TrialSource.Live, Goals = [new("kept")], Guardrails = [new("kept") { AtLeast = -0.01 }], UnitsPerArm = Units };

    private static readonly ReportContent s_shares = Empty(OutcomeKind.Boolean), s_numbers = Empty(OutcomeKind.Number);

    private static int Runs => Sizes.IsLong ? 2_000 : 200;

    [Theory] // simulation: all arms are the present policy; shares of 5 and 20 %, and what 30 % of units spend, log-normal; the bound is 1 % below
    [InlineData("5 %")]
    [InlineData("20 %")]
    [InlineData("revenue")]
    public void Guardrails_that_nobody_broke_seldom_end_a_batch(string metric)
    {
        var broken = Enumerable.Range(0, Runs).Count(run => BrokenAt(new(97, metric, run), metric, harmed: 1) <= Units);
        output.WriteLine($"{metric}: {broken / (double)Runs:P1} of {Runs} batches");
        Assert.True(broken <= 0.02 * Runs, $"{broken} of {Runs}");
    }

    [Theory] // simulation: one arm keeps half of what it should
    [InlineData("20 %", 0.9)]
    [InlineData("5 %", 0.1)] // 25 instead of 50 of a thousand: a batch is hardly enough to be sure
    public void An_arm_that_halves_a_guardrail_is_found_before_its_units_are_over(string metric, double least)
    {
        int[] at = [.. Enumerable.Range(0, Runs).Select(run => BrokenAt(new(98, metric, run), metric, harmed: 0.5))];
        Array.Sort(at);
        output.WriteLine($"{metric}: {at.Count(n => n <= Units / 3) / (double)Runs:P1} by a third of the units, {at.Count(n => n <= Units) / (double)Runs:P1} by the end, median {at[Runs / 2]}, of {Runs}");
        Assert.True(at.Count(n => n < Units) >= least * Runs);
    }

    // Units an arm at which the batch ends for a breach; more than there are where it does not.
    private static int BrokenAt(Philox random, string metric, double harmed)
    {
        var arms = new Moments[Arms];
        for (var n = Step; n <= Units; n += Step)
        {
            for (var arm = 0; arm < Arms; arm++)
                for (var i = 0; i < Step; i++) arms[arm] = arms[arm].With(Value(random, metric, arm == 1 ? harmed : 1));
            if (LiveReading.Of(s_plan, Report(metric, arms), TimeSpan.FromHours(1), isStopped: false).Breach is not null) return n;
        }

        return Units + 1;
    }

    private static double Value(Philox random, string metric, double part) => metric switch
    {
        "5 %" => random.Uniform() < 0.05 * part ? 1 : 0,
        "20 %" => random.Uniform() < 0.2 * part ? 1 : 0,
        _ => random.Uniform() < 0.3 ? part * Math.Exp(3 + random.Normal()) : 0,
    };

    private static ReportContent Report(string metric, Moments[] arms)
    {
        var empty = metric == "revenue" ? s_numbers : s_shares;
        var figures = empty.Metrics[0];
        var control = MetricSummary.OfMean(arms[0]);
        return empty with
        {
            Metrics =
            [
                figures with
                {
                    Arms = [.. arms.Select((m, i) => figures.Arms[i] with { Units = (long)m.Count, Mean = m.Mean, Deviation = Math.Sqrt(m.Variance) })],
                    Comparisons = [.. figures.Comparisons.Select((c, i) =>
                    {
                        var lift = RelativeLift.Between(control, MetricSummary.OfMean(arms[i + 1]));
                        return c with { Relative = c.Relative with { Estimate = lift.Value, StandardError = lift.StandardError }, Shortage = Short(metric, arms[0]) ?? Short(metric, arms[i + 1]) };
                    })],
                },
            ],
        };
    }

    // What a report needs of an arm.
    private static Shortage? Short(string metric, Moments arm) => arm.Count < 100 ? new((long)arm.Count, 100, "units")
        : metric != "revenue" && arm.Sum < 20 ? new((long)arm.Sum, 20, "units with kept") : null;

    private static ReportContent Empty(OutcomeKind kind) => Exposed.Report(
        Exposed.Settings(Exposed.Plan([.. Enumerable.Range(0, Arms).Select(i => (i == 0 ? "present" : $"trial-{i}", 1.0 / Arms))]), "kept"), Exposed.Blueprint(new Outcome("kept", kind)), []);
}
