using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>Explores among candidates that change from call to call, by one ridge regression whose weights all candidates share.</summary>
/// <remarks>Estimand: E[reward | φ(context, candidate)], linear in φ: features of the context, of the candidate, and products of both (the shared part of the hybrid model of
/// Li, Chu, Langford &amp; Schapire 2010). <see cref="BanditAlgorithm.Thompson"/> draws <see cref="Draws"/> weight vectors from the posterior once, when it is made, and gives each
/// candidate the share of them that call it best: candidates share their weights, so their estimates are dependent and a product of marginals would be wrong. Whatever the
/// algorithm, chances are computed first and drawn from after. In a ranking they are those of the next place among who is left, every candidate estimated as at the first place
/// (<see cref="PlaceEffects"/>). O(candidates · d), O(candidates · d²) for LinUCB and O(candidates · d · draws) for Thompson; each further place O(candidates), or O(candidates · draws).
/// Immutable and thread safe.</remarks>
public sealed class SharedBandit
{
    /// <summary>Weight vectors that Thompson sampling draws.</summary>
    public const int Draws = 128;

    private const int OnStack = 512;
    private readonly RidgePosterior _posterior;
    private readonly BanditSettings _settings;
    private readonly double _learning;
    private readonly double[][] _draws;

    private SharedBandit(RidgePosterior posterior, BanditSettings settings, double range, double learning, double[][] draws) =>
        (_posterior, _settings, Range, _learning, _draws) = (posterior, settings, range, learning, draws);

    /// <summary>Of the rewards, above 0: the unit of estimates.</summary>
    public double Range { get; }

    /// <summary>It looks at how much is known of each candidate.</summary>
    public bool AsksDoubt => _settings.Algorithm == BanditAlgorithm.LinUcb;

    /// <summary>Weight vectors that vote; 0 for algorithms without.</summary>
    public int Voters => _draws.Length;

    /// <summary>Whether candidates can be explored by it: not where each option has a posterior or trees of its own.</summary>
    public static bool Takes(BanditAlgorithm algorithm) => algorithm is not (BanditAlgorithm.ThompsonBeta or BanditAlgorithm.BootstrappedTrees);

    /// <summary>Fits.</summary>
    /// <param name="statistics">Sums over the rows of what was answered, or of each band of places; not kept.</param>
    /// <param name="settings">Of an algorithm that <see cref="Takes"/> candidates.</param>
    public static SharedBandit Of(BanditStatistics statistics, BanditSettings settings)
    {
        if (!Takes(settings.Algorithm)) throw new ArgumentException($"{settings.Algorithm} knows options apart, and candidates share what is known.", nameof(settings));
        var sums = PlaceEffects.AtTheTop(statistics, PlaceEffects.Of(statistics, settings.Ridge).AsSpan());
        var weight = sums.Weight;
        var range = double.IsNaN(settings.RewardRange) ? 2 * (weight > 0 ? statistics.RewardDeviation : 0) : settings.RewardRange;
        if (!(range > 0)) range = 1;
        var posterior = RidgePosterior.Of(sums, settings.Ridge, weight > 0 ? sums.Reward / weight : 0);
        var random = new Philox((long)weight, "candidate-draws");
        double[][] draws = settings.Algorithm != BanditAlgorithm.Thompson ? [] : [.. Enumerable.Range(0, Draws).Select(_ => posterior.Draw(range * settings.PosteriorScale, random))];
        return new(posterior, settings, range, Math.Min(ExplorationRules.MostLearning, settings.Learning * Math.Sqrt(weight)), draws);
    }

    /// <summary>Expected reward of a candidate, in units of the rewards' range.</summary>
    /// <param name="x">Its row.</param>
    /// <param name="penalty">Taken off, in the unit of the reward.</param>
    public double Estimate(ReadOnlySpan<double> x, double penalty = 0) => (_posterior.Mean(x) - penalty) / Range;

    /// <inheritdoc cref="RidgePosterior.Deviation"/>
    public double Doubt(ReadOnlySpan<double> x, Span<double> scratch) => _posterior.Deviation(x, scratch);

    /// <summary>Writes what every weight vector expects of a candidate.</summary>
    /// <param name="x">Its row.</param>
    /// <param name="votes">One per voter, overwritten.</param>
    /// <param name="penalty">Taken off each.</param>
    public void Vote(ReadOnlySpan<double> x, Span<double> votes, double penalty = 0)
    {
        for (var m = 0; m < _draws.Length; m++) votes[m] = Vectors.Dot(x, _draws[m]) - penalty;
    }

    /// <summary>Writes p(candidate), the even share included: p ← (1 − e)·p + e/n with e the greater of <see cref="BanditSettings.Explore"/> and 1 %.</summary>
    /// <param name="left">Indices of the n candidates to choose among.</param>
    /// <param name="estimates">One per candidate.</param>
    /// <param name="doubts">One per candidate where <see cref="AsksDoubt"/>.</param>
    /// <param name="votes">Per candidate one per voter.</param>
    /// <param name="chances">n numbers, overwritten; sums to 1.</param>
    public void Distribute(ReadOnlySpan<int> left, ReadOnlySpan<double> estimates, ReadOnlySpan<double> doubts, ReadOnlySpan<double> votes, Span<double> chances)
    {
        if (_settings.Algorithm == BanditAlgorithm.Thompson) Count(left, votes, chances);
        else
        {
            Span<double> near = left.Length <= OnStack ? stackalloc double[left.Length] : new double[left.Length], wide = left.Length <= OnStack ? stackalloc double[left.Length] : new double[left.Length];
            for (var i = 0; i < left.Length; i++)
            {
                near[i] = estimates[left[i]];
                if (AsksDoubt) wide[i] = doubts[left[i]];
            }
            ExplorationRules.Apply(_settings, _learning, near, wide, chances);
        }
        var even = EvenShare(_settings.Explore);
        for (var i = 0; i < chances.Length; i++) chances[i] = (1 - even) * chances[i] + even / chances.Length;
    }

    // each vector's best of those left
    private void Count(ReadOnlySpan<int> left, ReadOnlySpan<double> votes, Span<double> chances)
    {
        Span<double> highest = stackalloc double[Draws];
        Span<int> leaders = stackalloc int[Draws];
        highest.Fill(double.NegativeInfinity);
        leaders.Clear();
        for (var i = 0; i < left.Length; i++)
        {
            var of = votes.Slice(left[i] * Voters, Voters);
            for (var m = 0; m < of.Length; m++)
                if (of[m] > highest[m]) (highest[m], leaders[m]) = (of[m], i);
        }
        chances.Clear();
        foreach (var leader in leaders[..Voters]) chances[leader] += 1.0 / Voters;
    }

    /// <summary>Share of decisions drawn evenly from all candidates.</summary>
    public static double EvenShare(double explore) => Math.Max(explore, 0.01);
}
