using System.Globalization;
using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

/// <summary>Each learner alone, <c>auto</c>, and <c>auto</c> without each of them, by the same nuisances of the same made-up draws, judged by the true effects of units that no fit
/// has seen: what is changed of the learners is decided on these. A line per draw and name is written, so that two builds can be compared draw by draw.</summary>
public class EffectComparisonTests(ITestOutputHelper output)
{
    private const int Judged = 8_000;
    private const double LeastSpread = 0.005; // where true effects spread by less, a share of the best ranking says nothing
    private readonly List<(string Name, double Share, double Error, double Spread)> _seen = [];

    [Fact] // on these the risk learner was chosen
    public void Weak_effects() => Compare(Enumerable.Range(400, 20), WeakUnits, Weak, 10_000);

    [Fact] // on these nothing was
    public void Weak_effects_that_decided_nothing() => Compare(Enumerable.Range(600, 10), WeakUnits, Weak, 10_000);

    [Fact]
    public void Weak_effects_with_the_bayesian_forest() => Compare(Enumerable.Range(600, 10), WeakUnits, Weak, 10_000, 50_000);

    [Fact] // the draws of one effect for all on the scale of the chance
    public void Effects_that_are_alike() =>
        Compare(Enumerable.Range(105, 60).Select(k => 4 * k).Where(seed => HteData.Deviation(Weak(WeakUnits(), seed).Effects) < 0.002).Take(12), WeakUnits, Weak, 10_000);

    [Fact]
    public void Loud_effects() => Compare(Enumerable.Range(500, 8), LoudUnits, Loud, 1_500, 50_000);

    [Fact] // yes or no too, but effects spread by 0.1
    public void Strong_effects_of_yes_or_no() => Compare(Enumerable.Range(520, 8), WeakUnits, Strong, 3_000);

    private static DataSet WeakUnits() => HteData.Hillstrom("Womens E-Mail", "recency", "train").Units;

    private static DataSet LoudUnits() => HteData.Acic("p02_s1").Arms.Units; // the covariates alone are used

    private static (TwoArms Arms, double[] Effects, double Unit) Weak(DataSet covariates, int seed) => YesNo(covariates, seed % 4 * 0.01, seed);

    private static (TwoArms Arms, double[] Effects, double Unit) Strong(DataSet covariates, int seed) => YesNo(covariates, 0.1, seed);

    private static (TwoArms Arms, double[] Effects, double Unit) YesNo(DataSet covariates, double spread, int seed)
    {
        var made = WeakResponses.Make(covariates, spread, seed);
        return (made.Arms, made.Effects, 1);
    }

    private static (TwoArms Arms, double[] Effects, double Unit) Loud(DataSet covariates, int seed) => seed % 2 == 0
        ? PublishedResponses.Make(covariates, (Surface)(seed / 2 % 3), seed % 4 < 2, seed)
        : MadeUpResponses.Make(covariates, 0.3 + 0.2 * (seed % 4), seed);

    private void Compare(IEnumerable<int> seeds, Func<DataSet> covariates, Func<DataSet, int, (TwoArms Arms, double[] Effects, double Unit)> draw, int most, int mostBayesian = 0)
    {
        Assert.SkipUnless(Sizes.IsLong, "Minutes to an hour: LOOPER_TEST_LONG=1 runs it.");
        var units = covariates();
        foreach (var seed in seeds)
        {
            var (all, effects, unit) = draw(units, seed);
            var learned = Math.Min(most, all.Count * 2 / 3);
            int[] others = [.. Enumerable.Range(learned, Math.Min(Judged, all.Count - learned))];
            Fit(seed, all.Take([.. Enumerable.Range(0, learned)], 5), all.Units.Take(others), [.. others.Select(i => effects[i])], unit, new() { MostBayesian = mostBayesian });
        }
        var names = _seen.Select(s => s.Name).Distinct().ToArray();
        foreach (var name in names) output.WriteLine(Against("auto", name).Text);
        Assert.All(names.Where(n => n.StartsWith("auto without ", StringComparison.Ordinal)), n => Assert.True(Against("auto", n).Error > -2, $"{n} errs less than auto"));
    }

    private void Fit(int seed, TwoArms arms, DataSet held, double[] truth, double unit, EffectPlan plan)
    {
        var nuisances = Nuisances.Of(arms, plan);
        var learners = EffectModels.All(arms, nuisances, plan, CausalForest.Fit(arms, nuisances, plan));
        var of = learners.ToDictionary(l => l.Name, l => held.Predictions(l.Fit.Model));
        void Tell(string name, double[] effects, double[] own, string weights = "")
        {
            var share = HteData.Deviation(truth) / unit < LeastSpread ? double.NaN : Uplift.OfScores(effects, truth).Qini / Uplift.OfScores(truth, truth).Qini;
            var (error, spread) = (1_000 * HteData.RootMeanSquare(effects, truth) / unit, 1_000 * HteData.Deviation(own) / unit);
            _seen.Add((name, share, error, spread));
            output.WriteLine(Invariant($"{seed},{name},{share:F4},{error:F3},{spread:F3},{weights}"));
        }
        void Auto(string name, IEnumerable<(string Name, CrossFitted Fit)> weighed)
        {
            var fit = EffectModels.Weighed(arms, nuisances, weighed, null);
            // a model predicts what its parts do, which are at hand; what they leave of a unit's effect is the constant's
            double Parts(Func<string, double> part) => fit.Weights.Where(w => w.Key != "constant").Sum(w => w.Value * part(w.Key));
            var constant = fit.Effects[0] - Parts(name => learners.Single(l => l.Name == name).Fit.Predictions[0]);
            Tell(name, [.. truth.Select((_, i) => constant + Parts(part => of[part][i]))], fit.Effects,
                string.Join(' ', fit.Weights.Where(w => w.Value >= 0.005).Select(w => Invariant($"{w.Key} {w.Value:F2}"))));
        }
        foreach (var (name, fit) in learners) Tell(name, of[name], fit.Predictions);
        Auto("auto", learners);
        foreach (var (name, _) in learners) Auto($"auto without {name}", learners.Where(l => l.Name != name));
    }

    // means, and of the paired differences how many standard errors of theirs they are
    private (string Text, double Error) Against(string first, string name)
    {
        var (mine, others) = (_seen.Where(s => s.Name == name).ToArray(), _seen.Where(s => s.Name == first).ToArray());
        if (mine.Length != others.Length) return ($"{name}: not in every draw", 0);
        var errors = mine.Zip(others, (a, b) => a.Error - b.Error).ToArray();
        var shares = mine.Zip(others, (a, b) => a.Share - b.Share).Where(double.IsFinite).ToArray();
        static (double Mean, double Error) Of(double[] values) =>
            values.Length < 2 ? (double.NaN, double.NaN) : (values.Average(), HteData.Deviation(values) / Math.Sqrt(values.Length - 1));
        var ((error, errorOf), (share, shareOf)) = (Of(errors), Of(shares));
        var best = mine.Select(m => m.Share).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
        return (Invariant($"{name}: error {mine.Average(m => m.Error):F3} ({error:+0.000;-0.000} ± {errorOf:F3}), share of the best ranking's Qini ")
            + Invariant($"{best:F3} ({share:+0.0000;-0.0000} ± {shareOf:F4}), spread {mine.Average(m => m.Spread):F2}"), errorOf > 0 ? error / errorOf : 0);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
