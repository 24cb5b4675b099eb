using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>What units whose outcome takes long to be known will have come to, from early outcomes (surrogates) and features: learned where both are known, and used for the
/// effect of a treatment on units of which only the early ones are.</summary>
/// <remarks>Estimand: E[Y(1) − Y(0)] of the units compared, in the outcome’s unit. Three things are assumed: the treatment was drawn by a lot; all of its effect on Y passes through
/// the early outcomes (Prentice 1989); and given these and the features, Y is in the history what it is among the units. Surrogate index: Athey, Chetty, Imbens and Kang 2019
/// (NBER 26463). The estimator is their contrast of h(S, X) = E[Y | S, X] plus the correction on the history that takes first-order errors of h out, which gives a standard error
/// over both samples at once: Chen and Ritzwoller 2023 (Journal of Econometrics 236, 105466).</remarks>
public sealed class SurrogateIndex
{
    private const int Folds = 5;
    private const double LeastRatio = 0.01, MostRatio = 100;

    private readonly DataSet _history;
    private readonly int _early;
    private readonly EffectPlan _plan;
    private readonly CrossFitted _outcome;

    private SurrogateIndex(DataSet history, int early, EffectPlan plan, CrossFitted outcome) => (_history, _early, _plan, _outcome) = (history, early, plan, outcome);

    /// <summary>Learns h from a history.</summary>
    /// <param name="history">Units whose outcome is known, that no arm of the comparison has touched: early outcomes, then features; the outcome as label, finite. NaN where an
    /// early outcome or a feature is missing.</param>
    /// <param name="early">How many of the columns are early outcomes, at least 1.</param>
    /// <param name="plan">Bases, seed and threads.</param>
    /// <exception cref="ArgumentException">No column is an early outcome, or the history has fewer than ten units.</exception>
    public static SurrogateIndex Fit(DataSet history, int early, EffectPlan plan)
    {
        if (early < 1 || early > history.Columns.Length) throw new ArgumentException("Name at least one early outcome among the columns.", nameof(early));
        if (history.Rows < 2 * Folds) throw new ArgumentException("A history of at least ten units is needed.", nameof(history));
        return new(history, early, plan, CrossFitted.Of(history, _ => true, Dealt(history.Rows, plan.Seed, "surrogate-history"), plan));
    }

    /// <summary>R² of h on units of the history that its fits have not seen: at most 1, at or below 0 where early outcomes and features tell nothing; NaN where all units are alike.</summary>
    public double Explained => ExplainedBy(_outcome.Predictions);

    /// <summary>The same from the features alone: what early outcomes add is the rest. 0 without features.</summary>
    public double ExplainedByFeatures() => FeaturesOf(_history) is { Columns.Length: > 0 } features
        ? ExplainedBy(CrossFitted.Of(features, _ => true, Dealt(features.Rows, _plan.Seed, "surrogate-history"), _plan).Predictions) : 0;

    /// <summary>h of each unit: the outcome that is expected of it.</summary>
    /// <param name="units">Of the history’s columns.</param>
    public double[] Expected(DataSet units) => units.Predictions(_outcome.Model);

    /// <summary>The effect of a treatment on units that a lot gave it or the control.</summary>
    /// <param name="units">Of the history’s columns; the outcome as label, NaN where it is not known yet.</param>
    /// <param name="treated">Treatment rather than control.</param>
    /// <param name="chance">Probability of treatment, known and the same for all, inside (0, 1).</param>
    /// <exception cref="ArgumentException">Lengths differ, an arm has fewer than five units, or the probability lies outside (0, 1).</exception>
    public SurrogateEffect EffectOf(DataSet units, bool[] treated, double chance)
    {
        if (chance is not (> 0 and < 1)) throw new ArgumentException("The probability of treatment lies inside (0, 1).", nameof(chance));
        var count = treated.Count(t => t);
        if (treated.Length != units.Rows || Math.Min(count, treated.Length - count) < Folds) throw new ArgumentException("Give an arm for every unit, and each arm a unit in every fold.", nameof(treated));
        var index = Expected(units);
        var mean = MeanGivenFeatures(units, index);
        double Sign(int i) => treated[i] ? 1 / chance : -1 / (1 - chance);
        var (weights, likeness) = AsAmong(units);
        var correction = Moments.Of(Correction(units, treated, chance, weights));
        var plain = Moments.Of([.. Enumerable.Range(0, units.Rows).Select(i => Sign(i) * (index[i] - mean[i]))]);
        int[] known = [.. Enumerable.Range(0, units.Rows).Where(i => !double.IsNaN(units.Labels[i]))];
        var observed = AverageEffect.Of([.. known.Select(i => Sign(i) * (units.Labels[i] - mean[i]))]);
        var past = AverageEffect.Of([.. known.Select(i => Sign(i) * (units.Labels[i] - index[i]))]);
        return new()
        {
            Effect = new(plain.Mean + correction.Mean, Math.Sqrt(plain.Variance / plain.Count + correction.Variance / correction.Count), units.Rows),
            Correction = correction.Mean,
            Observed = observed,
            Unexplained = past with { Value = past.Value - correction.Mean, StandardError = Math.Sqrt(past.StandardError * past.StandardError + correction.Variance / correction.Count) },
            Likeness = likeness,
        };
    }

