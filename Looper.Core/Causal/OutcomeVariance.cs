namespace Looper.Core.Causal;

/// <summary>How much outcomes of units with the same features vary.</summary>
internal static class OutcomeVariance
{
    private const double Least = 0.02;

    /// <summary>Variance of the outcome given the features in one arm, where its mean tells it: μ(1 − μ) of a yes/no outcome, in [0.0196, 0.25].</summary>
    /// <param name="arms">The units, whose outcomes say whether they are all 0 or 1.</param>
    /// <param name="mean">μ of every unit in that arm; below 0.02 or above 0.98 it counts as these, for an estimate of 0 would know of no noise at all.</param>
    /// <returns>One value per unit; null for other outcomes, whose variance is taken as the same for all.</returns>
    public static double[]? Of(TwoArms arms, double[] mean) =>
        arms.Outcomes.All(y => y is 0 or 1) ? Array.ConvertAll(mean, m => Variance(m)) : null;

    /// <summary>Weight of every unit's square in the R-loss: the inverse variance of what it says of the effect, 1/((1 − e)σ₁² + eσ₀²).</summary>
    /// <returns>One value per unit; null for 1.</returns>
    /// <remarks>(w − e)(y − m) has the variance e(1 − e)((1 − e)σ₁² + eσ₀²) given the features, and (w − e)² is e(1 − e) on average: weighted least squares (Aitken
    /// 1935). It depends on features alone, never on the arm, so that errors of m still cancel.</remarks>
    public static double[]? Weights(TwoArms arms, Nuisances nuisances) =>
        Of(arms, nuisances.Control) is { } control && Of(arms, nuisances.Treatment) is { } treatment
            ? [.. nuisances.Propensity.Select((e, i) => 1 / ((1 - e) * treatment[i] + e * control[i]))]
            : null;

    private static double Variance(double mean) => Math.Max(Least * (1 - Least), mean * (1 - mean));
}
