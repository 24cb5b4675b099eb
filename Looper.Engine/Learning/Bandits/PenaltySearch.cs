using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>What a guardrail is searched with.</summary>
/// <param name="Belief">Null where nothing is known of it.</param>
/// <param name="Margin">How much worse than under the baseline is still acceptable, as a fraction of that; at least 0.</param>
/// <param name="Constant">Harm that every row has beside what the belief is of.</param>
public readonly record struct GuardedOutcome(OutcomeBelief? Belief, double Margin, double Constant = 0);

/// <summary>Chooses how much harm costs, and how much is left to the baseline, so that a policy keeps within its guardrails.</summary>
/// <remarks>Maximise E[reward] over π = q·π_λ + (1 − q)·π_b subject to the upper bound of every <see cref="HarmBound"/> being at most 0, π_λ being the policy whose
/// estimates are lessened by Σ_g λ_g·(ĥ_g + z·s_g): the Lagrangian of the constrained problem with cautious multipliers. ĥ is the harm believed and s the doubt about it, of an option's
/// mean (<see cref="OptionPenalties"/>) or of a candidate (<see cref="CandidatePenalty"/>), so what little is known of is taken for harmful (the baseline is not: it is always admissible).
/// Mixing with the baseline is the conservative part of
/// Pacchiano, Ghavamzadeh, Bartlett &amp; Jiang 2021 (stochastic bandits with linear constraints): what is not yet known to be harmless is tried as much as the margin
/// has room for. The multipliers are searched on a grid of half octaves in units of the rewards' deviation over the harm's, all together and then one after the
/// other (two rounds); the first that is best wins, so that less is taken off where that is enough. A reward counts with one standard error more. A policy that keeps
/// within all guardrails without a penalty is left as it is.</remarks>
public static class PenaltySearch
{
    private const int Steps = 256, Rounds = 2;

    private static readonly ImmutableArray<double> s_factors = [.. Enumerable.Range(-8, 21).Select(i => Math.Pow(2, i / 2.0))];

    /// <summary>Searches.</summary>
    /// <param name="reward">What is believed of the goal.</param>
    /// <param name="guards">At least one. With one of which nothing is known all is left to the baseline.</param>
    /// <param name="baseline">Φ of the baseline alone: what harm is measured against.</param>
    /// <param name="left">Φ of what is left to it: the baseline, and what is drawn evenly whatever is known.</param>
    /// <param name="policy">λ per guardrail → Φ of the penalised policy.</param>
    public static FoundPenalty Of(OutcomeBelief? reward, ImmutableArray<GuardedOutcome> guards, PolicySums baseline, PolicySums left, Func<ImmutableArray<double>, PolicySums> policy)
    {
        ImmutableArray<HarmBound?> bounds = [.. guards.Select((g, i) => g.Belief is null ? null : new HarmBound(g.Belief, g.Margin, baseline.Harms[i], left.Harms[i], g.Constant))];
        var none = new FoundPenalty([.. guards.Select(_ => 0.0)], 0, left, bounds, [.. guards.Select(_ => false)]);
        if (bounds.Contains(null)) return none;

        var plain = Try(none.Multipliers);
        ImmutableArray<bool> tight = [.. bounds.Select((b, g) => Restricted(b!, plain.Own.Harms[g]))];
        var best = plain;
        if (best.Share < 1)
        {
            ImmutableArray<double> units = [.. guards.Select(g => (reward?.Deviation ?? 1) / g.Belief!.Deviation)];
            foreach (var factor in s_factors) Take([.. units.Select(u => u * factor)]);
            for (var round = 0; guards.Length > 1 && round < Rounds; round++)
                for (var g = 0; g < guards.Length; g++)
                    foreach (var factor in s_factors.Insert(0, 0)) Take(best.Multipliers.SetItem(g, units[g] * factor));
        }
        return new(best.Multipliers, best.Share, new(Mixed(best.Own.Reward, left.Reward, best.Share), [.. best.Own.Harms.Zip(left.Harms, (own, rest) => Mixed(own, rest, best.Share))]), bounds, tight);

        void Take(ImmutableArray<double> multipliers)
        {
            if (Try(multipliers) is var tried && tried.Value > best.Value + 1e-12 * Math.Abs(best.Value)) best = tried;
        }

        Trial Try(ImmutableArray<double> multipliers)
        {
            var own = policy(multipliers);
            Span<bool> allowed = stackalloc bool[Steps + 1];
            allowed.Fill(true);
            for (var g = 0; g < bounds.Length; g++) bounds[g]!.Restrict(own.Harms[g], Steps, allowed);
            var share = Math.Max(0, allowed.LastIndexOf(true)) / (double)Steps;
            return new(multipliers, own, share, Value(reward, own.Reward, left.Reward, share));
        }
    }

    private static bool Restricted(HarmBound bound, double[] own)
    {
        Span<bool> allowed = stackalloc bool[Steps + 1];
        allowed.Fill(true);
        bound.Restrict(own, Steps, allowed);
        return !allowed[Steps];
    }

    private static double[] Mixed(double[] own, double[] left, double share)
    {
        var sums = new double[own.Length];
        Vectors.AddScaled(sums, share, own);
        Vectors.AddScaled(sums, 1 - share, left);
        return sums;
    }

    // what the mixture earns beyond the baseline alone, and one standard error more
    private static double Value(OutcomeBelief? reward, double[] own, double[] left, double share)
    {
        if (reward is null) return share;
        var more = (double[])own.Clone();
        Vectors.AddScaled(more, -1, left);
        return share * (reward.Mean(more) + Math.Sqrt(Math.Max(0, reward.Covariance(more, more))));
    }

    private sealed record Trial(ImmutableArray<double> Multipliers, PolicySums Own, double Share, double Value);
}
