using MathNet.Numerics;

namespace Looper.Core.Statistics;

/// <summary>Whether the arms have the shares that were planned: if not, something decides who is counted, and no effect can be trusted.</summary>
public static class SampleRatio
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "sample-ratio-1";

    /// <summary>Below this the check is red, when a share is also off by <see cref="SmallestShare"/>.</summary>
    public const double Alarm = 0.001;

    /// <summary>Smallest difference of a share from its plan that matters, as a fraction.</summary>
    public const double SmallestShare = 0.001;

    /// <summary>p-value of the planned shares.</summary>
    /// <param name="units">Units per arm.</param>
    /// <param name="weights">Planned shares per arm, positive, in any scale.</param>
    /// <returns>In [0, 1]; 1 without units.</returns>
    /// <remarks>Pearson 1900: Q((k−1)/2, X²/2), X² = Σ(n_j − N·w_j)²/(N·w_j). Read it once. O(k).</remarks>
    public static double P(ReadOnlySpan<double> units, ReadOnlySpan<double> weights)
    {
        double total = Sum(units), scale = Sum(weights), statistic = 0;
        if (total == 0) return 1;
        for (var i = 0; i < units.Length; i++)
        {
            var expected = total * weights[i] / scale;
            statistic += (units[i] - expected) * (units[i] - expected) / expected;
        }

        return TailProbability.ChiSquared(statistic, units.Length - 1);
    }

    /// <summary>p-value that may be looked at any time: its minimum over all looks stays below α with probability at most α.</summary>
    /// <param name="units">Units per arm.</param>
    /// <param name="weights">Planned shares per arm, positive, in any scale.</param>
    /// <param name="concentration">κ of the Dirichlet alternative; 10,000 looks for small deviations.</param>
    /// <returns>min(1, 1/BF) at this look; keep the running minimum.</returns>
    /// <remarks>ln BF = lnB(κw + n) − lnB(κw) − Σn_j·ln w_j, the multinomial mixture of Lindon and Malek 2022, NeurIPS. O(k).</remarks>
    public static double SequentialP(ReadOnlySpan<double> units, ReadOnlySpan<double> weights, double concentration = 10_000) =>
        Math.Min(1, Math.Exp(-LogBayesFactor(units, weights, concentration)));

    private static double LogBayesFactor(ReadOnlySpan<double> units, ReadOnlySpan<double> weights, double concentration)
    {
        double scale = Sum(weights), total = Sum(units);
        var log = SpecialFunctions.GammaLn(concentration) - SpecialFunctions.GammaLn(concentration + total);
        for (var i = 0; i < units.Length; i++)
        {
            var share = weights[i] / scale;
            log += SpecialFunctions.GammaLn(concentration * share + units[i]) - SpecialFunctions.GammaLn(concentration * share) - units[i] * Math.Log(share);
        }

        return log;
    }

    /// <summary>Name and version of <see cref="AlwaysValidP"/> in stored reports.</summary>
    public const string AlwaysValidMethod = "sample-ratio-mixed-1";

    /// <summary>p-value that may be looked at any time, for deviations that are large in few units or small in many.</summary>
    /// <param name="units">Units per arm.</param>
    /// <param name="weights">Planned shares per arm, positive, in any scale.</param>
    /// <returns>min(1, 1/BF) at this look, BF the mean of the Bayes factors of <see cref="SequentialP"/> with κ = 10, 300 and 10,000.</returns>
    /// <remarks>A mean of martingales is one, so the bound of <see cref="SequentialP"/> holds (Ville 1939). One κ alone is blind away from its scale:
    /// with 10,000 an arm with a quarter instead of half of 400 units goes unnoticed. O(k).</remarks>
    public static double AlwaysValidP(ReadOnlySpan<double> units, ReadOnlySpan<double> weights)
    {
        double[] logs = [LogBayesFactor(units, weights, 10), LogBayesFactor(units, weights, 300), LogBayesFactor(units, weights, 10_000)];
        var largest = logs.Max();
        return Math.Min(1, Math.Exp(-largest) * logs.Length / logs.Sum(l => Math.Exp(l - largest)));
    }

    /// <summary>Name and version of <see cref="ChangingP"/> in stored reports.</summary>
    public const string ChangingMethod = "sample-ratio-tilts-1";

    /// <summary>p-value of planned shares that changed on the way, also by what had come in before; may be looked at any time.</summary>
    /// <param name="units">Units per stretch and arm; shares are the same throughout a stretch.</param>
    /// <param name="weights">Planned shares per stretch and arm, positive, in any scale.</param>
    /// <returns>min(1, 1/E) at this look; 1 without units.</returns>
    /// <remarks>E is the mean over arms j and tilts δ of ∏(1 − δ)^n_j/(1 − δ·w_j)^N over the stretches: the likelihood ratio of “arm j loses a fraction δ
    /// of its units” (gains, where δ is negative) against the plan. Each has mean 1 given everything before as long as a stretch's shares were fixed
    /// before its units came, so the bound holds at every look (Ville 1939). Pooling stretches into one χ² holds for one look only. O(stretches·k).</remarks>
    public static double ChangingP(IReadOnlyList<double[]> units, IReadOnlyList<double[]> weights)
    {
        var logs = new List<double>();
        for (var arm = 0; units.Count > 0 && arm < units[0].Length; arm++)
        {
            foreach (var tilt in Tilts)
            {
                var log = 0.0;
                for (var s = 0; s < units.Count; s++)
                    log += units[s][arm] * Math.Log(1 - tilt) - Sum(units[s]) * Math.Log(1 - tilt * weights[s][arm] / Sum(weights[s]));
                logs.Add(log);
            }
        }

        if (logs.Count == 0) return 1;
        var largest = logs.Max();
        return Math.Min(1, Math.Exp(-largest) * logs.Count / logs.Sum(l => Math.Exp(l - largest)));
    }

    private static readonly double[] Tilts = [0.005, -0.005, 0.01, -0.01, 0.02, -0.02, 0.05, -0.05, 0.1, -0.1, 0.2, -0.2, 0.5, -0.5];

    /// <summary>Largest distance of an arm's share from its plan, as a fraction; 0 without units.</summary>
    public static double LargestGap(ReadOnlySpan<double> units, ReadOnlySpan<double> weights)
    {
        double total = Sum(units), scale = Sum(weights), gap = 0;
        if (total == 0) return 0;
        for (var i = 0; i < units.Length; i++) gap = Math.Max(gap, Math.Abs(units[i] / total - weights[i] / scale));
        return gap;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum;
    }
}
