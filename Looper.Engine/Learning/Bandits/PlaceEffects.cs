using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>What a place of a ranking brings, told apart from what the candidate there is worth.</summary>
/// <remarks>Assumption, the examination hypothesis of the position-based model (Richardson, Dominowska &amp; Ragno 2007; Craswell, Zoeter, Taylor &amp; Ramsey 2008):
/// E[gain | row, place k] = θ_k·f(row), f linear, θ_1 = 1: a place changes how often a candidate is looked at, never which one is better. The gain is what a candidate brings above
/// what is counted when nobody looks at it. With θ known, a row at place k is a row θ_k·x of one ridge regression (Ermis, Ernst, Stein &amp; Zappella 2020, LinUCB and LinTS in
/// the position-based model); here θ is estimated beside it, by turns: the regression given θ, then each θ_k given the regression, drawn to its neighbours by a random walk of
/// <see cref="Step"/> a place. So both minimise Σ(r − θ_k·x·w)²/σ² + λ|w|²/σ² + Σ(θ_k − θ_k−1)²/step², with σ² the variance of the gains. Where users stop at what they like
/// (a cascade), θ is the mean share that still looks, and what stood above is ignored.</remarks>
public static class PlaceEffects
{
    /// <summary>Standard deviation of the difference of neighbouring places, before anything is known.</summary>
    public const double Step = 0.2;

    /// <summary>θ_k lies in [<see cref="Least"/>, <see cref="Most"/>].</summary>
    public const double Least = 0.02;

    /// <inheritdoc cref="Least"/>
    public const double Most = 2;

    private const int MostTurns = 60;
    private const double Settled = 1e-4;

    // Far down, places share one effect: rows there are few, and neighbours alike.
    private static readonly int[] s_firsts = [0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30];

    /// <summary>Places that have one effect together, of the first <paramref name="places"/>.</summary>
    public static int Bands(int places) => s_firsts.Count(first => first < places);

    /// <summary>The band of a place.</summary>
    /// <param name="place">From 0.</param>
    public static int BandOf(int place)
    {
        var band = s_firsts.Length - 1;
        while (s_firsts[band] > place) band--;
        return band;
    }

    /// <summary>First and last place of a band, from 1; the last band ends with the places shown.</summary>
    public static (int First, int Last) PlacesOf(int band, int places) =>
        (s_firsts[band] + 1, band + 1 < s_firsts.Length ? Math.Min(places, s_firsts[band + 1]) : places);

    /// <summary>Estimates θ. A band without rows is as its neighbours are.</summary>
    /// <param name="byBand">Sums of the rows and gains of each band.</param>
    /// <param name="ridge">λ > 0.</param>
    /// <returns>One per band, the first 1.</returns>
    public static ImmutableArray<double> Of(BanditStatistics byBand, double ridge)
    {
        var effects = new double[byBand.Options.Length];
        Array.Fill(effects, 1);
        var rows = byBand.Weight;
        var noise = rows > 0 ? byBand.RewardDeviation * byBand.RewardDeviation : 0;
        if (effects.Length == 1 || !(noise > 0)) return [.. effects];
        for (var turn = 0; turn < MostTurns; turn++)
        {
            var top = AtTheTop(byBand, effects);
            var weights = RidgePosterior.Of(top, ridge, top.Reward / top.Weight).Weights();
            var moved = 0.0;
            for (var k = 1; k < effects.Length; k++)
            {
                var (squares, products) = Moments(byBand.Options[k], weights);
                var (drawn, neighbours) = (effects[k - 1], 1);
                if (k + 1 < effects.Length) (drawn, neighbours) = (drawn + effects[k + 1], 2);
                const double Prior = 1 / (Step * Step);
                var next = Math.Clamp((products / noise + drawn * Prior) / (squares / noise + neighbours * Prior), Least, Most);
                moved = Math.Max(moved, Math.Abs(next - effects[k]));
                effects[k] = next;
            }
            if (moved < Settled) break;
        }
        return [.. effects];
    }

    /// <summary>The sums as if every row had stood at the first place: each counts θ_k² times, with gain r/θ_k.</summary>
    public static RidgeStatistics AtTheTop(BanditStatistics byBand, ReadOnlySpan<double> effects)
    {
        var all = new RidgeStatistics(byBand.Options[0].Width);
        for (var k = 0; k < effects.Length; k++) all.Add(byBand.Options[k], effects[k]);
        return all;
    }

    // wᵀΣxxᵀw and wᵀΣr·x; only the lower half of the squares is kept
    private static (double Squares, double Products) Moments(RidgeStatistics band, double[] weights)
    {
        var squares = 0.0;
        for (var i = 0; i < band.Width; i++)
            squares += weights[i] * (2 * Vectors.Dot(band.Squares.AsSpan(i * band.Width, i), weights.AsSpan(0, i)) + band.Squares[i * band.Width + i] * weights[i]);
        return (squares, Vectors.Dot(band.Products, weights));
    }
}
