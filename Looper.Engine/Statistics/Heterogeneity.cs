namespace Looper.Core.Statistics;

/// <summary>Whether effects of disjoint groups differ by more than chance.</summary>
public static class Heterogeneity
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "cochran-q-1";

    /// <summary>p-value of all groups having the same effect.</summary>
    /// <param name="effects">One a group, on one scale; undefined ones are left out.</param>
    /// <returns>In [0, 1]; NaN with fewer than two defined effects.</returns>
    /// <remarks>Q = Σ(Δ_k − Δ̄)²/se_k², Δ̄ the inverse-variance mean, against χ² with k − 1 degrees of freedom: Cochran 1954, Biometrics 10:101.
    /// Takes the standard errors as known: read it from about 100 units a group and arm on. O(k).</remarks>
    public static double P(ReadOnlySpan<Effect> effects)
    {
        double weights = 0, sum = 0;
        var groups = 0;
        foreach (var effect in effects)
        {
            if (!effect.IsDefined) continue;
            var weight = 1 / (effect.StandardError * effect.StandardError);
            (weights, sum, groups) = (weights + weight, sum + weight * effect.Value, groups + 1);
        }

        if (groups < 2) return double.NaN;
        double mean = sum / weights, q = 0;
        foreach (var effect in effects)
        {
            if (effect.IsDefined) q += (effect.Value - mean) * (effect.Value - mean) / (effect.StandardError * effect.StandardError);
        }

        return TailProbability.ChiSquared(q, groups - 1);
    }

    /// <summary>How fast an effect grows or fades.</summary>
    /// <param name="effects">One a day (or other step), in order; undefined ones are left out.</param>
    /// <param name="steps">When each was measured, same length.</param>
    /// <returns>Change of the effect per step, in its unit; its units are the effects used. <see cref="Cause.TooFewUnits"/> below three defined
    /// effects, <see cref="Cause.Singular"/> when all fall on one step.</returns>
    /// <remarks>Weighted least squares of Δ on the step with weights 1/se², se = 1/√(Σw(x − x̄)²), normal. Assumes independent effects. O(k).</remarks>
    public static Effect Trend(ReadOnlySpan<Effect> effects, ReadOnlySpan<double> steps)
    {
        const string method = "trend-1";
        ArgumentOutOfRangeException.ThrowIfNotEqual(steps.Length, effects.Length);
        double weights = 0, x = 0, y = 0;
        var used = 0;
        var scale = effects.IsEmpty ? Scale.Absolute : effects[0].Scale;
        for (var i = 0; i < effects.Length; i++)
        {
            if (!effects[i].IsDefined) continue;
            var weight = 1 / (effects[i].StandardError * effects[i].StandardError);
            (weights, x, y, used) = (weights + weight, x + weight * steps[i], y + weight * effects[i].Value, used + 1);
        }

        if (used < 3) return Effect.Undefined(scale, method, Cause.TooFewUnits, used);
        (x, y) = (x / weights, y / weights);
        double square = 0, product = 0;
        for (var i = 0; i < effects.Length; i++)
        {
            if (!effects[i].IsDefined) continue;
            var weight = 1 / (effects[i].StandardError * effects[i].StandardError);
            square += weight * (steps[i] - x) * (steps[i] - x);
            product += weight * (steps[i] - x) * (effects[i].Value - y);
        }

        return square > 0
            ? new(scale, product / square, 1 / Math.Sqrt(square), double.PositiveInfinity, used, method)
            : Effect.Undefined(scale, method, Cause.Singular, used);
    }
}
