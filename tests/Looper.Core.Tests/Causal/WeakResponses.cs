using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Causal;

/// <summary>Yes/no responses made up over given covariates: few say yes, a treatment given by the toss of a coin makes it a few percent more, and by how
/// much differs weakly. Chances are sums of main effects, bends, steps and products; effects share some of their terms and have some of their own, on the
/// scale of the logit in half of the draws and of the chance in the other half. Learners are chosen on these.</summary>
/// <param name="Arms">Units with their responses, treated with a chance of one half, which is told.</param>
/// <param name="Control">Chance to respond under control, one per unit.</param>
/// <param name="Effects">What the treatment adds to it.</param>
internal sealed record WeakResponses(TwoArms Arms, double[] Control, double[] Effects)
{
    private const double MeanControl = 0.10, MeanEffect = 0.045, Least = 0.005, Most = 0.95;

    /// <param name="covariates">Any units; their labels are not read.</param>
    /// <param name="spread">Standard deviation of the effects before chances are kept within bounds; 0 for one effect on its scale.</param>
    /// <param name="seed">Fixes everything.</param>
    public static WeakResponses Make(DataSet covariates, double spread, long seed)
    {
        var (random, n) = (new Philox(seed, "weak-responses"), covariates.Rows);
        var isOfLogit = random.Uniform() < 0.5;
        var terms = Enumerable.Range(0, 4 + random.Below(5)).Select(_ => MadeUpResponses.Term(covariates, random)).ToArray();
        var level = Sum(covariates, random, terms, 1, 0);
        var effect = Sum(covariates, random, terms, 0.4, 1 + random.Below(4));
        var slope = 0.35 + 0.35 * random.Uniform();
        var middle = Solved(at => level.Average(l => Chance(at + slope * l)) - MeanControl, -12, 6);
        var control = Array.ConvertAll(level, l => Math.Clamp(Chance(middle + slope * l), Least, Most));
        var unit = spread / control.Average(p => (p + MeanEffect) * (1 - p - MeanEffect)); // a small step of the logit moves the chance p by p(1 − p) times as much
        double Treated(int i, double shift) => Math.Clamp(isOfLogit ? Chance(Logit(control[i]) + shift + unit * effect[i]) : control[i] + shift + spread * effect[i], Least, Most);
        var added = Solved(shift => Enumerable.Range(0, n).Average(i => Treated(i, shift) - control[i]) - MeanEffect, -3, 3);
        var (treated, y, tau) = (new bool[n], new double[n], new double[n]);
        for (var i = 0; i < n; i++)
        {
            treated[i] = random.Uniform() < 0.5;
            tau[i] = Treated(i, added) - control[i];
            y[i] = random.Uniform() < control[i] + (treated[i] ? tau[i] : 0) ? 1 : 0;
        }
        var half = Enumerable.Repeat(0.5, n).ToArray();
        return new(new(new DataSet(covariates.Columns, covariates.Values, y), treated, half, 1), control, tau);
    }

    private static double[] Sum(DataSet covariates, Philox random, double[][] terms, double shared, int fresh)
    {
        var sum = new double[covariates.Rows];
        void Add(double[] term)
        {
            var by = random.Normal() * (random.Uniform() < 0.2 ? 2 : 1);
            for (var i = 0; i < sum.Length; i++) sum[i] += by * term[i];
        }
        foreach (var term in terms) if (random.Uniform() < shared) Add(term);
        for (var k = 0; k < fresh; k++) Add(MadeUpResponses.Term(covariates, random));
        return MadeUpResponses.Standardised(sum);
    }

    // the root of an increasing function by halving
    private static double Solved(Func<double, double> of, double low, double high)
    {
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            if (of(middle) < 0) low = middle;
            else high = middle;
        }
        return (low + high) / 2;
    }

    private static double Chance(double logit) => 1 / (1 + Math.Exp(-logit));

    private static double Logit(double chance) => Math.Log(chance / (1 - chance));
}
