using Looper.Core.Learning.Bandits;
using Looper.Testing;
using Looper.Testing.Bandits;

namespace Looper.Core.Tests.Learning.Bandits;

/// <summary>Labelled sets turned into bandits; <c>Looper.Benchmarks bandits</c> has the whole table.</summary>
public class BanditTests
{
    private static readonly BanditAlgorithm[] s_all = Enum.GetValues<BanditAlgorithm>();

    // As the literature sets it (statistics.md D4); the default is LinUCB with a narrower bound.
    private static readonly BanditSettings s_linUcb = new() { Algorithm = BanditAlgorithm.LinUcb, BoundWidth = 0.5 };

    public static TheoryData<string> Sets => ["digits", "satellite"];

    [Theory, MemberData(nameof(Sets))] // chosen on the made-up problems, judged here
    public void The_default_regrets_no_more_than_linucb_and_epsilon_greedy(string set)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        var problem = Problem(set);
        var standard = Runs(problem, new());
        Assert.True(standard.Average(r => r.Regret) < Evenly(problem) / 2);
        foreach (var other in (BanditSettings[])[s_linUcb, new() { Algorithm = BanditAlgorithm.EpsilonGreedy }])
        {
            var runs = Runs(problem, other);
            Assert.True(standard.Average(r => r.Regret) <= runs.Average(r => r.Regret), $"{standard.Average(r => r.Regret)} against {runs.Average(r => r.Regret)} of {other.Algorithm}");
            Assert.All(runs, r => Assert.True(r.Propensities >= 0.001));
        }
        Assert.All(standard, r => Assert.True(r.Propensities >= 0.001));
    }

    [Theory, MemberData(nameof(Sets))] // rewards of a plain implementation less 0.03 to 0.04: statistics.md D4
    public void Each_learns_as_well_as_a_plain_implementation(string set)
    {
        Assert.SkipUnless(SharedData.IsHere && Sizes.IsLong, "20 minutes of learning run with LOOPER_TEST_LONG=1 and the reference data.");
        var problem = Problem(set);
        foreach (var algorithm in s_all.Where(a => a is not (BanditAlgorithm.ThompsonBeta or BanditAlgorithm.BootstrappedTrees or BanditAlgorithm.Softmax)))
        {
            var bar = (set, algorithm) switch
            {
                ("digits", BanditAlgorithm.EpsilonGreedy) => 0.82,
                ("digits", BanditAlgorithm.LinUcb) => 0.92,
                ("digits", BanditAlgorithm.Thompson) => 0.88,
                ("digits", _) => 0.93,
                (_, BanditAlgorithm.EpsilonGreedy) => 0.74,
                _ => 0.80,
            };
            var runs = Enumerable.Range(0, 5).Select(seed => BanditRun.Of(problem, new() { Algorithm = algorithm }, seed, 1)).ToArray();
            Assert.True(runs.Average(r => r.LastReward) >= bar, $"{algorithm} on {set}: {runs.Average(r => r.LastReward)}");
        }
    }

    [Fact] // rows that say nothing: the whole distribution is one stated number per option
    public void Every_algorithm_draws_with_the_chances_that_it_states()
    {
        var problem = BanditProblem.MadeUp.First(p => p.Name == "steps") with { Rounds = 1_500 };
        foreach (var algorithm in s_all)
        {
            var run = BanditRun.Of(problem, new() { Algorithm = algorithm }, 3, 50);
            Assert.True(run.Propensities >= 0.001, $"{algorithm}: {run.Propensities}");
            Assert.True(run.Regret < Evenly(problem) || algorithm == BanditAlgorithm.ThompsonBeta, $"{algorithm}: {run.Regret}");
        }
    }

    [Theory, InlineData(0.3), InlineData(-0.3)] // what the check above must be able to see
    public void Wrong_propensities_are_seen(double lean)
    {
        var (fit, random) = (new PropensityFit(3), new Looper.Core.Numerics.Philox(5));
        double[] stated = [0.5, 0.3, 0.2], drawn = [0.5 + lean * 0.2, 0.3 - lean * 0.2, 0.2];
        for (var t = 0; t < 5_000; t++) fit.Add(stated, Looper.Core.Serving.Assignment.Pick(random.Uniform(), drawn));
        Assert.True(fit.PValue < 0.001);
    }

    [Fact]
    public void Sums_of_two_stretches_add_and_the_same_rows_give_the_same_chances()
    {
        var problem = BanditProblem.MadeUp.First();
        var (whole, first, second) = (new BanditStatistics(6, 13), new BanditStatistics(6, 13), new BanditStatistics(6, 13));
        for (var t = 0; t < 400; t++)
        {
            var reward = problem.Rates[t][t % 6] > 0.5 ? 1 : 0;
            whole.Add(t % 6, problem.Rows[t], reward);
            (t < 150 ? first : second).Add(t % 6, problem.Rows[t], reward);
        }
        first.Add(second);
        foreach (var algorithm in s_all.Where(a => a != BanditAlgorithm.BootstrappedTrees))
        {
            BanditSettings settings = new() { Algorithm = algorithm };
            double[] one = Chances(whole, settings, problem.Rows[7]), again = Chances(whole, settings, problem.Rows[7]), merged = Chances(first, settings, problem.Rows[7]);
            Assert.Equal(one, again);
            for (var a = 0; a < 6; a++) Assert.Equal(one[a], merged[a], 1e-9);
        }
    }

    [Fact]
    public void Chances_sum_to_one_and_none_is_below_the_floor()
    {
        var problem = BanditProblem.MadeUp.First();
        var statistics = new BanditStatistics(6, 13);
        foreach (var algorithm in s_all.Where(a => a != BanditAlgorithm.BootstrappedTrees))
        {
            for (var t = 0; t < 300; t++)
            {
                var chances = Chances(statistics, new() { Algorithm = algorithm, Explore = t % 2 == 0 ? 0 : 0.02 }, problem.Rows[t]);
                Assert.Equal(1, chances.Sum(), 1e-12);
                Assert.All(chances, p => Assert.True(p >= BanditSettings.Floor(6) - 1e-15));
                statistics.Add(t % 6, problem.Rows[t], t % 5 == 0 ? 1 : 0);
            }
        }
    }

    [Fact]
    public void Before_the_first_reward_every_option_is_alike()
    {
        foreach (var algorithm in s_all.Where(a => a is not (BanditAlgorithm.BootstrappedTrees or BanditAlgorithm.EpsilonGreedy)))
            Assert.All(Chances(new(4, 3), new() { Algorithm = algorithm }, [1, 0.2, -0.4]), p => Assert.Equal(0.25, p, 1e-9));
    }

    [Fact] // twice as old counts half: 10 ones faded to 5, then 5 zeros
    public void Faded_rows_count_for_less()
    {
        var statistics = new BanditStatistics(1, 1);
        for (var i = 0; i < 10; i++) statistics.Add(0, [1], 1);
        statistics.Fade(0.5);
        for (var i = 0; i < 5; i++) statistics.Add(0, [1], 0);
        Assert.Equal(10, statistics.Weight, 1e-12);
        Assert.Equal(0.5, statistics.MeanReward, 1e-12);
    }

    private static BanditProblem Problem(string set) => set == "digits" ? BanditProblem.Digits : BanditProblem.Satellite;

    private static double Evenly(BanditProblem problem) => problem.Rates.Average(r => r.Max() - r.Average());

    private static BanditRun[] Runs(BanditProblem problem, BanditSettings settings) =>
        [.. Enumerable.Range(0, Sizes.BanditSeeds).AsParallel().AsOrdered().Select(seed => BanditRun.Of(problem, settings, seed))];

    private static double[] Chances(BanditStatistics statistics, BanditSettings settings, double[] x)
    {
        var chances = new double[statistics.Options.Length];
        IBandit bandit = settings.Algorithm == BanditAlgorithm.ThompsonBeta ? BetaBandit.Of(statistics, settings) : LinearBandit.Of(statistics, settings);
        bandit.Distribute(x, chances);
        return chances;
    }
}
