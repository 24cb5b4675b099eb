using Looper.Core.Learning;
using Looper.Core.Learning.Bayesian;
using Looper.Core.Learning.Trees;
using Looper.Core.Numerics;

namespace Looper.Core.Causal;

/// <summary>A Bayesian causal forest: y = μ(x, ê) + w·τ(x) + noise, both functions sums of trees, fitted without each fold.</summary>
/// <param name="Effects">τ of every unit by the fit that did not see it; of others the mean of the fits.</param>
/// <param name="Control">μ of each fold's fit.</param>
/// <param name="Treatment">μ + τ of each fold's fit.</param>
/// <param name="Pooled">μ + ê·τ of each fold's fit.</param>
/// <remarks>Hahn, Murray and Carvalho 2020, Bayesian Analysis 15:965. The propensity among the columns of μ keeps confounding out of τ.</remarks>
internal sealed record BayesianEffects(CrossFitted Effects, IPredictor[] Control, IPredictor[] Treatment, IPredictor[] Pooled)
{
    private const int MostRows = 20_000;
    private static readonly ForestPrior s_outcome = new(100, 1.5), s_effect = new(100, 1);
    private const int MostChains = 3, RowsOfChains = 16_000; // of all chains together, so that many units do not take many times as long

    /// <summary>The fits; null where there are more units than the plan lets it have, or columns say nothing.</summary>
    /// <param name="arms">Units.</param>
    /// <param name="propensity">ê of every unit, by a fit that has not seen it, or known.</param>
    /// <param name="propensities">What predicts ê for the units of each fold.</param>
    /// <param name="plan">Seed, threads, and up to how many units.</param>
    public static BayesianEffects? Of(TwoArms arms, double[] propensity, IPredictor[] propensities, EffectPlan plan)
    {
        if (arms.Count > plan.MostBayesian && plan.Learner != "bcf") return null;
        var fits = new TreeEnsemble[]?[arms.FoldCount];
        new Workers(plan.Threads, plan.Cancel).Each(fits.Length, k => fits[k] = Fit(arms, k, propensity, plan));
        if (fits.Any(f => f is null)) return null;
        IPredictor[] tau = [.. fits.Select(f => f![1])];
        IPredictor[] control = [.. propensities.Select((e, k) => new PrognosticPredictor(e, fits[k]![0]))];
        IPredictor[] treatment = [.. control.Select((c, k) => new CombinedPredictor([(c, 1), (tau[k], 1)]))];
        var (effects, row) = (new double[arms.Count], new double[arms.Units.Columns.Length]);
        for (var i = 0; i < effects.Length; i++)
        {
            arms.Units.CopyRow(i, row);
            effects[i] = tau[arms.Folds[i]].Predict(row);
        }
        return new(new(effects, CombinedPredictor.Mean(tau)), control, treatment, [.. propensities.Select((e, k) => new BlendedPredictor(e, treatment[k], control[k]))]);
    }

    private static TreeEnsemble[]? Fit(TwoArms arms, int fold, double[] propensity, EffectPlan plan)
    {
        int[] rows = [.. Enumerable.Range(0, arms.Count).Where(i => arms.Folds[i] != fold)];
        if (rows.Length > MostRows)
        {
            new Philox(plan.Seed, "bayesian-rows", fold).Shuffle<int>(rows);
            rows = rows[..MostRows];
        }
        var units = arms.Units.Take(rows);
        var e = Array.ConvertAll(rows, i => propensity[i]);
        int[] treated = [.. Enumerable.Range(0, rows.Length).Where(i => arms.Treated[rows[i]])];
        var effect = new SplitColumns(units, plan.Seed);
        if (effect.Count == 0) return null;
        var outcome = new SplitColumns(new(units.Columns.Add(new("propensity", ColumnKind.Number, [])), [.. units.Values, e], units.Labels), plan.Seed);
        SumPart[] parts = [new(outcome, null, s_outcome), new(effect, treated, s_effect)];
        var chains = new SumChains(Math.Clamp(RowsOfChains / rows.Length, 1, MostChains), 600, 200);
        return SumOfTrees.Fit(units.Labels, parts, chains, new Philox(plan.Seed, "bayesian-fold", fold).NextUInt32(), plan.Cancel);
    }
}

/// <summary>A function of a unit's features and its propensity, which is the last column.</summary>
internal sealed class PrognosticPredictor(IPredictor propensity, IPredictor joint) : IPredictor
{
    public int Outputs => 1;

    public double Predict(ReadOnlySpan<double> row)
    {
        Span<double> longer = row.Length < 512 ? stackalloc double[row.Length + 1] : new double[row.Length + 1];
        row.CopyTo(longer);
        longer[^1] = Nuisances.Within(propensity.Predict(row));
        return joint.Predict(longer);
    }

    public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);
}
