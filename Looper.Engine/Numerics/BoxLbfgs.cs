namespace Looper.Core.Numerics;

/// <summary>A function of several numbers with its gradient.</summary>
/// <param name="x">Where.</param>
/// <param name="gradient">Receives ∂f/∂x, as long as <paramref name="x"/>.</param>
/// <returns>f(x); NaN or +∞ where it does not exist (a minimiser steps back from there).</returns>
public delegate double Differentiable(ReadOnlySpan<double> x, Span<double> gradient);

/// <summary>Minimises a smooth function inside a box by limited-memory quasi-Newton steps along the projected path.</summary>
/// <remarks>The set of bounds that hold and are pushed against stays fixed within an iteration; the two-loop recursion (Nocedal 1980)
/// works on the free coordinates; the step is projected onto the box and halved until Armijo's condition holds along the projected path
/// (Bertsekas 1982; Kim, Sra &amp; Dhillon 2010). Unlike Byrd, Lu, Nocedal &amp; Zhu 1995 no Cauchy point is sought: with tens of
/// coordinates at most, and values that cost microseconds, that saves nothing. Deterministic.</remarks>
public static class BoxLbfgs
{
    private const int Memory = 10;

    /// <summary>Descends from a point.</summary>
    /// <param name="function">What to minimise.</param>
    /// <param name="x">Start, moved into the box; overwritten by the best point found.</param>
    /// <param name="low">Lower bounds.</param>
    /// <param name="high">Upper bounds, none below <paramref name="low"/>.</param>
    /// <param name="steps">Iterations at most.</param>
    /// <param name="tolerance">Ends when no coordinate of the projected gradient is larger, or when a step gains less than this squared,
    /// relatively.</param>
    /// <returns>The least value found, at <paramref name="x"/>; NaN when it does not exist at the start.</returns>
    public static double Minimize(Differentiable function, Span<double> x, ReadOnlySpan<double> low, ReadOnlySpan<double> high, int steps, double tolerance = 1e-7)
    {
        var n = x.Length;
        double[] gradient = new double[n], next = new double[n], nextGradient = new double[n], direction = new double[n];
        var pairs = new List<(double[] S, double[] Y, double Rho)>(Memory + 1);
        for (var i = 0; i < n; i++) x[i] = Math.Clamp(x[i], low[i], high[i]);
        var value = function(x, gradient);
        if (!double.IsFinite(value)) return double.NaN;
        for (var step = 0; step < steps; step++)
        {
            var free = new bool[n];
            var largest = 0.0;
            for (var i = 0; i < n; i++)
            {
                free[i] = !(x[i] <= low[i] && gradient[i] > 0 || x[i] >= high[i] && gradient[i] < 0);
                if (free[i]) largest = Math.Max(largest, Math.Abs(gradient[i]));
            }
            if (!(largest > tolerance)) break;
            Direction(gradient, free, pairs, direction);
            var slope = Vectors.Dot(direction, gradient);
            if (!(slope < 0))
            {
                pairs.Clear();
                Direction(gradient, free, pairs, direction);
            }
            var length = pairs.Count > 0 ? 1 : Math.Min(1, 0.1 / largest);
            var found = double.NaN;
            for (var halving = 0; halving < 30; halving++, length /= 2)
            {
                var descent = 0.0;
                for (var i = 0; i < n; i++)
                {
                    next[i] = Math.Clamp(x[i] + length * direction[i], low[i], high[i]);
                    descent += gradient[i] * (next[i] - x[i]);
                }
                var candidate = function(next, nextGradient);
                if (!(candidate <= value + 1e-4 * descent) || !(descent < 0)) continue;
                found = candidate;
                break;
            }
            if (double.IsNaN(found))
            {
                if (pairs.Count == 0) break;
                pairs.Clear(); // a stale curvature may have spoiled the direction: once more, straight down
                continue;
            }
            Remember(x, next, gradient, nextGradient, pairs);
            var gain = value - found;
            next.CopyTo(x);
            (gradient, nextGradient, value) = (nextGradient, gradient, found);
            if (gain <= tolerance * tolerance * Math.Max(1, Math.Abs(value))) break;
        }
        return value;
    }

    private static void Direction(double[] gradient, bool[] free, List<(double[] S, double[] Y, double Rho)> pairs, double[] direction)
    {
        for (var i = 0; i < direction.Length; i++) direction[i] = free[i] ? -gradient[i] : 0;
        if (pairs.Count == 0) return;
        var weights = new double[pairs.Count];
        for (var p = pairs.Count - 1; p >= 0; p--)
        {
            weights[p] = pairs[p].Rho * Vectors.Dot(pairs[p].S, direction);
            Vectors.AddScaled(direction, -weights[p], pairs[p].Y);
        }
        var (_, y, rho) = pairs[^1];
        var scale = 1 / (rho * Vectors.Dot(y, y));
        for (var i = 0; i < direction.Length; i++) direction[i] *= scale;
        for (var p = 0; p < pairs.Count; p++)
            Vectors.AddScaled(direction, weights[p] - pairs[p].Rho * Vectors.Dot(pairs[p].Y, direction), pairs[p].S);
        for (var i = 0; i < direction.Length; i++)
            if (!free[i]) direction[i] = 0;
    }

    private static void Remember(ReadOnlySpan<double> x, double[] next, double[] gradient, double[] nextGradient, List<(double[] S, double[] Y, double Rho)> pairs)
    {
        double[] s = new double[next.Length], y = new double[next.Length];
        for (var i = 0; i < s.Length; i++) (s[i], y[i]) = (next[i] - x[i], nextGradient[i] - gradient[i]);
        var curvature = Vectors.Dot(s, y);
        if (!(curvature > 1e-12 * Vectors.Dot(y, y))) return;
        if (pairs.Count == Memory) pairs.RemoveAt(0);
        pairs.Add((s, y, 1 / curvature));
    }
}
