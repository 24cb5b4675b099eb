using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>How far a policy's mean harm may lie beyond what a guardrail allows.</summary>
/// <remarks>Allowed is H_b + m·|H_b| with H_b the baseline's mean harm over the same rows and m the margin. Both are estimated from the same regressions, so the excess
/// V(π) − H_b − m·|H_b| = (Φ − κ·Φ_b)ᵀθ̂ + (1 − κ)·c, κ = 1 + m·sign(H_b), has one standard error. Φ and Φ_b are the sums of the policy and of the baseline over all options, of which
/// Φ_b has only the baseline's; candidates share their weights, and so one sum. c is the harm that every row has beside what the regression is of.</remarks>
public sealed class HarmBound
{
    /// <summary>One-sided 97.5 %: an excess counts as within the margin when so many standard errors above it are still below 0.</summary>
    public const double Confidence = 1.959963984540054;

    private readonly OutcomeBelief _belief;
    private readonly double[] _base;
    private readonly double _ofBase, _varianceOfBase, _constant, _shift;
    private readonly double[] _allowed;

    /// <param name="belief">Of the guardrail.</param>
    /// <param name="margin">m, at least 0.</param>
    /// <param name="alone">Φ_b of the baseline alone.</param>
    /// <param name="baseSums">Φ of what is left to the baseline: the baseline with what is drawn evenly.</param>
    /// <param name="constant">c, in the unit of the harm.</param>
    public HarmBound(OutcomeBelief belief, double margin, ReadOnlySpan<double> alone, ReadOnlySpan<double> baseSums, double constant = 0)
    {
        (_belief, _constant) = (belief, constant);
        (Baseline, BaselineDeviation) = (constant + belief.Mean(alone), Math.Sqrt(belief.Covariance(alone, alone)));
        var more = margin * Math.Sign(Baseline);
        _allowed = alone.ToArray();
        Vectors.AddScaled(_allowed, more, alone);
        (Limit, _shift) = ((1 + more) * constant + belief.Mean(_allowed), -more * constant);
        _base = Less(baseSums);
        (_ofBase, _varianceOfBase) = (belief.Mean(_base) + _shift, belief.Covariance(_base, _base));
    }

    /// <summary>H_b, and its standard error.</summary>
    public double Baseline { get; }

    /// <inheritdoc cref="Baseline"/>
    public double BaselineDeviation { get; }

    /// <summary>Most harm that is allowed.</summary>
    public double Limit { get; }

    /// <summary>Whether the baseline, with what is drawn evenly, is within the margin for sure.</summary>
    public bool HoldsAlone => _ofBase + Confidence * Math.Sqrt(_varianceOfBase) <= 0;

    /// <summary>Rules out the shares of a policy, the rest being left to the baseline, that are not within the margin for sure.</summary>
    /// <param name="sums">Φ of the policy, n × d.</param>
    /// <param name="steps">Shares are multiples of 1/steps.</param>
    /// <param name="allowed">Per multiple, 0 to steps: set to false where it is not within.</param>
    public void Restrict(ReadOnlySpan<double> sums, int steps, Span<bool> allowed)
    {
        var own = Less(sums);
        var (mean, variance, covariance) = (_belief.Mean(own) + _shift, _belief.Covariance(own, own), _belief.Covariance(own, _base));
        for (var i = 0; i <= steps; i++)
        {
            double q = (double)i / steps, r = 1 - q;
            var spread = Math.Sqrt(Math.Max(0, q * q * variance + 2 * q * r * covariance + r * r * _varianceOfBase));
            allowed[i] &= q * mean + r * _ofBase + Confidence * spread <= 0;
        }
    }

    /// <summary>Mean harm of a policy.</summary>
    /// <param name="sums">Φ, n × d.</param>
    public double Mean(ReadOnlySpan<double> sums) => _constant + _belief.Mean(sums);

    /// <summary>Its standard error.</summary>
    /// <param name="sums">Φ, n × d.</param>
    public double Deviation(ReadOnlySpan<double> sums) => Math.Sqrt(_belief.Covariance(sums, sums));

    private double[] Less(ReadOnlySpan<double> sums)
    {
        var less = sums.ToArray();
        Vectors.AddScaled(less, -1, _allowed);
        return less;
    }
}
