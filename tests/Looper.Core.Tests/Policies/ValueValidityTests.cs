using Looper.Core.Policies;
using Looper.Testing;

namespace Looper.Core.Tests.Policies;

/// <summary>What the value of a draft promises, on logs whose truth is known: from logged rows to the sentence on the screen.</summary>
public class ValueValidityTests(ITestOutputHelper output)
{
    // what several tests ask of the same logs
    private static readonly Lazy<PolicyEvaluationResult[]> s_good = new(() => [.. Enumerable.Range(0, Sizes.PolicyLogs).Select(run => SimulatedShop.Judge(1_000, SimulatedShop.Logging.Good, 7_000 + run))]);

    [Fact] // 3.3 standard errors around 0.95; over 500 logs that is 0.918 to 0.982, and the bar is 0.93 to 0.97
    public void Intervals_cover_the_true_value_where_the_log_overlaps()
    {
        var (runs, covered) = (Sizes.PolicyLogs, new Dictionary<string, int>());
        void Count(string name, double low, double high) => covered[name] = covered.GetValueOrDefault(name) + (low <= SimulatedShop.Truth && SimulatedShop.Truth <= high ? 1 : 0);
        foreach (var result in s_good.Value)
        {
            Assert.Null(result.Refused);
            Assert.True(result.Headline == "sndr" || result.ModelExplains <= 0); // where the model explains nothing, weights alone lead
            Count("headline", result.Value.Low, result.Value.High);
            foreach (var e in result.Estimators)
            {
                Count(e.Name + " normal", e.NormalLow, e.NormalHigh);
                Count(e.Name + " bootstrap", e.BootstrapLow, e.BootstrapHigh);
            }
        }
        foreach (var (name, count) in covered) output.WriteLine($"{name}: {count / (double)runs:P1} of {runs}");
        var (slack, least) = Sizes.IsLong ? (0.02, 0.93) : (3.3 * Math.Sqrt(0.95 * 0.05 / runs), 0.95 - 3.3 * Math.Sqrt(0.95 * 0.05 / runs));
        foreach (var name in new[] { "headline", "ips bootstrap", "ips normal", "snips bootstrap", "snips normal", "dr bootstrap", "dr normal", "sndr bootstrap", "sndr normal", "mrdr bootstrap" })
            Assert.InRange(covered[name] / (double)runs, least, Math.Min(1, 0.95 + slack));
    }

    [Theory] // the bounds of the test before
    [InlineData(SimulatedShop.Logging.Good)]
    [InlineData(SimulatedShop.Logging.Exploring)] // 260 decisions or so gave the baseline, half as many on a push
    public void Intervals_of_the_lift_over_the_baseline_cover_it(SimulatedShop.Logging logging)
    {
        var (runs, covered, below) = (Sizes.PolicyLogs, 0, 0);
        var judged = logging == SimulatedShop.Logging.Good ? s_good.Value : Enumerable.Range(0, runs).Select(run => SimulatedShop.Judge(Sizes.ExploringUnits, logging, 11_000 + run));
        foreach (var lift in judged.Select(result => result.FromBaseline))
        {
            if (lift.Low <= SimulatedShop.TruthOverBaseline && SimulatedShop.TruthOverBaseline <= lift.High) covered++;
            else if (lift.High < SimulatedShop.TruthOverBaseline) below++;
        }
        output.WriteLine($"{logging}: {covered / (double)runs:P1} of {runs}, {below} below the truth");
        var (slack, least) = Sizes.IsLong ? (0.02, 0.93) : (3.3 * Math.Sqrt(0.95 * 0.05 / runs), 0.95 - 3.3 * Math.Sqrt(0.95 * 0.05 / runs));
        Assert.InRange(covered / (double)runs, least, Math.Min(1, 0.95 + slack));
    }

    [Theory] // at least 95 in 100 must be refused or warned about
    [InlineData(SimulatedShop.Logging.Blind)]
    [InlineData(SimulatedShop.Logging.Rare)]
    [InlineData(SimulatedShop.Logging.Certain)]
    public void A_log_without_overlap_is_refused_or_warned_about(SimulatedShop.Logging logging)
    {
        var (runs, refused, warned) = (Sizes.PolicyLogs, 0, 0);
        for (var run = 0; run < runs; run++)
        {
            var result = SimulatedShop.Judge(1_000, logging, 8_000 + run);
            if (result.Refused is not null) refused++;
            else if (result.Warnings.Length > 0) warned++;
        }
        output.WriteLine($"{logging}: {refused} refused and {warned} warned of {runs}");
        Assert.True(refused + warned >= 0.95 * runs, $"{refused} refused, {warned} warned of {runs}");
    }

    [Fact]
    public void A_good_log_is_seldom_warned_about_and_wrong_propensities_are_refused()
    {
        var (runs, warned) = (Sizes.PolicyLogs, 0);
        foreach (var result in s_good.Value) warned += result.Warnings.Length > 0 ? 1 : 0;
        output.WriteLine($"{warned} of {runs} warned");
        Assert.True(warned <= Math.Max(1, 0.02 * runs), $"{warned} of {runs}");
        Assert.Equal("propensities-do-not-fit", SimulatedShop.Judge(1_000, SimulatedShop.Logging.Good, 1, shift: -0.25).RefusedCode);
    }
}
