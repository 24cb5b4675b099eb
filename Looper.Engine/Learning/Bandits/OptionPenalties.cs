using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>A penalised policy: writes p(option | row), one per option.</summary>
public delegate void RowChances(ReadOnlySpan<double> x, Span<double> chances);

/// <summary>The search of <see cref="PenaltySearch"/> where every option has a regression of its own.</summary>
/// <remarks>An option's doubt is that about its mean harm over the rows: s_ga = σ_ga·√(x̄ᵀA_ga⁻¹x̄).</remarks>
public static class OptionPenalties
{
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
        double[] alone = new double[n * d], left = new double[n * d];
        meanRow.CopyTo(alone.AsSpan(baseline * d));
        for (var a = 0; a < n; a++) Vectors.AddScaled(left.AsSpan(a * d, d), baseChances[a], meanRow);
        var found = PenaltySearch.Of(reward, guards, PolicySums.Alike(alone, guards.Length), PolicySums.Alike(left, guards.Length), multipliers =>
        {
            var (chances, all, own) = (policy(Penalties(guards, multipliers, baseline, meanRow, n)), new double[n], new double[n * d]);
            foreach (var x in rows)
            {
                chances(x, all);
                for (var a = 0; a < n; a++) Vectors.AddScaled(own.AsSpan(a * d, d), all[a] / rows.Length, x);
            }
            return PolicySums.Alike(own, guards.Length);
        });
        return found with { Penalties = Penalties(guards, found.Multipliers, baseline, meanRow, n) };
    }

    private static ImmutableArray<double[]> Penalties(ImmutableArray<GuardedOutcome> guards, ImmutableArray<double> multipliers, int baseline, double[] meanRow, int options)
    {
        if (multipliers.All(m => m == 0)) return [];
        double[][] penalties = [.. Enumerable.Range(0, options).Select(_ => new double[meanRow.Length])];
        var scratch = new double[meanRow.Length];
        for (var g = 0; g < guards.Length; g++)
        {
            for (var a = 0; a < options; a++)
            {
                Vectors.AddScaled(penalties[a], multipliers[g], guards[g].Belief!.Weights[a]);
                if (a != baseline) penalties[a][0] += multipliers[g] * HarmBound.Confidence * guards[g].Belief!.Doubt(a, meanRow, scratch);
            }
        }
        return [.. penalties];
    }
}
