namespace Looper.Core.Statistics;

/// <summary>One comparison from stretches of an experiment between which the arms' weights changed.</summary>
/// <remarks>Units of different stretches must not be pooled: with other weights in each, a stretch with better outcomes would favour the arm that
/// had more of it (Simpson 1951, J. R. Stat. Soc. B 13:238).</remarks>
public static class Epochs
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "epochs-2", CombinedMethod = "inverse-variance-1";

    /// <summary>The arms' means as if every arm had had the same part of every stretch.</summary>
    /// <param name="stretches">By stretch, moments of each arm. A stretch in which one of <paramref name="arms"/> has no unit is left out for all.</param>
    /// <param name="arms">Numbers of the arms that are compared.</param>
    /// <returns>One an arm, independent of each other given the sizes; undefined with <see cref="Cause.EmptyArm"/> where no stretch has all of them, and
    /// <see cref="Cause.TooFewUnits"/> where none has two units of the arm.</returns>
    /// <remarks>Σ_k w_k·ȳ_ik / Σ_k w_k with w_k = 1/Σ_i(1/n_ik), the same for all arms: of two arms n_a·n_b/(n_a + n_b), which is the best
    /// weight of a difference where the variance is the same in all stretches and arms (Mantel and Haenszel 1959, J. Natl. Cancer Inst. 22:719). They are sizes
    /// alone: weights by what was observed (1/se²) trust a stretch more the worse its smaller arm did, and of lifts always. se² = Σ w_k²·s_ik²/n_ik / (Σ w_k)²,
    /// s_ik² with one degree of freedom of the arm's variance within all stretches, so that single units count. O(stretches · arms).</remarks>
    public static MetricSummary[] Balanced(IReadOnlyList<Moments[]> stretches, params ReadOnlySpan<int> arms)
    {
        var balanced = new MetricSummary[arms.Length];
        for (var i = 0; i < arms.Length; i++)
        {
            double weights = 0, sum = 0, units = 0, squares = 0, degrees = 0, variance = 0;
            foreach (var stretch in stretches)
            {
                if (Weight(stretch, arms) is not (> 0 and var weight)) continue;
                var moments = stretch[arms[i]];
                (weights, sum, units) = (weights + weight, sum + weight * moments.Mean, units + moments.Count);
                (squares, degrees) = (squares + moments.M2, degrees + moments.Count - 1);
            }

            foreach (var stretch in stretches)
            {
                if (Weight(stretch, arms) is not (> 0 and var weight)) continue;
                var moments = stretch[arms[i]];
                variance += weight * weight * (moments.M2 + squares / degrees) / (moments.Count * moments.Count);
            }

            variance *= units / (weights * weights);
            balanced[i] = weights == 0 ? MetricSummary.Undefined(0, Cause.EmptyArm)
                : degrees == 0 ? new(units, sum / weights, double.NaN, Cause.TooFewUnits)
                : new(units, sum / weights, variance, MetricSummary.WhyNot(sum / weights, variance));
        }

        return balanced;
    }

    /// <summary>The inverse-variance mean of independent effects, in their unit.</summary>
    /// <param name="effects">Differences, whose errors do not depend on their size; not lifts. Undefined ones are left out.</param>
    /// <returns>The combined effect; undefined with the cause of the last one when none is defined.</returns>
    /// <remarks>Σ(Δ/se²)/Σ(1/se²), se² = 1/Σ(1/se²); degrees of freedom (Σw)²/Σ(w²/ν), w = 1/se². Assumes that effects share no
    /// unit. O(effects).</remarks>
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
            ? Effect.Undefined(scale, CombinedMethod, why, units)
            : new(scale, sum / weights, Math.Sqrt(1 / weights), weights * weights / degrees, units, CombinedMethod);
    }

    private static double Weight(Moments[] stretch, ReadOnlySpan<int> arms)
    {
        var sum = 0.0;
        foreach (var arm in arms) sum += 1 / stretch[arm].Count;
        return 1 / sum; // 0 where an arm has none
    }
}
