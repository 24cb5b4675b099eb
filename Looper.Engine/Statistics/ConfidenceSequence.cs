namespace Looper.Core.Statistics;

/// <summary>The always-valid reading: intervals that hold at every look at once, so a running experiment may be read any day.</summary>
/// <remarks>Asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, arXiv 2103.06476v7, with n units in both
/// arms and σ² = n·se² of any estimator. Asymptotic: no reading before every arm has 100 units. O(1), no allocation, no state.</remarks>
public static class ConfidenceSequence
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "always-valid-1";

    /// <summary>The size at which the sequence is tightest when no plan names one.</summary>
    public const double DefaultPlannedUnits = 5_000;

    /// <summary>Reads an effect at one look.</summary>
    /// <param name="effect">Estimate with standard error; its units are those of both arms.</param>
    /// <param name="plannedUnits">Planned units N* of the pair, frozen at the start; the interval is tightest there. Positive.</param>
    /// <param name="level">Confidence level over all looks together, in (0, 1); above 0.5 for one-sided.</param>
    /// <param name="sides">Two-sided, or one infinite end.</param>
    /// <param name="tunedFor">Level that the two-sided sequence is tightest for where that is another one: frozen with the plan, it keeps the p-value,
    /// and the interval leaves zero out where p is below the level.</param>
    /// <returns>Interval and p-value of this look; undefined when the effect is.</returns>
    /// <remarks>Two-sided: half-width eq. 9, p eq. 155; one-sided eq. 134 with ρ at 2α. A one-sided p is 1 when the estimate lies on the
    /// other side.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Level outside its range, or planned units not positive.</exception>
    public static Reading Read(in Effect effect, double plannedUnits, double level, Sides sides = Sides.Two, double? tunedFor = null)
    {
        Levels.Check(level);
        if (!effect.IsDefined) return Reading.Undefined(Method);
        double alpha = 1 - level, n = effect.Units, t = effect.Value / effect.StandardError;
        if (sides == Sides.Two)
        {
            var half = Critical(n, plannedUnits, level, tunedFor) * effect.StandardError;
            var mix = Mix(n, plannedUnits, 1 - (tunedFor ?? level));
            var p = Math.Min(1, Math.Exp(0.5 * Math.Log(mix + 1) - mix * t * t / (2 * (mix + 1))));
            return new(new(effect.Value - half, effect.Value + half), p, Method);
        }

        var one = Mix(n, plannedUnits, 2 * alpha);
        var reach = effect.StandardError * Math.Sqrt(2 * (one + 1) / one * Math.Log(1 + Math.Sqrt(one + 1) / (2 * alpha)));
        return sides == Sides.Greater
            ? new(new(effect.Value - reach, double.PositiveInfinity), OneSided(t, one), Method)
            : new(new(double.NegativeInfinity, effect.Value + reach), OneSided(-t, one), Method);
    }

    /// <summary>Half-width of the two-sided interval in standard errors, eq. 9.</summary>
    /// <param name="units">Units n of both arms at this look.</param>
    /// <param name="plannedUnits">Planned units N*.</param>
    /// <param name="level">Confidence level in (0, 1).</param>
    /// <param name="tunedFor">Level that the sequence is tightest for where that is another one.</param>
    public static double Critical(double units, double plannedUnits, double level, double? tunedFor = null)
    {
        double alpha = 1 - level, mix = Mix(units, plannedUnits, 1 - (tunedFor ?? level));
        return Math.Sqrt(2 * (mix + 1) / mix * Math.Log(Math.Sqrt(mix + 1) / alpha));
    }

    /// <summary>ρ, the tuning of the mixture, eq. 161: √((−2·ln α + ln(1 − 2·ln α))/N*).</summary>
    /// <param name="plannedUnits">Planned units N*, positive.</param>
    /// <param name="alpha">Error level in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static double Rho(double plannedUnits, double alpha)
    {
        if (!(plannedUnits > 0)) throw new ArgumentOutOfRangeException(nameof(plannedUnits), plannedUnits, "Plan at least one unit.");
        if (alpha is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Give an error level inside (0, 1).");
        return Math.Sqrt((-2 * Math.Log(alpha) + Math.Log(1 - 2 * Math.Log(alpha))) / plannedUnits);
    }

    private static double Mix(double n, double plannedUnits, double alpha)
    {
        var rho = Rho(plannedUnits, alpha);
        return n * rho * rho;
    }

    private static double OneSided(double t, double mix)
    {
        if (!(t > 0)) return 1;
        var exponent = mix * t * t / (2 * (mix + 1));
        return Math.Min(1, Math.Exp(0.5 * Math.Log(mix + 1) - Math.Log(2) - LogOfExpMinusOne(exponent)));
    }

    // ln(eˣ − 1): for large x the 1 does not matter, for small x three more terms of the series keep the digits.
    private static double LogOfExpMinusOne(double x) =>
        x > 1e-5 ? x + Math.Log(1 - Math.Exp(-x)) : Math.Log(x) + x / 2 + x * x / 24;
}
