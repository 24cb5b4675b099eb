using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>Covariance of a response at two settings of the parameters: Matérn-5/2, or the squared exponential of an analytic response, with one
/// length scale a parameter, times a factor for each category that differs, times a factor for the pair of tasks.</summary>
/// <remarks>k = B_tt′·σ²(1 + s + s²/3)e^−s·Π_c e^(−1[c≠c′]/ℓ_c), s² = 5Σ(x_j − x′_j)²/ℓ_j² (Rasmussen &amp; Williams 2006, eq. 4.17);
/// analytic: e^(−s²/10) in place of (1 + s + s²/3)e^−s (eq. 4.9); the category
/// factor is Hutter's, see Hutter, Hoos &amp; Leyton-Brown 2011). B = [[1, ρa], [ρa, a²]] for live and offline (Bonilla, Chai &amp; Williams 2008).
/// Immutable, thread safe.</remarks>
public sealed class Kernel
{
    private readonly double[] _inverse; // 1/ℓ² of numbers, 1/ℓ of categories
    private readonly ImmutableArray<bool> _categorical;

    /// <param name="lengthScales">ℓ &gt; 0, one a parameter, in units of the unit cube.</param>
    /// <param name="variance">σ² &gt; 0.</param>
    /// <param name="categorical">Which parameters are categories.</param>
    /// <param name="offlineScale">a &gt; 0: how much larger the offline response moves than the live one.</param>
    /// <param name="correlation">ρ inside (−1, 1) between the live and the offline response.</param>
    /// <param name="isAnalytic">Infinitely often differentiable rather than twice.</param>
    public Kernel(ReadOnlySpan<double> lengthScales, double variance, ImmutableArray<bool> categorical, double offlineScale = 1, double correlation = 0, bool isAnalytic = false)
    {
        (_categorical, Variance, OfflineScale, Correlation, IsAnalytic) = (categorical, variance, offlineScale, correlation, isAnalytic);
        LengthScales = [.. lengthScales];
        _inverse = new double[lengthScales.Length];
        for (var j = 0; j < _inverse.Length; j++) _inverse[j] = categorical[j] ? 1 / lengthScales[j] : 1 / (lengthScales[j] * lengthScales[j]);
    }

    /// <summary>ℓ.</summary>
    public ImmutableArray<double> LengthScales { get; }

    /// <summary>σ².</summary>
    public double Variance { get; }

    /// <summary>a.</summary>
    public double OfflineScale { get; }

    /// <summary>ρ.</summary>
    public double Correlation { get; }

    /// <summary>Whether it is the squared exponential.</summary>
    public bool IsAnalytic { get; }

    /// <summary>B_tt′.</summary>
    /// <param name="task">0 or 1.</param>
    /// <param name="other">0 or 1.</param>
    public double Between(int task, int other) => task == 0 ? other == 0 ? 1 : Correlation * OfflineScale : other == 0 ? Correlation * OfflineScale : OfflineScale * OfflineScale;

    /// <summary>The covariance of two points of one task.</summary>
    /// <param name="x">d coordinates.</param>
    /// <param name="y">d coordinates.</param>
    /// <param name="slope">σ²·(5/3)(1 + s)e^−s·Π, or the covariance itself of an analytic response: minus the derivative by half the scaled squared distance; what gradients are made of.</param>
    public double Value(ReadOnlySpan<double> x, ReadOnlySpan<double> y, out double slope)
    {
        double square = 0, apart = 0;
        for (var j = 0; j < _inverse.Length; j++)
        {
            var difference = x[j] - y[j];
            if (!_categorical[j]) square += difference * difference * _inverse[j];
            else if (difference != 0) apart += _inverse[j];
        }
        if (IsAnalytic) return slope = Variance * Elementary.Exp(-0.5 * square - apart);
        var s = Math.Sqrt(5 * square);
        var decay = Variance * Elementary.Exp(-s - apart);
        slope = 5.0 / 3 * (1 + s) * decay;
        return (1 + s + s * s / 3) * decay;
    }

    /// <summary>Contribution of parameter j to the derivative of the covariance by ln ℓ_j, given value and slope.</summary>
    /// <param name="j">Parameter.</param>
    /// <param name="difference">x_j − y_j.</param>
    /// <param name="value">The covariance.</param>
    /// <param name="slope">As <see cref="Value"/> gave it.</param>
    public double ByLogLength(int j, double difference, double value, double slope) =>
        _categorical[j] ? difference != 0 ? value * _inverse[j] : 0 : slope * difference * difference * _inverse[j];

    /// <summary>Derivative of the covariance by x_j; 0 for a category.</summary>
    /// <param name="j">Parameter.</param>
    /// <param name="difference">x_j − y_j.</param>
    /// <param name="slope">As <see cref="Value"/> gave it.</param>
    public double ByCoordinate(int j, double difference, double slope) => _categorical[j] ? 0 : -slope * difference * _inverse[j];
}
