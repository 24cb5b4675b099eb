using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>Fits calibrations on predictions of rows that the predictor has not seen.</summary>
public static class Calibrating
{
    private const int IsotonicUnits = 1_000, IsotonicPerClass = 100, Parts = 5;

    /// <summary>The calibration that the rows support, or null when it does not lower the log loss of units it was not fitted on by more than one standard error.</summary>
    /// <param name="labels">0 or 1 per row, in time order.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <param name="units">The row's unit; empty where each row is one by itself.</param>
    /// <remarks>Isotonic where each fit has 1,000 units, and 100 of them of each class; Platt below: what is judged is what is kept. Five parts of the units, by lot, are each judged by
    /// the fit on the other four, for what one unit does again says nothing of others; without units there are two parts, of alternating tenths of the time.</remarks>
    public static Calibration? Best(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, ReadOnlySpan<ulong> units = default)
    {
        if (labels.Length < 20) return null;
        double[] y = labels.ToArray(), p = predictions.ToArray();
        var of = units.IsEmpty ? [.. Enumerable.Range(0, y.Length).Select(i => (ulong)i)] : units.ToArray();
        int[][] parts = units.IsEmpty ? [Fold(y.Length, 0), Fold(y.Length, 1)] : [.. Enumerable.Range(0, Parts).Select(part => Part(of, (ulong)part))];
        int[][] others = [.. parts.Select((_, k) => (int[])[.. parts.Where((_, j) => j != k).SelectMany(rows => rows)])];
        var isotonic = others.All(rows => AllowsIsotonic(rows, y, of));
        Calibration? Fit(int[] rows)
        {
            double[] labelled = Array.ConvertAll(rows, i => y[i]), predicted = Array.ConvertAll(rows, i => p[i]);
            return isotonic ? Isotonic(labelled, predicted) : Platt(labelled, predicted);
        }
        var gains = new double[y.Length];
        for (var part = 0; part < parts.Length; part++)
        {
            if (Fit(others[part]) is not { } fit) return null;
            foreach (var i in parts[part]) gains[i] = Metrics.LogLoss(y[i], p[i]) - Metrics.LogLoss(y[i], fit.Apply(p[i]));
        }
        var gain = Spread.Of(gains, of);
        return gain.Mean > (gain.High - gain.Mean) / 1.96 ? Fit([.. Enumerable.Range(0, y.Length)]) : null;
    }

    /// <summary>Pool-adjacent-violators, linear between the centres of the blocks, clipped to [1/(n+2), 1 − 1/(n+2)].</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <remarks>Zadrozny &amp; Elkan 2002; the least-squares non-decreasing fit (Ayer et al. 1955).</remarks>
    public static IsotonicCalibration Isotonic(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var blocks = Blocks(labels, predictions);
        var edge = 1.0 / (labels.Length + 2);
        var (xs, ys) = (ImmutableArray.CreateBuilder<double>(), ImmutableArray.CreateBuilder<double>());
        foreach (var (x, y, _) in blocks)
        {
            if (xs.Count > 0 && !(x > xs[^1])) continue;
            xs.Add(x);
            ys.Add(Math.Clamp(y, edge, 1 - edge));
        }
        return new(xs.ToImmutable(), ys.ToImmutable());
    }

    /// <summary>σ(a·logit p + b) by maximum likelihood on Platt's smoothed targets; Platt 1999, Newton's method with halving.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <returns>Null when the rows do not rank: the slope would not be positive.</returns>
    public static PlattCalibration? Platt(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        double ones = 0;
        foreach (var y in labels) ones += y;
        double high = (ones + 1) / (ones + 2), low = 1 / (labels.Length - ones + 2);
        return Logistic(labels, predictions, high, low, intercept: true);
    }

    /// <summary>σ(a·logit p): one temperature 1/a.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    /// <returns>Null when the slope would not be positive.</returns>
    /// <remarks>Guo, Pleiss, Sun &amp; Weinberger 2017, for two classes.</remarks>
    public static PlattCalibration? Temperature(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions) =>
        Logistic(labels, predictions, 1, 0, intercept: false);

    /// <summary>The blocks of the isotonic fit: mean prediction, level, rows.</summary>
    /// <param name="labels">Any numbers.</param>
    /// <param name="predictions">One per row.</param>
    public static ImmutableArray<(double X, double Y, int Rows)> Blocks(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var (p, y) = (predictions.ToArray(), labels.ToArray());
        Array.Sort(p, y);
        var blocks = new List<(double X, double Y, int Rows)>();
        for (int i = 0, j; i < p.Length; i = j)
        {
            for (j = i + 1; j < p.Length && p[j] == p[i]; j++) { }
            var block = (X: p[i], Y: y.AsSpan(i, j - i).ToArray().Average(), Rows: j - i);
            while (blocks.Count > 0 && blocks[^1].Y >= block.Y)
            {
                var last = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                var n = last.Rows + block.Rows;
                block = ((last.X * last.Rows + block.X * block.Rows) / n, (last.Y * last.Rows + block.Y * block.Rows) / n, n);
            }
            blocks.Add(block);
        }
        return [.. blocks];
    }

    // Steps learn from how many units there are, not from how often each came.
    private static bool AllowsIsotonic(int[] rows, double[] labels, ulong[] units)
    {
        int Units(Func<int, bool> which) => rows.Where(which).Select(i => units[i]).Distinct().Count();
        return Units(_ => true) >= IsotonicUnits && Units(i => labels[i] > 0.5) >= IsotonicPerClass && Units(i => labels[i] <= 0.5) >= IsotonicPerClass;
    }

    // The upper half of a product with an odd number near 2^64/φ: as good as a lot, also for units that are counted up (Knuth, TAOCP 3, 6.4).
    private static int[] Part(ulong[] units, ulong part) => [.. Enumerable.Range(0, units.Length).Where(i => (unchecked(units[i] * 0x9E3779B97F4A7C15) >> 32) % Parts == part)];

    internal static int[] Fold(int rows, int fold) => [.. Enumerable.Range(0, rows).Where(i => i / Math.Max(1, rows / 10) % 2 == fold)];

    private static PlattCalibration? Logistic(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions, double high, double low, bool intercept)
    {
        var x = new double[labels.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var p = Math.Clamp(predictions[i], 1e-9, 1 - 1e-9);
            x[i] = Elementary.Log(p / (1 - p));
        }
        double a = 1, b = 0;
        for (var step = 0; step < 100; step++)
        {
            double ga = 0, gb = 0, haa = 1e-9, hab = 0, hbb = 1e-9;
            for (var i = 0; i < x.Length; i++)
            {
                var p = Elementary.Sigmoid(a * x[i] + b);
                var (g, h) = (p - (labels[i] > 0.5 ? high : low), p * (1 - p));
                (ga, gb, haa, hab, hbb) = (ga + g * x[i], gb + g, haa + h * x[i] * x[i], hab + h * x[i], hbb + h);
            }
            if (!intercept) (gb, hab, hbb) = (0, 0, 1);
            var det = haa * hbb - hab * hab;
            if (!(det > 0)) return null;
            double da = Math.Clamp((hbb * ga - hab * gb) / det, -2, 2), db = Math.Clamp((haa * gb - hab * ga) / det, -2, 2);
            (a, b) = (a - da, b - db);
            if (Math.Abs(da) + Math.Abs(db) < 1e-10) break;
        }
        return a > 0 && double.IsFinite(a) && double.IsFinite(b) ? new(a, b) : null;
    }
}
