namespace Looper.Core.Statistics;

/// <summary>How far the distribution of counts over bins has moved from a reference.</summary>
/// <param name="Index">Population stability index, in nats, at least 0; NaN when either side has no count.</param>
/// <param name="PValue">Chance of an index at least this large when nothing has moved; NaN as <paramref name="Index"/>, 1 with fewer than two bins in use.</param>
/// <remarks>Σ(p − q)·ln(p/q) over bins used on either side, p and q smoothed to (c + ½)/(n + B/2); n·m/(n + m) times it is asymptotically χ² with
/// B − 1 degrees of freedom when both sides are samples of n and m independent units of one distribution: Yurdakul 2018, "Statistical properties of the population stability index",
/// Western Michigan University, section 3. O(B), no allocation.</remarks>
public readonly record struct PopulationStability(double Index, double PValue)
{
    /// <summary>Moved enough to be said.</summary>
    public const double Warn = 0.10;

    /// <summary>Moved enough to act.</summary>
    public const double Alarm = 0.25;

    /// <summary>Compares two rows of counts.</summary>
    /// <param name="reference">Count per bin, at least 0.</param>
    /// <param name="current">Count per bin, in the same bins.</param>
    /// <param name="independent">As many independent units say as much as the reference does; without, each of its counts is of one.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static PopulationStability Of(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double? independent = null)
    {
        if (reference.Length != current.Length) throw new ArgumentException("Give both sides in the same bins.", nameof(current));
        double n = 0, m = 0;
        var used = 0;
        for (var b = 0; b < reference.Length; b++)
        {
            (n, m) = (n + reference[b], m + current[b]);
            if (reference[b] + current[b] > 0) used++;
        }
        if (n == 0 || m == 0) return new(double.NaN, double.NaN);
        var index = 0.0;
        for (var b = 0; b < reference.Length; b++)
        {
            if (reference[b] + current[b] == 0) continue;
            var (q, p) = ((reference[b] + 0.5) / (n + used / 2.0), (current[b] + 0.5) / (m + used / 2.0));
            index += (p - q) * Math.Log(p / q);
        }
        var units = independent ?? n;
        return new(index, used < 2 ? 1 : TailProbability.ChiSquared(index * units * m / (units + m), used - 1));
    }
}
