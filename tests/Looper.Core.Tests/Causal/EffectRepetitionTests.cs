using System.Globalization;
using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

/// <summary>What repeating all of <c>auto</c> with other folds and seeds is worth, and what other weights of its learners are: whether to take one is decided on these. The e-mail
/// experiment lends the rows that train and none of those that judge; a random half of them is learned from and the other half judges, again and again. A line per draw and
/// way is written.</summary>
public class EffectRepetitionTests(ITestOutputHelper output)
{
    private const int Repetitions = 2, Splits = 20, Learned = 10_000, Judged = 8_000;
    private const double LeastSpread = 0.005; // where true effects spread by less, a share of the best ranking says nothing
    private readonly List<(string Name, double[] Figures)> _seen = [];

    [Fact] // halves share rows, so that the errors of the mean differences come out too small
    public void Halves_of_the_rows_that_train() => Halves(0);

    [Fact]
    public void Halves_of_the_rows_that_train_with_the_bayesian_forest() => Halves(50_000);

    [Fact]
    public void Weak_effects()
    {
        Assert.SkipUnless(Sizes.IsLong, "An hour: LOOPER_TEST_LONG=1 runs it.");
        var units = HteData.Hillstrom("Womens E-Mail", "recency", "train").Units;
        foreach (var seed in Enumerable.Range(800, Splits))
        {
            var made = WeakResponses.Make(units, seed % 4 * 0.01, seed);
            int[] others = [.. Enumerable.Range(Learned, Judged)];
            double[] truth = [.. others.Select(i => made.Effects[i])];
            var best = HteData.Deviation(truth) < LeastSpread ? double.NaN : Uplift.OfScores(truth, truth).Qini;
            Tell(seed, made.Arms.Take([.. Enumerable.Range(0, Learned)], 5), made.Arms.Units.Take(others), 0,
                held => [1e3 * Uplift.OfScores(held, truth).Qini / best, 1e3 * HteData.RootMeanSquare(held, truth)]);
        }
        Compare("thousandths of the best ranking's Qini", "√PEHE in thousandths");
    }

    [Theory, InlineData(false), InlineData(true)] // else the first way would be no yardstick
    public void The_first_way_is_what_auto_does(bool isYesNo)
    {
        var (arms, _, _) = HteData.Simulated(600, 1, false, 31);
        var units = isYesNo ? arms.Labelled([.. arms.Outcomes.Select(y => y > 0.5 ? 1.0 : 0)]) : arms.Units;
        arms = new(units, arms.Treated, arms.Propensity, 1);
        var plan = new EffectPlan { Bases = [BaseLearner.Linear], Trees = 50, MostBayesian = 0 };
        var fit = EffectModels.Fit(arms, Nuisances.Of(arms, plan), plan, false);
        var (held, weights) = RepeatedEffects.Fit(arms, units, plan, 0).Auto();
        Assert.Equal(fit.Weights.Values, weights);
        Assert.All(units.Predictions(fit.Model).Zip(held), p => Assert.Equal(p.First, p.Second, 1e-6)); // a model leaves out weights below a millionth
    }

    private void Halves(int mostBayesian)
    {
        Assert.SkipUnless(Sizes.IsLong, "One to three hours: LOOPER_TEST_LONG=1 runs it.");
        var (units, treated) = HteData.Hillstrom("Womens E-Mail", "visit", "train");
        for (var split = 0; split < Splits; split++)
        {
            int[] order = [.. Enumerable.Range(0, units.Rows)];
            new Philox(7_000 + split, "split").Shuffle<int>(order);
            int[] learn = order[..(order.Length / 2)], judge = order[(order.Length / 2)..];
            bool[] arms = [.. judge.Select(i => treated[i])];
            var held = units.Take(judge);
            double[] scores = [.. held.Labels.Select((y, i) => arms[i] ? 2 * y : -2 * y)]; // unbiased at a chance of one half
            Tell(split, new(units.Take(learn), [.. learn.Select(i => treated[i])], [.. learn.Select(_ => 0.5)], 1), held, mostBayesian,
                ranking => [1e4 * Uplift.Of(ranking, arms, held.Labels).Qini, 1e4 * RankedEffect.Of(ranking, scores, 1, 1).Autoc]);
        }
        Compare("Qini in ten thousandths", "AUTOC in ten thousandths");
    }

    private void Tell(int draw, TwoArms arms, DataSet held, int mostBayesian, Func<double[], double[]> judge)
    {
        var plan = new EffectPlan { MostBayesian = mostBayesian };
        var all = Enumerable.Range(0, Repetitions).Select(r => RepeatedEffects.Fit(arms, held, plan, r)).ToArray();
        foreach (var way in RepeatedEffects.Ways(all).GroupBy(w => w.Name))
        {
            var (name, each) = (way.Key, way.Select(w => judge(w.Held)).ToArray());
            double[] figures = [.. each[0].Select((_, f) => each.Average(e => e[f]))];
            _seen.Add((name, figures));
            output.WriteLine($"{draw},{name},{string.Join(',', figures.Select(f => f.ToString("F2", CultureInfo.InvariantCulture)))}");
        }
    }

    private void Compare(params string[] figures)
    {
        var names = _seen.Select(s => s.Name).Distinct().ToArray();
        foreach (var name in names) output.WriteLine($"{name}: {string.Join(", ", figures.Select((figure, f) => $"{figure} {Against(name, f).Text}"))}");
        // of so many ways one strays past two by chance; a learner alone is no way to weigh them
        Assert.All(names.Where(n => !n.Contains(" alone", StringComparison.Ordinal)), n => Assert.True(Against(n, 0).Apart < 3, $"{n} ranks better than auto"));
    }

    // the mean, and the mean paired difference to auto with its standard error
    private (string Text, double Apart) Against(string name, int figure)
    {
        double[] Of(string of) => [.. _seen.Where(s => s.Name == of).Select(s => s.Figures[figure])];
        var (mine, apart) = (Of(name).Where(double.IsFinite).ToArray(), Of(name).Zip(Of("auto"), (a, b) => a - b).Where(double.IsFinite).ToArray());
        var error = HteData.Deviation(apart) / Math.Sqrt(apart.Length - 1);
        return (string.Create(CultureInfo.InvariantCulture, $"{mine.Average():F2} ({apart.Average():+0.00;-0.00} ± {error:F2})"), error > 0 ? apart.Average() / error : 0);
    }
}
