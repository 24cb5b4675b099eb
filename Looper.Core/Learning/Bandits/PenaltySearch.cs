using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>A penalised policy: writes p(option | row), one per option.</summary>
public delegate void RowChances(ReadOnlySpan<double> x, Span<double> chances);

/// <summary>What a guardrail is searched with.</summary>
/// <param name="Belief">Null where nothing is known of it.</param>
/// <param name="Margin">How much worse than under the baseline is still acceptable, as a fraction of that; at least 0.</param>
public readonly record struct GuardedOutcome(OutcomeBelief? Belief, double Margin);

/// <summary>What was found.</summary>
/// <param name="Multipliers">λ per guardrail.</param>
/// <param name="Share">Share of decisions of the penalised policy; the rest are the baseline's.</param>
/// <param name="Penalties">Per option d numbers, as <see cref="LinearBandit.Of"/> takes them; empty where nothing is taken off.</param>
/// <param name="Sums">Φ of the policy with its share, n × d.</param>
/// <param name="Bounds">Per guardrail; null where nothing is known of it.</param>
/// <param name="Tight">Per guardrail: it is what kept the plain policy, without penalty, from all decisions.</param>
public sealed record FoundPenalty(
    ImmutableArray<double> Multipliers, double Share, ImmutableArray<double[]> Penalties, double[] Sums, ImmutableArray<HarmBound?> Bounds, ImmutableArray<bool> Tight);

/// <summary>Chooses how much harm costs, and how much is left to the baseline, so that a policy keeps within its guardrails.</summary>
/// <remarks>Maximise E[reward] over π = q·π_λ + (1 − q)·π_b subject to the upper bound of every <see cref="HarmBound"/> being at most 0, π_λ being the policy whose
/// estimates are lessened by Σ_g λ_g·(ĥ_g(x, a) + z·s_ga): the Lagrangian of the constrained problem with cautious multipliers. s_ga is the doubt about the option's
/// mean harm, so what little is known of is taken for harmful (the baseline is not: it is always admissible). Mixing with the baseline is the conservative part of
/// Pacchiano, Ghavamzadeh, Bartlett &amp; Jiang 2021 (stochastic bandits with linear constraints): what is not yet known to be harmless is tried as much as the margin
/// has room for. The multipliers are searched on a grid of half octaves in units of the rewards' deviation over the harm's, all together and then one after the
/// other (two rounds); the first that is best wins, so that less is taken off where that is enough. A reward counts with one standard error more. A policy that keeps
/// within all guardrails without a penalty is left as it is.</remarks>
public static class PenaltySearch
{
    private const int Steps = 256, Rounds = 2;

    private static readonly ImmutableArray<double> s_factors = [.. Enumerable.Range(-8, 21).Select(i => Math.Pow(2, i / 2.0))];