    // r κ (Y − h), by the fit that has not seen the unit: κ is what the contrast gives the early outcomes and features of a unit, ρ its chance to be a treated one
    private double[] Correction(DataSet units, bool[] treated, double chance, double[] weights)
    {
        var arms = Labelled(units, i => treated[i] ? 1 : 0);
        var share = _history.Predictions(CrossFitted.Of(arms, _ => true, Dealt(units.Rows, _plan.Seed, "surrogate-arms"), _plan).Model);
        var terms = new double[_history.Rows];
        for (var j = 0; j < terms.Length; j++)
        {
            var rho = Math.Clamp(share[j], 0, 1);
            terms[j] = weights[j] * (rho / chance - (1 - rho) / (1 - chance)) * (_history.Labels[j] - _outcome.Predictions[j]);
        }
        return terms;
    }

    /// <summary>Weights that make the history’s early outcomes and features those of the units; and the share of the history that it is worth so.</summary>
    private (double[] Weights, double Likeness) AsAmong(DataSet units)
    {
        var before = _history.Rows;
        double[][] values = [.. _history.Values.Select((v, j) => (double[])[.. v, .. units.Values[j]])];
        var both = new DataSet(_history.Columns, values, [.. Enumerable.Range(0, before + units.Rows).Select(i => i < before ? 0.0 : 1)]);
        var chances = CrossFitted.Of(both, _ => true, Dealt(both.Rows, _plan.Seed, "surrogate-samples"), _plan).Predictions;
        // 1 on average where the history reaches all of the units, next to 0 where it reaches none
        double[] ratios = [.. chances.Take(before).Select(p => Denser(p, before, units.Rows))];
        var average = ratios.Average();
        return ([.. ratios.Select(r => r / average)], Math.Min(1, average) * average * average / ratios.Average(r => r * r));
    }

    /// <summary>How much denser the units of a comparison lie than the history where one of both has this chance to be of the comparison, within bounds; a stack of fits may leave
    /// [0, 1], and beyond 1 it is as surely one of them as at 1.</summary>
    internal static double Denser(double chance, int before, int units) => Math.Clamp(Odds(Math.Clamp(chance, 0, 1)) * before / units, LeastRatio, MostRatio);

    private static double Odds(double chance) => chance / (1 - chance);

    private double[] MeanGivenFeatures(DataSet units, double[] index)
    {
        var features = FeaturesOf(Labelled(units, i => index[i]));
        if (features.Columns.Length == 0) return [.. Enumerable.Repeat(index.Average(), index.Length)];
        return CrossFitted.Of(features, _ => true, Dealt(units.Rows, _plan.Seed, "surrogate-means"), _plan with { Bases = [BaseLearner.Linear] }).Predictions;
    }

    private double ExplainedBy(double[] predictions)
    {
        var (mean, left, all) = (_history.Labels.Average(), 0.0, 0.0);
        for (var i = 0; i < predictions.Length; i++)
        {
            left += (_history.Labels[i] - predictions[i]) * (_history.Labels[i] - predictions[i]);
            all += (_history.Labels[i] - mean) * (_history.Labels[i] - mean);
        }
        return all > 0 ? 1 - left / all : double.NaN;
    }

    private DataSet FeaturesOf(DataSet data) => new([.. data.Columns.Skip(_early)], [.. data.Values.Skip(_early)], data.Labels);

    private static DataSet Labelled(DataSet data, Func<int, double> label) => new(data.Columns, data.Values, [.. Enumerable.Range(0, data.Rows).Select(label)]);

    private static int[] Dealt(int rows, long seed, string purpose)
    {
        int[] order = [.. Enumerable.Range(0, rows)];
        new Philox(seed, purpose).Shuffle<int>(order);
        var folds = new int[rows];
        for (var k = 0; k < rows; k++) folds[order[k]] = k % Folds;
        return folds;
    }
}
