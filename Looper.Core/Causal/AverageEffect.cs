using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>A mean of doubly robust scores: the average effect of some units.</summary>
/// <param name="Value">Treatment − control, in the outcome's unit; NaN when undefined.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Units">How many units it is over.</param>
/// <param name="Why">Why it is undefined.</param>
public readonly record struct AverageEffect(double Value, double StandardError, double Units, Cause Why = Cause.None)
{
    /// <summary>Mean of the scores, sd/√n (Robins, Rotnitzky and Zhao 1994; Chernozhukov et al. 2018).</summary>
    /// <param name="scores">Γ, one per unit, each with nuisances that have not seen the unit.</param>
    public static AverageEffect Of(ReadOnlySpan<double> scores)
    {
        var moments = Moments.Of(scores);
        return moments.Count < 2
            ? new(double.NaN, double.NaN, moments.Count, Cause.TooFewUnits)
            : new(moments.Mean, Math.Sqrt(moments.Variance / moments.Count), moments.Count);
    }

    /// <summary>The effect of units for whom both arms were likely: scores weighed by e(1 − e).</summary>
    /// <param name="scores">Γ.</param>
    /// <param name="propensity">e.</param>
    /// <remarks>Crump, Hotz, Imbens and Mitnik 2006; standard error by the delta method.</remarks>
    public static AverageEffect OverlapWeighted(ReadOnlySpan<double> scores, ReadOnlySpan<double> propensity)
    {
        double sum = 0, total = 0, squares = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var h = propensity[i] * (1 - propensity[i]);
            (sum, total) = (sum + h * scores[i], total + h);
        }
        if (scores.Length < 2 || !(total > 0)) return new(double.NaN, double.NaN, scores.Length, Cause.TooFewUnits);
        var value = sum / total;
        for (var i = 0; i < scores.Length; i++)
        {
            var term = propensity[i] * (1 - propensity[i]) * (scores[i] - value);
            squares += term * term;
        }
        return new(value, Math.Sqrt(squares) / total, scores.Length);
    }

    /// <summary>Normal interval; undefined when the effect is.</summary>
    /// <param name="level">Confidence level in (0, 1).</param>
    public Interval At(double level)
    {
        var half = TailProbability.NormalQuantile((1 + level) / 2) * StandardError;
        return Why == Cause.None ? new(Value - half, Value + half) : Interval.Undefined;
    }
}
