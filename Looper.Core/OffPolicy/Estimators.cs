using Looper.Core.Statistics;

namespace Looper.Core.OffPolicy;

/// <summary>Estimators of a policy's value from logged decisions: propensities exact, every option the policy wants tried by the log.</summary>
/// <remarks>Rows i: weight w_i = π_e(a_i|x_i)/p_i, reward r_i, and for the model-based ones q_i = q̂(x_i, a_i) and m_i = Σ_a π_e(a|x_i)·q̂(x_i, a)
/// with q̂ fitted on other rows. Standard errors take rows as independent unless units are given. O(n), one array.</remarks>
public static class Estimators
{
    /// <summary>Inverse propensity: mean of w·r. Horvitz and Thompson 1952, JASA 47:663.</summary>
    /// <param name="weights">w, finite and not negative.</param>
    /// <param name="rewards">r.</param>
    /// <param name="units">Whose row it is, as numbers from 0; empty when every row is a unit of its own.</param>
    public static PolicyValue Ips(ReadOnlySpan<double> weights, ReadOnlySpan<double> rewards, ReadOnlySpan<int> units = default) =>
        ClippedIps(weights, rewards, double.PositiveInfinity, units);

    /// <summary>Inverse propensity with weights cut at <paramref name="ceiling"/>: less variance, some bias. Ionides 2008, JCGS 17:295.</summary>
    public static PolicyValue ClippedIps(ReadOnlySpan<double> weights, ReadOnlySpan<double> rewards, double ceiling, ReadOnlySpan<int> units = default)
    {
        var terms = new double[weights.Length];
        for (var i = 0; i < terms.Length; i++) terms[i] = Math.Min(weights[i], ceiling) * rewards[i];
        return Mean(terms, units);
    }

    /// <summary>Self-normalised inverse propensity, Σw·r/Σw: the weights need not average 1. Swaminathan and Joachims 2015, NeurIPS.</summary>
    /// <remarks>Standard error by the delta method, √Σ(w(r−v))²/Σw, summed by unit first where units repeat.</remarks>
    public static PolicyValue Snips(ReadOnlySpan<double> weights, ReadOnlySpan<double> rewards, ReadOnlySpan<int> units = default)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < weights.Length; i++) (sum, total) = (sum + weights[i] * rewards[i], total + weights[i]);
        if (weights.Length < 2) return PolicyValue.Undefined(Cause.TooFewUnits);
        if (!(total > 0)) return PolicyValue.Undefined(Cause.NoOverlap);
        var value = sum / total;
        var terms = new double[weights.Length];
        for (var i = 0; i < terms.Length; i++) terms[i] = weights[i] * (rewards[i] - value);
        return new(value, Math.Sqrt(SumOfSquares(ByUnit(terms, units))) / total);
    }

    /// <summary>Direct method: mean of m. As good as the reward model, and its interval does not know how good that is.</summary>
    /// <param name="values">m, the model's value of the policy a row.</param>
    /// <param name="units">As for <see cref="Ips"/>.</param>
    public static PolicyValue Direct(ReadOnlySpan<double> values, ReadOnlySpan<int> units = default) => Mean(values, units);

    /// <summary>Doubly robust, mean of m + w(r − q): right when either the propensities or the model are. Dudík, Langford and Li 2011, ICML.</summary>
    /// <param name="weights">w.</param>
    /// <param name="rewards">r.</param>
    /// <param name="predicted">q, the model's prediction for the option taken.</param>
    /// <param name="values">m, the model's value of the policy.</param>
    /// <param name="shrink">What becomes of a weight; null leaves it. See <see cref="Switch"/>, <see cref="Clip"/>, <see cref="Shrink"/>, <see cref="SubGaussian"/>.</param>
    /// <param name="units">As for <see cref="Ips"/>.</param>
    public static PolicyValue DoublyRobust(ReadOnlySpan<double> weights, ReadOnlySpan<double> rewards, ReadOnlySpan<double> predicted,
        ReadOnlySpan<double> values, Func<double, double>? shrink = null, ReadOnlySpan<int> units = default)
    {
        var terms = new double[weights.Length];
        for (var i = 0; i < terms.Length; i++)
            terms[i] = values[i] + (shrink?.Invoke(weights[i]) ?? weights[i]) * (rewards[i] - predicted[i]);
        return Mean(terms, units);
    }

    /// <summary>Self-normalised doubly robust, mean of m + Σw(r − q)/Σw.</summary>
    public static PolicyValue SelfNormalisedDoublyRobust(ReadOnlySpan<double> weights, ReadOnlySpan<double> rewards, ReadOnlySpan<double> predicted,
        ReadOnlySpan<double> values, ReadOnlySpan<int> units = default)
    {
        var n = weights.Length;
        var total = 0.0;
        foreach (var w in weights) total += w;
        if (n < 2) return PolicyValue.Undefined(Cause.TooFewUnits);
        if (!(total > 0)) return PolicyValue.Undefined(Cause.NoOverlap);
        var terms = new double[n];
        for (var i = 0; i < n; i++) terms[i] = values[i] + weights[i] * (rewards[i] - predicted[i]) * n / total;
        return Mean(terms, units);
    }

    /// <summary>Keeps weights up to τ and trusts the model beyond. Wang, Agarwal and Dudík 2017, ICML.</summary>
    public static Func<double, double> Switch(double tau) => w => w <= tau ? w : 0;

    /// <summary>Cuts weights at a ceiling.</summary>
    public static Func<double, double> Clip(double ceiling) => w => Math.Min(w, ceiling);

    /// <summary>λw/(w²+λ), the optimistic shrinkage of Su et al. 2020, ICML.</summary>
    public static Func<double, double> Shrink(double lambda) => w => lambda * w / (w * w + lambda);

    /// <summary>w/(1−λ+λw), of Metelli, Russo and Restelli 2021, NeurIPS.</summary>
    public static Func<double, double> SubGaussian(double lambda) => w => w / (1 - lambda + lambda * w);

    /// <summary>Mean of terms, with its standard error by unit.</summary>
    private static PolicyValue Mean(ReadOnlySpan<double> terms, ReadOnlySpan<int> units)
    {
        var moments = Moments.Of(terms);
        if (moments.Count < 2) return PolicyValue.Undefined(Cause.TooFewUnits);
        if (units.IsEmpty) return new(moments.Mean, Math.Sqrt(moments.Variance / moments.Count));
        var centred = new double[terms.Length];
        for (var i = 0; i < centred.Length; i++) centred[i] = terms[i] - moments.Mean;
        var sums = ByUnit(centred, units);
        return sums.Length < 2
            ? PolicyValue.Undefined(Cause.TooFewUnits)
            : new(moments.Mean, Math.Sqrt(SumOfSquares(sums) * sums.Length / (sums.Length - 1)) / terms.Length);
    }

    private static double[] ByUnit(double[] terms, ReadOnlySpan<int> units)
    {
        if (units.IsEmpty) return terms;
        var most = -1;
        foreach (var unit in units) most = Math.Max(most, unit);
        var sums = new double[most + 1];
        for (var i = 0; i < terms.Length; i++) sums[units[i]] += terms[i];
        return sums;
    }

    private static double SumOfSquares(double[] values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value * value;
        return sum;
    }
}
