using System.Collections.Immutable;

namespace Looper.Core.Learning.Ranking;

/// <summary>How likely each position is looked at, relative to the first.</summary>
/// <param name="Examination">θ_k per position from the top, θ_1 = 1, never rising.</param>
/// <param name="Method"><c>randomised</c> or <c>regression-em</c>.</param>
public sealed record PositionBias(ImmutableArray<double> Examination, string Method)
{
    private const double MostWeight = 10;
    private const int EnoughClicks = 500, Rounds = 20;

    /// <summary>Weight of a click at a position: 1/θ_k, at most 10.</summary>
    /// <param name="position">From 0.</param>
    /// <remarks>Joachims, Swaminathan &amp; Schnabel 2017.</remarks>
    public double Weight(int position) => Math.Min(MostWeight, 1 / Math.Max(1e-9, Examination[Math.Min(position, Examination.Length - 1)]));

    /// <summary>From the items shown at random positions where those are enough, else from all by regression.</summary>
    /// <param name="data">Columns of the shown items; labels are ignored.</param>
    /// <param name="positions">Position of every shown item, from 0.</param>
    /// <param name="clicks">0 or 1 per shown item.</param>
    /// <param name="randomised">Whether the item's position was drawn at random.</param>
    /// <param name="settings">As for <see cref="ByRegression"/>.</param>
    /// <param name="seed">Fixes the fits.</param>
    /// <param name="cancel">Ends the work.</param>
    public static PositionBias Of(
        DataSet data, ReadOnlySpan<int> positions, ReadOnlySpan<double> clicks, ReadOnlySpan<bool> randomised, LearnerSettings settings, long seed,
        CancellationToken cancel)
    {
        var (drawn, at, clicked) = (randomised.ToArray(), new List<int>(), new List<double>());
        for (var i = 0; i < drawn.Length; i++)
        {
            if (!drawn[i]) continue;
            at.Add(positions[i]);
            clicked.Add(clicks[i]);
        }
        return FromRandomised([.. at], [.. clicked]) ?? ByRegression(data, positions, clicks, settings, seed, cancel);
    }

    /// <summary>From positions that were given at random: θ_k = clicks per view at k / clicks per view at 1.</summary>
    /// <param name="positions">Position of every shown item, from 0.</param>
    /// <param name="clicks">0 or 1 per shown item.</param>
    /// <returns>Null with fewer than 500 clicks at any position.</returns>
    /// <remarks>Craswell et al. 2008: P(click) = θ_k·γ(query, item).</remarks>
    public static PositionBias? FromRandomised(ReadOnlySpan<int> positions, ReadOnlySpan<double> clicks)
    {
        var (shown, clicked) = Count(positions, clicks);
        if (clicked.Length == 0 || clicked.Min() < EnoughClicks) return null;
        return new(Falling([.. clicked.Select((c, k) => c / shown[k] / (clicked[0] / shown[0]))], shown), "randomised");
    }

    /// <summary>From a log with positions chosen by a ranker: expectation-maximisation with relevance regressed on the items' columns.</summary>
    /// <param name="data">Columns of the shown items; labels are ignored.</param>
    /// <param name="positions">Position of every shown item, from 0.</param>
    /// <param name="clicks">0 or 1 per shown item.</param>
    /// <param name="settings">How the relevance is fitted; few rounds are enough.</param>
    /// <param name="seed">Fixes the fits.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <remarks>Wang et al. 2018 (WSDM), 20 rounds. Without a click P(examined) = θ(1−γ)/(1−θγ), P(relevant) = γ(1−θ)/(1−θγ); θ_k is then the mean
    /// examination at k, γ boosting on the soft labels: one row as relevant and one as not, weighted. It needs the ranker to have put alike items
    /// at different positions; θ is identified up to the scale that θ_1 = 1 fixes.</remarks>
    public static PositionBias ByRegression(
        DataSet data, ReadOnlySpan<int> positions, ReadOnlySpan<double> clicks, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        var (shown, clicked) = Count(positions, clicks);
        int[] position = positions.ToArray();
        double[] click = clicks.ToArray(), gamma = new double[click.Length];
        var theta = clicked.Select((c, k) => Math.Clamp(c / Math.Max(1, shown[k]) / Math.Max(1e-9, clicked[0] / Math.Max(1, shown[0])), 0.01, 1)).ToArray();
        Array.Fill(gamma, Math.Clamp(clicked[0] / Math.Max(1, shown[0]), 0.05, 0.95));
        for (var round = 0; round < Rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            double[] examined = new double[theta.Length], relevant = new double[click.Length];
            for (var i = 0; i < click.Length; i++)
            {
                double t = theta[position[i]], none = Math.Max(1e-12, 1 - t * gamma[i]);
                examined[position[i]] += click[i] > 0.5 ? 1 : t * (1 - gamma[i]) / none;
                relevant[i] = click[i] > 0.5 ? 1 : gamma[i] * (1 - t) / none;
            }
            for (var k = 0; k < theta.Length; k++) theta[k] = Math.Clamp(examined[k] / Math.Max(1, shown[k]), 1e-3, 1);
            gamma = Regress(data, relevant, settings, seed + round, cancel);
        }
        return new(Falling([.. theta.Select(t => t / theta[0])], shown), "regression-em");
    }

    private static double[] Regress(DataSet data, double[] relevant, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        int[] twice = [.. Enumerable.Range(0, data.Rows), .. Enumerable.Range(0, data.Rows)];
        var doubled = new DataSet(
            data.Columns, [.. data.Values.Select(v => Array.ConvertAll(twice, i => v[i]))], [.. twice.Select((_, k) => k < data.Rows ? 1.0 : 0)],
            [.. relevant, .. relevant.Select(r => 1 - r)]);
        var fit = new GradientBoosting().Fit(doubled, null, settings with { Objective = Objective.Binary }, seed, null, cancel);
        return [.. data.Predictions(fit).Select(p => Math.Clamp(p, 1e-4, 1 - 1e-4))];
    }

    private static (double[] Shown, double[] Clicked) Count(ReadOnlySpan<int> positions, ReadOnlySpan<double> clicks)
    {
        var deepest = -1;
        foreach (var p in positions) deepest = Math.Max(deepest, p);
        double[] shown = new double[deepest + 1], clicked = new double[deepest + 1];
        for (var i = 0; i < positions.Length; i++) (shown[positions[i]], clicked[positions[i]]) = (shown[positions[i]] + 1, clicked[positions[i]] + clicks[i]);
        return (shown, clicked);
    }

    // Nobody looks further down first: pool positions that rise, weighted by views, and fix the first at 1.
    private static ImmutableArray<double> Falling(double[] theta, double[] shown)
    {
        var blocks = new List<(double Level, double Weight, int Count)>();
        for (var k = 0; k < theta.Length; k++)
        {
            var block = (Level: theta[k], Weight: Math.Max(1, shown[k]), Count: 1);
            while (blocks.Count > 0 && blocks[^1].Level < block.Level)
            {
                var last = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                var weight = last.Weight + block.Weight;
                block = ((last.Level * last.Weight + block.Level * block.Weight) / weight, weight, last.Count + block.Count);
            }
            blocks.Add(block);
        }
        return [.. blocks.SelectMany(b => Enumerable.Repeat(Math.Min(1, b.Level / blocks[0].Level), b.Count))];
    }
}
