using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Statistics;
using Looper.Testing;

namespace Looper.Core.Tests.Experiments;

/// <summary>Shares that follow the outcomes where outcomes follow the calendar.</summary>
public class SeasonTests(ITestOutputHelper output)
{
    private const int Days = 56, UnitsADay = 10_000;
    private static readonly BanditDesign s_design = new(0.1, 24);
    private static readonly ReportContent s_empty = Exposed.Report(
        Exposed.Settings(Exposed.Plan(("control", 0.5), ("treatment", 0.5)), "sale"), Exposed.Blueprint(new Outcome("sale", OutcomeKind.Boolean)), []);

    [Theory] // simulation: eight weeks, shares renewed every day; 4 % buy from Monday to Thursday, 5 % on Fridays, 8 % at weekends; or ever more do, by 60 % in the end
    [InlineData("week")]
    [InlineData("growth")]
    public void Equal_arms_are_not_told_apart_by_the_time_they_had(string season)
    {
        int runs = Sizes.IsLong ? 1_000 : 60, certain = 0;
        for (var run = 0; run < runs; run++)
            if (ChanceOfTreatment(new(95, season, run), season, better: 0) is < 0.01 or > 0.99) certain++;
        output.WriteLine($"{season}: surer than 99 % in {certain / (double)runs:P1} of {runs}");
        Assert.True(certain <= runs * 0.05 + 3.3 * Math.Sqrt(runs * 0.05 * 0.95), $"{certain} of {runs}");
    }

    [Fact]
    public void A_better_arm_gets_most_of_the_units_in_spite_of_the_season()
    {
        int runs = Sizes.IsLong ? 1_000 : 30, found = 0;
        for (var run = 0; run < runs; run++)
            if (ChanceOfTreatment(new(96, "better", run), "week", better: 0.1) > 0.75) found++; // 0.75: a share of 70 %
        output.WriteLine($"better by a tenth: most of the units in {found / (double)runs:P1} of {runs}");
        Assert.True(found >= 0.95 * runs, $"{found} of {runs}");
    }

    [Theory] // simulation: four weeks of 1,000 units a day, looked at every day from the second week on
    [InlineData("week")]
    [InlineData("growth")]
    [InlineData("steady")]
    public void Equal_arms_are_not_claimed_to_differ_while_shares_follow_a_season(string season)
    {
        int runs = Sizes.IsLong ? 2_000 : 100, always = 0, atTheEnd = 0;
        for (var run = 0; run < runs; run++)
        {
            var (claimed, last) = Claims(new(97, season, run), season);
            if (claimed) always++;
            if (last) atTheEnd++;
        }

        output.WriteLine($"{season}: always valid {always / (double)runs:P1} on any day, fixed {atTheEnd / (double)runs:P1} at the end of {runs}");
        var most = runs * 0.05 + 3.3 * Math.Sqrt(runs * 0.05 * 0.95);
        Assert.True(always <= most && atTheEnd <= most, $"{always} and {atTheEnd} of {runs}");
    }

    // Whether the always-valid reading of adaptively weighted units claims a difference on any day, and whether the fixed one does on the last.
    private static (bool Always, bool AtTheEnd) Claims(Philox random, string season)
    {
        var pair = new AdaptivePair();
        List<Moments[]> stretches = [];
        double[] shares = [0.5, 0.5];
        var always = false;
        for (var day = 0; day < 28; day++)
        {
            Moments[] today = [Moments.Empty, Moments.Empty];
            for (var unit = 0; unit < 1_000; unit++)
            {
                var (arm, sale) = (random.Uniform() < shares[1] ? 1 : 0, random.Uniform() < RateOf(season, day) ? 1 : 0);
                today[arm] = today[arm].With(sale);
                pair.Add(arm == 0, arm == 1, sale, shares[0], shares[1]);
            }

            stretches.Add(today);
            if (day >= 7) always |= ConfidenceSequence.Read(pair.Difference(), ConfidenceSequence.DefaultPlannedUnits, 0.95).P < 0.05;
            if (Allocation.Next(Report(stretches), s_design) is { Held: null, Weights: var next }) shares = [.. next];
        }

        return (always, Reading.Fixed(pair.Difference(), 0.95).P < 0.05);
    }

    private static double RateOf(string season, int day) => season switch
    {
        "week" => (day % 7) switch { < 4 => 0.04, 4 => 0.05, _ => 0.08 },
        "growth" => 0.04 * (1 + 0.6 * day / Days),
        _ => 0.05,
    };

    // Chance at the end that the second arm is the best, as the shares have it.
    private static double ChanceOfTreatment(Philox random, string season, double better)
    {
        List<Moments[]> stretches = [];
        double[] shares = [0.5, 0.5];
        for (var day = 0; day < Days; day++)
        {
            var rate = RateOf(season, day);
            stretches.Add([Sold(UnitsADay * shares[0], rate, random), Sold(UnitsADay * shares[1], rate * (1 + better), random)]);
            var next = Allocation.Next(Report(stretches), s_design);
            Assert.Null(next.Held);
            shares = [.. next.Weights];
        }

        return (shares[1] - s_design.Floor) / (1 - 2 * s_design.Floor);
    }

    private static ReportContent Report(List<Moments[]> stretches)
    {
        Moments[] whole = [.. Enumerable.Range(0, 2).Select(arm => stretches.Aggregate(default(Moments), (sum, s) => sum + s[arm]))];
        var sums = new MetricSums(new(new("sale", OutcomeKind.Boolean), MetricKind.Mean, MetricRole.Goal, ""), [.. whole.Select(m => new ArmSums(m, new(1), 0, 0, 0))], double.NaN, new(2, 1, false))
        {
            Epochs = stretches.Count > 1 ? [.. stretches] : [],
        };
        return s_empty with { Health = [], Metrics = [s_empty.Metrics[0] with { Arms = [sums.Value("control", 0, null), sums.Value("treatment", 1, null)] }] };
    }

    // As many as a normal of the same mean and spread says: hundreds at least.
    private static Moments Sold(double units, double rate, Philox random)
    {
        var n = Math.Round(units);
        var mean = Math.Round(n * rate + Math.Sqrt(n * rate * (1 - rate)) * random.Normal()) / n;
        return new(n, mean, n * mean * (1 - mean), double.NaN);
    }
}
