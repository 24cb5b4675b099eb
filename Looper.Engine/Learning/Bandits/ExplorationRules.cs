using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>From estimates to chances. Each writes p(option | row), which sums to 1, before the even share and the floor of <see cref="Mix"/>.</summary>
/// <remarks>Estimates and deviations are finite, one per option, in units of the reward's range. Nothing is drawn here: a draw comes after, from the
/// very numbers that are logged.</remarks>
public static class ExplorationRules
{
    /// <summary>Most of γ, so that a settled estimate still meets an option now and then.</summary>
    public const double MostLearning = 1e4;

    /// <summary>Index of the highest; the first of equals.</summary>
    public static int Best(ReadOnlySpan<double> values)
    {
        var best = 0;
        for (var a = 1; a < values.Length; a++)
            if (values[a] > values[best]) best = a;
        return best;
    }

    /// <summary>By the algorithm of the settings.</summary>
    /// <param name="settings">Of an algorithm that is a rule for estimates: ε-greedy, softmax, LinUCB or SquareCB.</param>
    /// <param name="learning">γ of <see cref="InverseGap"/>.</param>
    /// <param name="estimates">One per option.</param>
    /// <param name="deviations">One per option; only LinUCB reads them.</param>
    /// <param name="chances">One per option, overwritten.</param>
    public static void Apply(BanditSettings settings, double learning, ReadOnlySpan<double> estimates, ReadOnlySpan<double> deviations, Span<double> chances)
    {
        switch (settings.Algorithm)
        {
            case BanditAlgorithm.EpsilonGreedy:
                EpsilonGreedy(estimates, settings.Epsilon, chances);
                break;
            case BanditAlgorithm.Softmax:
                Softmax(estimates, settings.Temperature, chances);
                break;
            case BanditAlgorithm.LinUcb:
                UpperBound(estimates, deviations, settings.BoundWidth, chances);
                break;
            case BanditAlgorithm.SquareCb:
                InverseGap(estimates, learning, chances);
                break;
            default:
                throw new InvalidOperationException($"{settings.Algorithm} is no rule for estimates.");
        }
    }

    /// <summary>ε/n for each, and the rest for the best.</summary>
    public static void EpsilonGreedy(ReadOnlySpan<double> estimates, double epsilon, Span<double> chances)
    {
        chances.Fill(epsilon / chances.Length);
        chances[Best(estimates)] += 1 - epsilon;
    }

    /// <summary>exp(q/T)/Σ, the highest subtracted first.</summary>
    public static void Softmax(ReadOnlySpan<double> estimates, double temperature, Span<double> chances)
    {
        var (highest, sum) = (estimates[Best(estimates)], 0.0);
        for (var a = 0; a < chances.Length; a++) sum += chances[a] = Elementary.Exp((estimates[a] - highest) / temperature);
        for (var a = 0; a < chances.Length; a++) chances[a] /= sum;
    }

    /// <summary>All for the highest q + α·s (Li, Chu, Langford &amp; Schapire 2010, algorithm 1); of equal bounds each the same.</summary>
    public static void UpperBound(ReadOnlySpan<double> estimates, ReadOnlySpan<double> deviations, double width, Span<double> chances)
    {
        var (highest, equals) = (double.NegativeInfinity, 0);
        for (var a = 0; a < chances.Length; a++)
        {
            var bound = estimates[a] + width * deviations[a];
            if (bound > highest) (highest, equals) = (bound, 0);
            if (bound == highest) equals++;
        }
        for (var a = 0; a < chances.Length; a++) chances[a] = estimates[a] + width * deviations[a] == highest ? 1.0 / equals : 0;
    }

    /// <summary>1/(n + γ·(q_best − q_a)) for each but the best, and the rest for the best (Foster &amp; Rakhlin 2020, algorithm 1; Abe &amp; Long 1999).</summary>
    public static void InverseGap(ReadOnlySpan<double> estimates, double learning, Span<double> chances)
    {
        var (best, rest) = (Best(estimates), 1.0);
        for (var a = 0; a < chances.Length; a++)
            if (a != best) rest -= chances[a] = 1 / (chances.Length + learning * (estimates[best] - estimates[a]));
        chances[best] = rest;
    }

    /// <summary>Reserves an even share and lifts what is still below the floor: p ← (1 − e)·p + e/n, then at least <see cref="BanditSettings.Floor"/>.</summary>
    /// <param name="chances">Sums to 1, and still does after.</param>
    /// <param name="explore">e, in [0, 1].</param>
    public static void Mix(Span<double> chances, double explore)
    {
        for (var a = 0; a < chances.Length; a++) chances[a] = (1 - explore) * chances[a] + explore / chances.Length;
        Shares.Lift(chances, BanditSettings.Floor(chances.Length));
    }

    /// <summary>Holds the chance of all options but the best within a budget: what each has above its reserve shrinks in proportion. The reserve, e/n or
    /// the floor, is kept even where that alone is more than the budget.</summary>
    /// <param name="chances">As <see cref="Mix"/> leaves them; sums to 1, and still does after.</param>
    /// <param name="best">Index of the option that is believed to be best.</param>
    /// <param name="budget">In [0, 1].</param>
    /// <param name="explore">e, as mixed in before.</param>
    public static void Limit(Span<double> chances, int best, double budget, double explore) =>
        Hold(chances, best, budget, Math.Max(explore / chances.Length, BanditSettings.Floor(chances.Length)));

    /// <summary>The same with what is reserved for each option.</summary>
    /// <inheritdoc cref="Limit"/>
    /// <param name="reserve">No chance lies below it.</param>
    public static void Hold(Span<double> chances, int best, double budget, double reserve)
    {
        var others = 0.0;
        for (var a = 0; a < chances.Length; a++)
            if (a != best) others += chances[a];
        if (!(others > budget)) return;
        var least = (chances.Length - 1) * reserve;
        var (share, rest) = (others > least ? Math.Max(0, budget - least) / (others - least) : 0, 1.0);
        for (var a = 0; a < chances.Length; a++)
            if (a != best) rest -= chances[a] = reserve + Math.Max(0, chances[a] - reserve) * share;
        chances[best] = rest;
    }
}
