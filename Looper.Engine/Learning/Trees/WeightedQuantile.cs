namespace Looper.Core.Learning.Trees;

/// <summary>The smallest value at which at least a share τ of the weight lies.</summary>
internal static class WeightedQuantile
{
    /// <summary>Of values, which it reorders together with the weights; NaN of none.</summary>
    public static double Of(double[] values, double[]? weights, double tau)
    {
        if (values.Length == 0) return double.NaN;
        if (weights is null)
        {
            Array.Sort(values);
            return values[Math.Clamp((int)Math.Ceiling(tau * values.Length) - 1, 0, values.Length - 1)];
        }
        Array.Sort(values, weights);
        var (target, sum) = (tau * weights.Sum(), 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            sum += weights[i];
            if (sum >= target && weights[i] > 0) return values[i];
        }
        return values[^1];
    }

    public static double OfResiduals(ReadOnlySpan<int> rows, double[] labels, double[] scores, double[]? weights, double tau)
    {
        var residuals = new double[rows.Length];
        for (var i = 0; i < residuals.Length; i++) residuals[i] = labels[rows[i]] - scores[rows[i]];
        if (weights is null) return Of(residuals, null, tau);
        var w = new double[rows.Length];
        for (var i = 0; i < w.Length; i++) w[i] = weights[rows[i]];
        return Of(residuals, w, tau);
    }
}
