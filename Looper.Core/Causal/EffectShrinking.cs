namespace Looper.Core.Causal;

/// <summary>Draws weighed effects towards one effect for all: weights fitted to noise would tell differences where there are none.</summary>
internal static class EffectShrinking
{
    /// <summary>Keeps of the learners' weights what unseen units confirm, and gives the rest to the constant effect.</summary>
    /// <param name="left">y − m of every unit.</param>
    /// <param name="products">(w − e)τ̂ of every unit, learner by learner, each by fits that have not seen it; the constant effect comes last.</param>
    /// <param name="alpha">Convex weights of the same; overwritten.</param>
    /// <param name="precision">Weight of every unit's square; null for 1.</param>
    /// <remarks>With d the weighed learners' distance from the constant's product and r = left − the constant's product: Σdr/Σd², at most 1, is the slope that unseen units
    /// give the distance; of a slope z standard errors above 0, 1 − 1/z² is kept (the positive part of James and Stein 1961). Nothing is kept of a slope at or below 0.</remarks>
    public static void Shrink(double[] left, double[][] products, double[] alpha, double[]? precision)
    {
        double square = 0, product = 0, variance = 0;
        for (var i = 0; i < left.Length; i++)
        {
            double apart = -products[^1][i], v = precision?[i] ?? 1;
            for (var f = 0; f < alpha.Length; f++) apart += alpha[f] * products[f][i];
            var term = v * apart * (left[i] - products[^1][i]);
            (square, product, variance) = (square + v * apart * apart, product + term, variance + term * term);
        }
        var kept = product > 0 ? Math.Min(1, product / square) * Math.Max(0, 1 - (variance - product * product / left.Length) / (product * product)) : 0;
        for (var f = 0; f < alpha.Length; f++) alpha[f] *= kept;
        alpha[^1] += 1 - kept;
    }
}
