using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>The settings that a search tries: points spread over the ranges of a <see cref="SearchSpace"/>, then steps around the best so far.</summary>
internal sealed class SearchPlan(SearchSpace space, LearnerSettings settings, long seed)
{
    private const int Parts = 5;

    /// <summary>The i-th of the starting points. They fill the ranges evenly: an additive recurrence on the powers of the generalised golden
    /// ratio (Roberts 2018), shifted by the seed.</summary>
    public LearnerSettings Start(int index)
    {
        const double Golden = 1.1673039782614187; // the root of x⁶ = x + 1
        Span<double> at = stackalloc double[Parts];
        var random = new Philox(seed, "search");
        for (var k = 0; k < Parts; k++) at[k] = (random.Uniform() + (index + 1) * Math.Pow(Golden, -(k + 1))) % 1;
        return At(at);
    }

    /// <summary>A step from a point: normal in every part, half as wide with every six steps.</summary>
    public LearnerSettings Near(LearnerSettings best, int step)
    {
        Span<double> at = stackalloc double[Parts];
        Place(best, at);
        var random = new Philox(seed, "search step", step);
        var width = 0.2 * Math.Pow(0.5, step / 6);
        for (var k = 0; k < Parts; k++) at[k] = Math.Clamp(at[k] + width * random.Normal(), 0, 1);
        return At(at);
    }

    private LearnerSettings At(ReadOnlySpan<double> at) => space.Fixed(settings with
    {
        LearningRate = Log(0.02, 0.2, at[0]), Leaves = (int)Math.Round(Log(8, 127, at[1])), MinLeafRows = (int)Math.Round(Log(5, 200, at[2])),
        L2 = Log(0.01, 100, at[3]), FeatureFraction = 0.4 + 0.6 * at[4], Patience = 50,
    });

    private static void Place(LearnerSettings s, Span<double> at)
    {
        (at[0], at[1], at[2]) = (Share(0.02, 0.2, s.LearningRate), Share(8, 127, s.Leaves), Share(5, 200, s.MinLeafRows));
        (at[3], at[4]) = (Share(0.01, 100, s.L2), Math.Clamp((s.FeatureFraction - 0.4) / 0.6, 0, 1));
    }

    private static double Log(double low, double high, double share) => low * Math.Pow(high / low, share);

    private static double Share(double low, double high, double value) => Math.Clamp(Math.Log(Math.Max(value, low) / low) / Math.Log(high / low), 0, 1);
}
