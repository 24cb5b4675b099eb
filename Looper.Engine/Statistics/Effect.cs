namespace Looper.Core.Statistics;

/// <summary>What an effect is measured in.</summary>
public enum Scale
{
    /// <summary>Treatment − control, in the metric's unit.</summary>
    Absolute,

    /// <summary>That difference divided by the size of the control: 0.03 is +3 %.</summary>
    Relative,
}

/// <summary>An estimated effect of treatment against control before any level is chosen: a <see cref="Reading"/> turns it into an
/// interval and a p-value.</summary>
/// <param name="Scale">Absolute or relative.</param>
/// <param name="Value">Point estimate; NaN when undefined.</param>
/// <param name="StandardError">Standard error of the estimate; NaN when undefined.</param>
/// <param name="DegreesOfFreedom">Welch–Satterthwaite degrees of freedom; NaN when undefined.</param>
/// <param name="Units">Units of both arms together.</param>
/// <param name="Method">Estimator and version: <c>welch-1</c>.</param>
/// <param name="Why">Why it is undefined; <see cref="Cause.None"/> when it is defined.</param>
public readonly record struct Effect(
    Scale Scale, double Value, double StandardError, double DegreesOfFreedom, double Units, string Method, Cause Why = Cause.None)
{
    /// <summary>True when the estimate and its standard error exist.</summary>
    public bool IsDefined => Why == Cause.None;

    /// <summary>An effect that cannot be computed.</summary>
    public static Effect Undefined(Scale scale, string method, Cause why, double units) =>
        new(scale, double.NaN, double.NaN, double.NaN, units, method, why);

    /// <summary>ν of two variances of means, (a+b)²/(a²/(n₁−1) + b²/(n₀−1)): Welch 1947, Satterthwaite 1946.</summary>
    /// <param name="control">Control arm; defined.</param>
    /// <param name="treatment">Treatment arm; defined.</param>
    public static double WelchDegrees(in MetricSummary control, in MetricSummary treatment)
    {
        double a = treatment.Variance / treatment.Units, b = control.Variance / control.Units;
        return (a + b) * (a + b) / (a * a / (treatment.Units - 1) + b * b / (control.Units - 1));
    }
}
