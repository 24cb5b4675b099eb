using Looper.Core.Learning;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>Everything that a comparison of one treatment with control says about whom it works for.</summary>
/// <param name="Models">Fitted effects.</param>
/// <param name="Nuisances">Cross-fitted means and propensities.</param>
/// <param name="Scores">Doubly robust scores of the units.</param>
/// <param name="Average">Average effect, doubly robust.</param>
/// <param name="Overlapping">The effect of units for whom both arms were likely.</param>
/// <param name="Validation">Whether effects differ.</param>
/// <param name="ExtremeShare">Share of units with a propensity outside [0.02, 0.98]; above 0.05 is a warning.</param>
public sealed record EffectAnalysis(
    EffectModels Models, Nuisances Nuisances, double[] Scores, AverageEffect Average, AverageEffect Overlapping, EffectValidation Validation, double ExtremeShare)
{
    private const double Extreme = 0.02;

    /// <summary>Share of such units above which a warning is due.</summary>
    public const double MostExtreme = 0.05;

    /// <summary>Many units had next to no chance of one of the arms.</summary>
    public bool IsThin => ExtremeShare > MostExtreme;

    /// <summary>Nuisances, effects, their average and the tests of whether they differ.</summary>
    /// <param name="arms">Units.</param>
    /// <param name="plan">How.</param>
    public static EffectAnalysis Of(TwoArms arms, EffectPlan plan)
    {
        var nuisances = Nuisances.Of(arms, plan.Part(0.05, 0.2, "Fitting outcomes and propensities"));
        var scores = nuisances.Scores(arms);
        var models = EffectModels.Fit(arms, nuisances, plan.Part(0.2, 0.55, "Fitting effects"), withForest: true);
        var validation = EffectValidation.Of(arms, nuisances, plan);
        var extreme = nuisances.Propensity.Count(e => e is <= Extreme or >= 1 - Extreme) / (double)arms.Count;
        return new(models, nuisances, scores, AverageEffect.Of(scores), AverageEffect.OverlapWeighted(scores, nuisances.Propensity), validation, extreme);
    }

    /// <summary>Interval of one unit's effect.</summary>
    /// <param name="effect">The learner's estimate.</param>
    /// <param name="forest">The forest's estimate and standard error for the same unit.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <remarks>The forest's variance plus, for another learner, the square of its distance to the forest: approximate, and wider where the two
    /// disagree.</remarks>
    public static Interval IntervalOf(double effect, (double Effect, double StandardError) forest, double level)
    {
        if (!double.IsFinite(effect) || !double.IsFinite(forest.Effect) || !double.IsFinite(forest.StandardError)) return Interval.Undefined;
        var apart = effect - forest.Effect;
        var half = TailProbability.NormalQuantile((1 + level) / 2) * Math.Sqrt(forest.StandardError * forest.StandardError + apart * apart);
        return new(effect - half, effect + half);
    }

    /// <summary>Effects and intervals of all units of the comparison.</summary>
    /// <param name="level">Confidence level in (0, 1).</param>
    public (double Effect, Interval Interval)[] OfUnits(double level) => [.. Models.Effects.Select((e, i) =>
        (e, IntervalOf(e, (Models.Forest!.Effects[i], Models.Forest.StandardErrors[i]), level)))];

    /// <summary>Effect and interval of another unit.</summary>
    /// <param name="row">Its features.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    public (double Effect, Interval Interval) OfUnit(ReadOnlySpan<double> row, double level)
    {
        var effect = Models.Model.Predict(row);
        return (effect, IntervalOf(effect, Models.Forest!.Estimate(row), level));
    }

    /// <summary>Doubly robust scores of other units, from the models of these.</summary>
    /// <param name="units">Features and outcomes of units that were not learned from.</param>
    /// <param name="treated">Their arms.</param>
    /// <param name="propensity">Their known propensities; null takes the model's.</param>
    public double[] ScoresOf(DataSet units, bool[] treated, double[]? propensity)
    {
        var row = new double[units.Columns.Length];
        var scores = new double[units.Rows];
        for (var i = 0; i < scores.Length; i++)
        {
            units.CopyRow(i, row);
            var (m0, m1) = (Nuisances.Models.Control.Predict(row), Nuisances.Models.Treatment.Predict(row));
            var e = propensity?[i] ?? Math.Clamp(Nuisances.Models.Propensity.Predict(row), Extreme, 1 - Extreme);
            scores[i] = m1 - m0 + (treated[i] ? (units.Labels[i] - m1) / e : -(units.Labels[i] - m0) / (1 - e));
        }
        return scores;
    }
}
