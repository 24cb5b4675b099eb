using Looper.Core.Numerics;

namespace Looper.Core.Causal;

/// <summary>Grows honest trees whose splits separate effects.</summary>
internal sealed class ForestGrower(ForestColumns columns, double[] w, double[] y, int mtry, int minLeaf, double minShare)
{
    private readonly double[] _rho = new double[w.Length];
    private readonly double[] _sum = new double[ForestColumns.Ranks], _info = new double[ForestColumns.Ranks];
    private readonly int[] _count = new int[ForestColumns.Ranks];
    private readonly int[] _order = [.. Enumerable.Range(0, columns.Count)];

    /// <summary>A tree with splits chosen on some units and leaves filled with others.</summary>
    public ForestTree Grow(int[] splitting, int[] honest, Philox random)
    {
        List<int> column = [-1], cut = [-1], left = [-1];
        var pending = new Stack<(int Node, int From, int To)>([(0, 0, splitting.Length)]);
        while (pending.TryPop(out var at))
        {
            var node = splitting.AsSpan(at.From, at.To - at.From);
            var (j, c) = Best(node, random);
            if (j < 0) continue;
            var middle = at.From + Partition(node, columns.Rows[j], c);
            (column[at.Node], cut[at.Node], left[at.Node]) = (j, c, column.Count);
            for (var side = 0; side < 2; side++) { column.Add(-1); cut.Add(-1); left.Add(-1); }
            pending.Push((left[at.Node] + 1, middle, at.To));
            pending.Push((left[at.Node], at.From, middle));
        }
        return Filled(new([.. column], [.. cut], [.. left], []), honest);
    }

    private static int Partition(Span<int> rows, byte[] ranks, int cut)
    {
        var (low, high) = (0, rows.Length);
        while (low < high)
        {
            if (ranks[rows[low]] <= cut) low++;
            else
            {
                high--;
                (rows[low], rows[high]) = (rows[high], rows[low]);
            }
        }
        return low;
    }

    // the split that maximises Σ over children of (Σρ)²/n, ρ the gradient of the effect's estimating equation (Athey, Tibshirani & Wager 2019)
    private (int Column, int Cut) Best(ReadOnlySpan<int> rows, Philox random)
    {
        var n = rows.Length;
        if (n < 2 * minLeaf) return (-1, 0);
        double meanW = 0, meanY = 0, ww = 0, wy = 0;
        foreach (var i in rows) (meanW, meanY) = (meanW + w[i], meanY + y[i]);
        (meanW, meanY) = (meanW / n, meanY / n);
        foreach (var i in rows) (ww, wy) = (ww + (w[i] - meanW) * (w[i] - meanW), wy + (w[i] - meanW) * (y[i] - meanY));
        if (!(ww > 1e-12)) return (-1, 0);
        var tau = wy / ww;
        foreach (var i in rows) _rho[i] = (w[i] - meanW) * (y[i] - meanY - tau * (w[i] - meanW));
        var tries = Math.Clamp(random.PoissonCount(mtry), 1, columns.Count);
        var (best, found) = (1e-12, (-1, 0));
        for (var t = 0; t < tries; t++)
        {
            var pick = t + random.Below(columns.Count - t);
            (_order[t], _order[pick]) = (_order[pick], _order[t]);
            var (gain, cut) = BestCut(rows, columns.Rows[_order[t]], meanW, ww);
            if (gain > best) (best, found) = (gain, (_order[t], cut));
        }
        return found;
    }

    private (double Gain, int Cut) BestCut(ReadOnlySpan<int> rows, byte[] ranks, double meanW, double ww)
    {
        Array.Clear(_sum);
        Array.Clear(_info);
        Array.Clear(_count);
        var (total, lowest, highest) = (0.0, ForestColumns.Ranks, 0);
        foreach (var i in rows)
        {
            int r = ranks[i];
            _sum[r] += _rho[i];
            _info[r] += (w[i] - meanW) * (w[i] - meanW);
            _count[r]++;
            total += _rho[i];
            if (r < lowest) lowest = r;
            if (r > highest) highest = r;
        }
        var least = Math.Max(minLeaf, (int)Math.Ceiling(minShare * rows.Length));
        var (best, cut, sum, info, count) = (0.0, 0, 0.0, 0.0, 0);
        for (var r = lowest; r < highest; r++)
        {
            if (_count[r] == 0) continue;
            (sum, info, count) = (sum + _sum[r], info + _info[r], count + _count[r]);
            if (count < least || info < minShare * ww) continue;
            if (rows.Length - count < least || ww - info < minShare * ww) break;
            var gain = sum * sum / count + (total - sum) * (total - sum) / (rows.Length - count);
            if (gain > best) (best, cut) = (gain, r);
        }
        return (best, cut);
    }

    private ForestTree Filled(ForestTree tree, int[] honest)
    {
        var (sums, counts) = (new LeafMeans[tree.Column.Length], new int[tree.Column.Length]);
        foreach (var i in honest)
        {
            var node = 0;
            while (tree.Column[node] >= 0) node = columns.Rows[tree.Column[node]][i] <= tree.Cut[node] ? tree.Left[node] : tree.Left[node] + 1;
            sums[node] += new LeafMeans(w[i], y[i], w[i] * y[i], w[i] * w[i]);
            counts[node]++;
        }
        var leaves = new List<LeafMeans>();
        for (var node = 0; node < counts.Length; node++)
        {
            if (tree.Column[node] >= 0 || counts[node] == 0) continue;
            tree.Cut[node] = leaves.Count;
            leaves.Add(sums[node] * (1.0 / counts[node]));
        }
        return tree with { Leaves = [.. leaves] };
    }
}
