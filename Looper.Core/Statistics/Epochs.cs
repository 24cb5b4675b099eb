namespace Looper.Core.Statistics;

/// <summary>One effect from stretches of an experiment between which the arms' weights changed.</summary>
/// <remarks>Units of different stretches must not be pooled: with other weights in each, a stretch with better outcomes would favour the arm that
/// had more of it (Simpson 1951, J. R. Stat. Soc. B 13:238).</remarks>
public static class Epochs
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "epochs-1";

    /// <summary>The inverse-variance mean of the stretches' effects, in their unit.</summary>
    /// <param name="effects">One a stretch, in order; undefined ones are left out.</param>
    /// <returns>The combined effect; undefined with the cause of the last stretch when none is defined.</returns>
    /// <remarks>Σ(Δ/se²)/Σ(1/se²), se² = 1/Σ(1/se²); degrees of freedom (Σw)²/Σ(w²/ν), w = 1/se². Assumes that stretches share no
    /// unit. O(stretches).</remarks>
    public static Effect Combine(ReadOnlySpan<Effect> effects)
    {
        double weights = 0, sum = 0, degrees = 0, units = 0;
        var why = Cause.EmptyArm;
        var scale = effects.IsEmpty ? Scale.Absolute : effects[0].Scale;
        foreach (var effect in effects)
        {
            units += effect.Units;
            if (!effect.IsDefined)
            {
                why = effect.Why;
                continue;
            }

            var weight = 1 / (effect.StandardError * effect.StandardError);
            (weights, sum, degrees) = (weights + weight, sum + weight * effect.Value, degrees + weight * weight / effect.DegreesOfFreedom);
        }

        return weights == 0
            ? Effect.Undefined(scale, Method, why, units)
            : new(scale, sum / weights, Math.Sqrt(1 / weights), weights * weights / degrees, units, Method);
    }
}