    /// <summary>Searches.</summary>
    /// <param name="rows">Contexts as they come now, of d numbers, the first of them 1; at least one.</param>
    /// <param name="reward">What is believed of the goal.</param>
    /// <param name="guards">At least one. With one of which nothing is known all is left to the baseline.</param>
    /// <param name="baseline">Index of its option.</param>
    /// <param name="baseChances">What is left to the baseline: its option, and what is drawn evenly whatever is known.</param>
    /// <param name="policy">The policy with penalties per option; empty for none.</param>
    public static FoundPenalty Of(double[][] rows, OutcomeBelief? reward, ImmutableArray<GuardedOutcome> guards, int baseline, double[] baseChances, Func<ImmutableArray<double[]>, RowChances> policy)
    {
        var (d, n) = (rows[0].Length, baseChances.Length);
        var meanRow = new double[d];
        foreach (var x in rows) Vectors.AddScaled(meanRow, 1.0 / rows.Length, x);
        var left = new double[n * d];
        for (var a = 0; a < n; a++) Vectors.AddScaled(left.AsSpan(a * d, d), baseChances[a], meanRow);
        ImmutableArray<HarmBound?> bounds = [.. guards.Select(g => g.Belief is null ? null : new HarmBound(g.Belief, baseline, g.Margin, meanRow, left))];
        var none = new FoundPenalty([.. guards.Select(_ => 0.0)], 0, [], left, bounds, [.. guards.Select(_ => false)]);
        if (bounds.Contains(null)) return none;

        var plain = Try(none.Multipliers);
        ImmutableArray<bool> tight = [.. bounds.Select(b => Restricted(b!, plain.Own))];
        var best = plain;
        if (best.Share < 1)
        {
            ImmutableArray<double> units = [.. guards.Select(g => (reward?.Deviation ?? 1) / g.Belief!.Deviation)];
            foreach (var factor in s_factors) Take([.. units.Select(u => u * factor)]);
            for (var round = 0; guards.Length > 1 && round < Rounds; round++)
                for (var g = 0; g < guards.Length; g++)
                    foreach (var factor in s_factors.Insert(0, 0)) Take(best.Multipliers.SetItem(g, units[g] * factor));
        }
        var sums = new double[n * d];
        Vectors.AddScaled(sums, best.Share, best.Own);
        Vectors.AddScaled(sums, 1 - best.Share, left);
        return new(best.Multipliers, best.Share, best.Penalties, sums, bounds, tight);

        void Take(ImmutableArray<double> multipliers)
        {
            if (Try(multipliers) is var tried && tried.Value > best.Value + 1e-12 * Math.Abs(best.Value)) best = tried;
        }

        Trial Try(ImmutableArray<double> multipliers)
        {
            var penalties = Penalties(guards, multipliers, baseline, meanRow, n);
            var (chances, all, own) = (policy(penalties), new double[n], new double[n * d]);
            foreach (var x in rows)
            {
                chances(x, all);
                for (var a = 0; a < n; a++) Vectors.AddScaled(own.AsSpan(a * d, d), all[a] / rows.Length, x);
            }
            Span<bool> allowed = stackalloc bool[Steps + 1];
            allowed.Fill(true);
            foreach (var bound in bounds) bound!.Restrict(own, Steps, allowed);
            var share = Math.Max(0, allowed.LastIndexOf(true)) / (double)Steps;
            return new(multipliers, penalties, own, share, Value(reward, own, left, share));
        }
    }

    private static bool Restricted(HarmBound bound, double[] own)
    {
        Span<bool> allowed = stackalloc bool[Steps + 1];
        allowed.Fill(true);
        bound.Restrict(own, Steps, allowed);
        return !allowed[Steps];
    }

    private static ImmutableArray<double[]> Penalties(ImmutableArray<GuardedOutcome> guards, ImmutableArray<double> multipliers, int baseline, double[] meanRow, int options)
    {
        if (multipliers.All(m => m == 0)) return [];
        double[][] penalties = [.. Enumerable.Range(0, options).Select(_ => new double[meanRow.Length])];
        for (var g = 0; g < guards.Length; g++)
        {
            for (var a = 0; a < options; a++)
            {
                Vectors.AddScaled(penalties[a], multipliers[g], guards[g].Belief!.Weights[a]);
                if (a != baseline) penalties[a][0] += multipliers[g] * HarmBound.Confidence * guards[g].Belief!.Doubt(a, meanRow);
            }
        }
        return [.. penalties];
    }

    // what the mixture earns beyond the baseline alone, and one standard error more
    private static double Value(OutcomeBelief? reward, double[] own, double[] left, double share)
    {
        if (reward is null) return share;
        var more = (double[])own.Clone();
        Vectors.AddScaled(more, -1, left);
        return share * (reward.Mean(more) + Math.Sqrt(Math.Max(0, reward.Covariance(more, more))));
    }

    private sealed record Trial(ImmutableArray<double> Multipliers, ImmutableArray<double[]> Penalties, double[] Own, double Share, double Value);
}
