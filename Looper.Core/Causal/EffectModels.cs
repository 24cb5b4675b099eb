using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Causal;

/// <summary>Fitted effects of one comparison.</summary>
/// <param name="Learner">The learner; for <c>auto</c> the one with the greatest weight, or <c>constant</c>.</param>
/// <param name="Effects">τ̂ of every unit, by fits that have not seen it.</param>
/// <param name="Model">τ̂ of other units.</param>
/// <param name="Weights">Weight of each learner that was tried.</param>
/// <param name="Forest">The causal forest, which gives standard errors; null when left out.</param>
public sealed record EffectModels(string Learner, double[] Effects, IPredictor Model, IReadOnlyDictionary<string, double> Weights, CausalForest? Forest)
{
    /// <summary>Fits the plan's learner, or all of them.</summary>
    /// <param name="arms">Units.</param>
    /// <param name="nuisances">From the same units.</param>
    /// <param name="plan">Which learner, and how.</param>
    /// <param name="withForest">Grow the forest even when it is not asked for, for standard errors.</param>
    /// <remarks><c>auto</c>: convex weights on all learners and the best constant effect, minimising the R-loss Σ((y−m) − (w−e)τ̂)² of units
    /// that the learners have not seen (Nie and Wager 2021, section 4), each square over its variance where the outcome is yes or no; then shrunk
    /// towards the constant. Nothing about the truth is used.</remarks>
    public static EffectModels Fit(TwoArms arms, Nuisances nuisances, EffectPlan plan, bool withForest)
    {
        var auto = plan.Learner == "auto";
        var forest = withForest || auto || plan.Learner == "forest" ? CausalForest.Fit(arms, nuisances, plan) : null;
        if (!auto)
        {
            var one = plan.Learner == "forest" ? OutOfBag(forest!) : MetaLearners.Of(plan.Learner, arms, nuisances, plan);
            return new(plan.Learner, one.Predictions, one.Model, new Dictionary<string, double> { [plan.Learner] = 1 }, forest);
        }
        return Weighed(arms, nuisances, All(arms, nuisances, plan, forest!), forest);
    }

    /// <summary>Every learner that <c>auto</c> weighs: not the Bayesian forest where the nuisances do without, nor <c>risk</c> where it is the constant.</summary>
    internal static List<(string Name, CrossFitted Fit)> All(TwoArms arms, Nuisances nuisances, EffectPlan plan, CausalForest forest)
    {
        var fits = new List<(string Name, CrossFitted Fit)>();
        foreach (var learner in EffectPlan.Learners.Where(l => l switch { "bcf" => nuisances.Bayesian is not null, "risk" => RiskEffects.Differ(arms), _ => true }))
        {
            plan.Done(fits.Count + 1, EffectPlan.Learners.Length + 1);
            fits.Add((learner, learner == "forest" ? OutOfBag(forest) : MetaLearners.Of(learner, arms, nuisances, plan)));
        }
        return fits;
    }

    /// <summary>Some learners, weighed with the constant and shrunk towards it.</summary>
    internal static EffectModels Weighed(TwoArms arms, Nuisances nuisances, IEnumerable<(string Name, CrossFitted Fit)> learners, CausalForest? forest)
    {
        List<(string Name, CrossFitted Fit)> fits = [.. learners];
        var n = arms.Count;
        double[] left = new double[n], away = new double[n];
        for (var i = 0; i < n; i++) (left[i], away[i]) = (arms.Outcomes[i] - nuisances.Pooled[i], (arms.Treated[i] ? 1 : 0) - nuisances.Propensity[i]);
        var one = Vectors.Dot(left, away) / Vectors.Dot(away, away); // the constant effect of least R-loss (Robinson 1988)
        if (double.IsFinite(one)) fits.Add(("constant", new([.. Enumerable.Repeat(one, n)], new CombinedPredictor([], one))));
        var products = fits.Select(f => f.Fit.Predictions.Select((t, i) => t * away[i]).ToArray()).ToArray();
        var precision = OutcomeVariance.Weights(arms, nuisances);
        var alpha = ConvexWeights.Of(left, products, precision);
        if (double.IsFinite(one)) EffectShrinking.Shrink(left, products, alpha, precision);
        var effects = new double[n];
        for (var f = 0; f < alpha.Length; f++)
            for (var i = 0; i < n; i++) effects[i] += alpha[f] * fits[f].Fit.Predictions[i];
        var weights = fits.Select((f, k) => (f.Name, alpha[k])).ToDictionary(f => f.Name, f => f.Item2);
        var model = new CombinedPredictor([.. fits.Select((f, k) => (f.Fit.Model, alpha[k])).Where(p => p.Item2 > 1e-6)]);
        return new(weights.MaxBy(w => w.Value).Key, effects, model, weights, forest);
    }

    // a unit that every tree drew has no estimate of its own: the forest's serves
    private static CrossFitted OutOfBag(CausalForest forest)
    {
        var defined = forest.Effects.Where(double.IsFinite).DefaultIfEmpty(0).Average();
        return new([.. forest.Effects.Select(e => double.IsFinite(e) ? e : defined)], forest);
    }
}
