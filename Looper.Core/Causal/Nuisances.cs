using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>What must be known of units beside the effect, each value by a fit that has not seen the unit.</summary>
/// <param name="Control">μ₀(x): mean outcome under control.</param>
/// <param name="Treatment">μ₁(x): mean outcome under treatment.</param>
/// <param name="Pooled">m(x): mean outcome over both arms as assigned.</param>
/// <param name="Propensity">e(x): probability of treatment, known or estimated.</param>
public sealed record Nuisances(double[] Control, double[] Treatment, double[] Pooled, double[] Propensity)
{
    private const double LeastEstimated = 0.02;

    /// <summary>Predictors of μ₀, μ₁ and e for other units.</summary>
    internal (IPredictor Control, IPredictor Treatment, IPredictor Propensity) Models { get; private init; }

    /// <summary>Predictors of μ₀, μ₁ and m that have not seen a fold, one a fold.</summary>
    internal (IPredictor[] Control, IPredictor[] Treatment, IPredictor[] Pooled) ByFold { get; private init; }

    /// <summary>Effects by the Bayesian causal forest, whose outcomes are among the means; null where it was left out.</summary>
    internal CrossFitted? Bayesian { get; private init; }

    /// <summary>Fits them.</summary>
    /// <param name="arms">The units.</param>
    /// <param name="plan">How.</param>
    /// <remarks>Known propensities are taken as they are; estimated ones are kept within [0.02, 0.98].</remarks>
    public static Nuisances Of(TwoArms arms, EffectPlan plan)
    {
        var (e, propensity) = Propensities(arms, plan);
        var bayesian = BayesianEffects.Of(arms, e, propensity.ByFold, plan);
        plan.Done(1, 4);
        var treatment = CrossFitted.Of(arms.Units, i => arms.Treated[i], arms.Folds, plan, also: bayesian?.Treatment);
        plan.Done(2, 4);
        var control = CrossFitted.Of(arms.Units, i => !arms.Treated[i], arms.Folds, plan, also: bayesian?.Control);
        plan.Done(3, 4);
        var pooled = CrossFitted.Of(arms.Units, _ => true, arms.Folds, plan, also: bayesian?.Pooled);
        return new(control.Predictions, treatment.Predictions, pooled.Predictions, e)
        {
            Models = (control.Model, treatment.Model, propensity.Model), ByFold = (control.ByFold, treatment.ByFold, pooled.ByFold),
            Bayesian = bayesian?.Effects,
        };
    }

    /// <summary>Doubly robust scores Γ = μ₁ − μ₀ + w(y − μ₁)/e − (1−w)(y − μ₀)/(1−e): unbiased for each unit's effect when e is right, and
    /// on average when either e or μ is.</summary>
    /// <remarks>Robins, Rotnitzky and Zhao 1994, JASA 89:846; Chernozhukov et al. 2018, Econometrics J. 21:C1.</remarks>
    public double[] Scores(TwoArms arms)
    {
        var scores = new double[arms.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            var y = arms.Outcomes[i];
            scores[i] = Treatment[i] - Control[i]
                + (arms.Treated[i] ? (y - Treatment[i]) / Propensity[i] : -(y - Control[i]) / (1 - Propensity[i]));
        }
        return scores;
    }

    /// <summary>An estimated propensity as it is used.</summary>
    internal static double Within(double estimated) => Math.Clamp(estimated, LeastEstimated, 1 - LeastEstimated);

    private static (double[] Values, CrossFitted Fit) Propensities(TwoArms arms, EffectPlan plan)
    {
        double[] taken = [.. arms.Treated.Select(t => t ? 1.0 : 0)];
        if (arms.Propensity is not { } known)
        {
            var fitted = CrossFitted.Of(arms.Labelled(taken), _ => true, arms.Folds, plan);
            return ([.. fitted.Predictions.Select(Within)], fitted);
        }
        // new units need a function; one value needs none
        if (known.Any(e => e != known[0])) return (known, CrossFitted.Of(arms.Labelled(known), _ => true, arms.Folds, plan));
        var constant = new CombinedPredictor([], known[0]);
        return (known, new(known, constant) { ByFold = [.. Enumerable.Repeat(constant, arms.FoldCount)] });
    }
}
