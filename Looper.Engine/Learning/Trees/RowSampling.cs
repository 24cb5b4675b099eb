using Looper.Core.Numerics;

namespace Looper.Core.Learning.Trees;

/// <summary>Which rows and columns a tree sees.</summary>
internal sealed class RowSampling(LearnerSettings settings, double[]? weights, int rows, long seed)
{
    private const int GossFrom = 200_000, Buckets = 65_536;
    private const double TopShare = 0.2, DrawnShare = 0.1;
    private readonly int[] _all = [.. Enumerable.Range(0, rows).Where(i => weights is null || weights[i] > 0)];
    private readonly List<int> _drawn = [];

    /// <summary>Whether every tree sees every row that has weight.</summary>
    public bool TakesAll => settings.RowFraction >= 1 && !UsesGoss && _all.Length == rows;

    private bool UsesGoss => settings.Goss && rows > GossFrom;

    /// <summary>The rows of one tree, ascending; with one-side sampling also scales the derivatives of the drawn rows.</summary>
    public ReadOnlySpan<int> Rows(int tree, double[] g, double[] h)
    {
        if (UsesGoss) return Goss(tree, g, h);
        if (settings.RowFraction >= 1) return _all;
        var random = new Philox(seed, "rows", tree);
        _drawn.Clear();
        foreach (var row in _all) if (random.Uniform() < settings.RowFraction) _drawn.Add(row);
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_drawn);
    }

    /// <summary>The columns of one tree: the given share of those that vary, at least one.</summary>
    public bool[] Columns(int tree, bool[] varies)
    {
        var useful = Enumerable.Range(0, varies.Length).Where(j => varies[j]).ToArray();
        var random = new Philox(seed, "columns", tree);
        random.Shuffle(useful.AsSpan());
        var allowed = new bool[varies.Length];
        foreach (var j in useful.Take(Math.Max(1, (int)Math.Round(settings.FeatureFraction * useful.Length)))) allowed[j] = true;
        return allowed;
    }

    // Keep the rows with the largest gradients, draw from the others and let those stand for the rest (Ke et al. 2017, algorithm 2).
    private ReadOnlySpan<int> Goss(int tree, double[] g, double[] h)
    {
        var greatest = 0.0;
        foreach (var row in _all) greatest = Math.Max(greatest, Math.Abs(g[row]));
        if (!(greatest > 0)) return _all;
        var counts = new int[Buckets];
        int Bucket(double x) => (int)(Math.Abs(x) / greatest * (Buckets - 1));
        foreach (var row in _all) counts[Bucket(g[row])]++;
        int threshold = Buckets - 1, kept = counts[threshold];
        while (threshold > 0 && kept < TopShare * _all.Length) kept += counts[--threshold];
        var random = new Philox(seed, "rows", tree);
        double chance = Math.Min(1, DrawnShare * _all.Length / Math.Max(1, _all.Length - kept)), scale = 1 / chance;
        _drawn.Clear();
        foreach (var row in _all)
        {
            if (Bucket(g[row]) < threshold)
            {
                if (random.Uniform() >= chance) continue;
                (g[row], h[row]) = (g[row] * scale, h[row] * scale);
            }
            _drawn.Add(row);
        }
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_drawn);
    }
}
