using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Sequences;

/// <summary>Discounted goal per unit that a policy would have gathered on logged sequences, beside what the logging policy gathered.</summary>
/// <param name="Value">Per unit, with a 95 % percentile interval over units; NaN without overlap.</param>
/// <param name="Behaviour">What was gathered per unit, with its interval.</param>
/// <param name="EffectiveUnits">(Σw)²/Σw² of the units' weights at their last step: how many units' worth of evidence there is.</param>
public sealed record SequenceValue(Spread Value, Spread Behaviour, double EffectiveUnits)
{
    private const int Replicates = 500;

    /// <summary>Whether the policy may be offered: the lower end of its value is not under the behaviour's value.</summary>
    public bool IsOffered => Value.Low >= Behaviour.Mean;

    /// <summary>Values a policy by per-decision weighted importance sampling.</summary>
    /// <param name="units">Each unit's steps in time order; empty ones do not count.</param>
    /// <param name="policy">Probability of every option in a state, given the probabilities that were logged there; sums to 1.</param>
    /// <param name="discount">γ per day, in [0, 1].</param>
    /// <param name="seed">Fixes the resampling.</param>
    /// <remarks>Precup, Sutton &amp; Singh 2000, section 4: Σ_t Σ_i γ^{t_i}·w_it·r_it / Σ_i w_it with w_it = Π_{s≤t} π(a_s)/μ(a_s), exact because
    /// propensities are logged; a unit that has ended keeps its weight and earns 0. Interval: 500 resamples of units. O(500·steps).</remarks>
    public static SequenceValue Of(
        IReadOnlyList<IReadOnlyList<Step>> units, Func<ImmutableArray<double>, ImmutableArray<double>, ImmutableArray<double>> policy, double discount, long seed)
    {
        Path[] paths = [.. units.Where(u => u.Count > 0).Select(u => Path.Of(u, policy, discount))];
        int[] all = [.. Enumerable.Range(0, paths.Length)];
        var (values, behaviours) = (new double[Replicates], new double[Replicates]);
        for (var replicate = 0; replicate < Replicates && paths.Length > 1; replicate++)
        {
            var random = new Philox(seed, "units", replicate);
            var drawn = Array.ConvertAll(all, _ => random.Below(paths.Length));
            (values[replicate], behaviours[replicate]) = (Weighted(paths, drawn), drawn.Average(i => paths[i].Return));
        }
        double sum = paths.Sum(p => p.Weights[^1]), squares = paths.Sum(p => p.Weights[^1] * p.Weights[^1]);
        return new(
            Percentile(paths.Length == 0 ? double.NaN : Weighted(paths, all), paths.Length > 1 ? values : []),
            Percentile(paths.Length == 0 ? double.NaN : paths.Average(p => p.Return), paths.Length > 1 ? behaviours : []), squares > 0 ? sum * sum / squares : 0);
    }

    private static double Weighted(Path[] paths, int[] drawn)
    {
        var (value, longest) = (0.0, drawn.Max(i => paths[i].Weights.Length));
        for (var t = 0; t < longest; t++)
        {
            double earned = 0, weight = 0;
            foreach (var i in drawn)
            {
                var path = paths[i];
                weight += path.Weights[Math.Min(t, path.Weights.Length - 1)];
                if (t < path.Weights.Length) earned += path.Weights[t] * path.Rewards[t];
            }
            if (!(weight > 0)) return double.NaN;
            value += earned / weight;
        }
        return value;
    }

    private static Spread Percentile(double centre, double[] resampled)
    {
        // a resample without overlap has no value: then neither end is known
        if (resampled.Length == 0 || resampled.Any(double.IsNaN)) return new(centre, double.NaN, double.NaN);
        Array.Sort(resampled);
        return new(centre, resampled[(int)(0.025 * resampled.Length)], resampled[(int)(0.975 * resampled.Length)]);
    }

    private sealed record Path(double[] Weights, double[] Rewards)
    {
        public double Return => Rewards.Sum();

        public static Path Of(IReadOnlyList<Step> steps, Func<ImmutableArray<double>, ImmutableArray<double>, ImmutableArray<double>> policy, double discount)
        {
            var (weights, rewards, weight, days) = (new double[steps.Count], new double[steps.Count], 1.0, 0.0);
            for (var t = 0; t < weights.Length; t++)
            {
                var step = steps[t];
                weight *= policy(step.State, step.Propensities)[step.Action] / step.Propensities[step.Action];
                (weights[t], rewards[t]) = (weight, Math.Pow(discount, days) * step.Reward);
                days += step.Elapsed;
            }
            return new(weights, rewards);
        }
    }
}
