using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>What measuring some settings is expected to bring.</summary>
public static class ExpectedGain
{
    private const int Draws = 256;

    /// <summary>By how much the best of the settings is expected to beat the best trial so far, in the metric of the only goal.</summary>
    /// <remarks>E[max(0, best of the settings − best live trial)] over joint draws of the model, where what breaks a limit in a draw does not count in it
    /// (noisy expected improvement of a batch: Letham, Karrer, Ottoni &amp; Bakshy 2019). A draw in which no live trial keeps the limits counts from the
    /// worst of them. Monte Carlo with 256 stratified draws.</remarks>
    /// <param name="surrogates">Of a problem with one goal.</param>
    /// <param name="points">The settings, each of d coordinates.</param>
    /// <returns>At least 0; NaN without settings, or when the draws cannot be made.</returns>
    public static double Of(Surrogates surrogates, IReadOnlyCollection<ReadOnlyMemory<double>> points)
    {
        if (points.Count == 0) return double.NaN;
        var (problem, live) = (surrogates.Problem, surrogates.Live.Length);
        var goal = problem.Goals[0];
        double[] flat = [.. points.SelectMany(p => p.ToArray())];
        var random = new Philox(problem.Seed, "gain", live);
        var surfaces = new Dictionary<string, SampledSurface>(StringComparer.Ordinal);
        foreach (var metric in problem.Metrics)
        {
            if (SampledSurface.Of(surrogates[metric], flat, Draws, random) is not { } surface) return double.NaN;
            surfaces[metric] = surface;
        }
        double At(string metric, int draw, int place) // live trials, then the settings, which come after offline rows
        {
            var surface = surfaces[metric];
            return surface.Drawn(surface.Draws == 1 ? 0 : draw, place < live ? place : surface.Rows - points.Count + place - live);
        }
        bool Keeps(int draw, int place) => problem.Limits.All(l => l.Sign * At(l.Metric, draw, place) <= l.Sign * surrogates[l.Metric].Standardised(l.Limit));
        var sum = 0.0;
        for (var s = 0; s < Draws; s++)
        {
            double best = double.PositiveInfinity, worst = double.NegativeInfinity, found = double.PositiveInfinity;
            for (var i = 0; i < live + points.Count; i++)
            {
                var value = goal.Sign * At(goal.Metric, s, i);
                if (i < live) worst = Math.Max(worst, value);
                if (!Keeps(s, i)) continue;
                if (i < live) best = Math.Min(best, value);
                else found = Math.Min(found, value);
            }
            sum += Math.Max(0, (double.IsFinite(best) ? best : worst) - found);
        }
        return sum / Draws * surrogates[goal.Metric].Scale;
    }
}
