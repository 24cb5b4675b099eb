using System.Globalization;
using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Statistics.Bars;

/// <summary>How often a 95 % interval covers the truth, and how often an A/A experiment is called different, for every method.</summary>
public class FixedReadingTests
{
    public static TheoryData<string> Names => [.. Scenario.All.Select(s => s.Name)];

    [Theory, MemberData(nameof(Names))] // 10,000 experiments each at full size: 94 to 96 %
    public void Interval_covers_the_effect(string name)
    {
        var scenario = Scenario.All.Single(s => s.Name == name);
        int runs = Sizes.Coverage, covered = 0;
        for (var run = 0; run < runs; run++)
        {
            var effect = scenario.Run(new Philox(81, name, run), scenario.Effect);
            if (Reading.Fixed(effect, 0.95).Interval.Contains(scenario.Effect)) covered++;
        }

        var share = covered / (double)runs;
        Say($"coverage | {name} | {runs} | {share:P2}");
        // The bar is a whole point on either side; what fewer experiments than 10,000 leave open by chance comes on top.
        var chance = Sizes.IsLong ? 0 : 3.3 * Math.Sqrt(0.95 * 0.05 / runs);
        Assert.InRange(share, 0.94 - chance, 0.96 + chance);
    }

    [Theory, MemberData(nameof(Names))] // 2,000 A/A experiments each at full size: 5 % within the binomial 99.9 % band
    public void Equal_arms_are_called_different_as_often_as_agreed(string name)
    {
        var scenario = Scenario.All.Single(s => s.Name == name);
        int runs = Sizes.FalsePositives, found = 0;
        for (var run = 0; run < runs; run++)
            if (Reading.Fixed(scenario.Run(new Philox(82, name, run), 0), 0.95).P < 0.05) found++;
        Say($"false positives | {name} | {runs} | {found / (double)runs:P2}");
        Draw.InBand(0.05, runs, found / (double)runs);
    }

    [Fact] // a few buyers hold most of the revenue: the interval may not be trusted there, and the rule that says so fires
    public void Where_a_skewed_mean_does_not_cover_the_rule_says_so()
    {
        int runs = Sizes.Coverage, covered = 0, warned = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new Philox(83, "heavy", run);
            Moments a = default, b = default;
            for (var i = 0; i < 100; i++)
            {
                a = a.With(random.Uniform() < 0.1 ? Math.Exp(1.5 * random.Normal()) : 0);
                b = b.With(random.Uniform() < 0.3 ? Math.Exp(1.5 * random.Normal()) : 0);
            }

            var truth = 0.2 * Math.Exp(1.125);
            if (Reading.Fixed(MeanDifference.Between(MetricSummary.OfMean(a), MetricSummary.OfMean(b)), 0.95).Interval.Contains(truth)) covered++;
            if (a.IsTooSkewed || b.IsTooSkewed) warned++;
        }

        Say($"coverage | heavy-tailed revenue, 100 units an arm, flagged in {warned / (double)runs:P1} of the reports | {runs} | {covered / (double)runs:P2}");
        Assert.True(covered / (double)runs < 0.94, "the case is meant to be one where the interval does not cover");
        Assert.True(warned / (double)runs > 0.99, $"said in {warned} of {runs}");
    }

    [Theory, InlineData(0.2), InlineData(0.5), InlineData(0.8)] // within 2 points of ρ²
    public void Cuped_saves_the_square_of_the_correlation(double rho)
    {
        var random = new Philox(84, "rho");
        JointMoments a = new(2), b = new(2);
        for (var i = 0; i < 100_000; i++)
        {
            var x = random.Normal();
            (i % 2 == 0 ? a : b).Add([rho * x + Math.Sqrt(1 - rho * rho) * random.Normal(), x]);
        }

        var saved = Cuped.Between(a, b).VarianceSaved;
        Say($"CUPED saves | correlation {rho:0.0}, ρ² {rho * rho:0.00} | 100000 | {saved:P2}");
        Assert.Equal(rho * rho, saved, 0.02);
    }

    private static void Say(FormattableString line) => TestContext.Current.TestOutputHelper?.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
