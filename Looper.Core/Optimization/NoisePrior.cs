namespace Looper.Core.Optimization;

/// <summary>What is believed beforehand about a variance that is inferred with the response, in units of the values' variance.</summary>
/// <param name="LogMedian">Logarithm of the median.</param>
/// <param name="LogDeviation">Standard deviation of the logarithm.</param>
/// <param name="Least">Smallest variance considered.</param>
/// <param name="Most">Largest one.</param>
public readonly record struct NoisePrior(double LogMedian, double LogDeviation, double Least, double Most = 1)
{
    /// <summary>Errors of unknown size.</summary>
    public static NoisePrior Unknown => new(-4, 1, 1e-6);

    /// <summary>Values without error: what is left is detail finer than the trials can resolve, which only disturbs a smooth response.</summary>
    public static NoisePrior Exact => new(-12, 4, 1e-9);

    /// <summary>The same of an analytic response, which has no detail that the trials do not resolve: what is left is rounding.</summary>
    public static NoisePrior ExactAnalytic => Exact with { Least = 1e-12, Most = 1e-6 };
}
