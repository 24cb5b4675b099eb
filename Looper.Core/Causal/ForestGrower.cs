using Looper.Core.Numerics;

namespace Looper.Core.Causal;

/// <summary>Grows honest trees whose splits separate effects.</summary>
/// <remarks>The units that choose a tree's splits are copied side by side first: they are read once for every column and level, and among all units each would
/// lie in a place of its own.</remarks>
internal sealed class ForestGrower(ForestColumns columns, double[] w, double[] y, int mtry, int minLeaf, double minShare)
{
    private readonly int[] _order = new int[columns.Count];
    private readonly RankSums[] _ranks = new RankSums[ForestColumns.Ranks];
    private readonly byte[][] _rows = new byte[columns.Count][];
    private double[] _w = [], _y = [], _rho = [], _info = [];

    /// <summary>Sums over the units of one rank.</summary>
    private struct RankSums
    {
        public double Rho, Info;
        public int Count;
    }

    /// <summary>A tree with splits chosen on some units and leaves filled with others.</summary>
    public ForestTree Grow(int[] splitting, int[] honest, Philox random)
    {
        List<int> column = [-1], cut = [-1], left = [-1];
        for (var j = 0; j < _order.Length; j++) _order[j] = j; // not as the tree before left it: which one that was depends on the threads
        var rows = Gather(splitting);
        var pending = new Stack<(int Node, int From, int To)>([(0, 0, rows.Length)]);
        while (pending.TryPop(out var at))
        {
            var node = rows.AsSpan(at.From, at.To - at.From);
            var (j, c) = Best(node, random);
            if (j < 0) continue;
            var middle = at.From + Partition(node, _rows[j], c);
            (column[at.Node], cut[at.Node], left[at.Node]) = (j, c, column.Count);
            for (var side = 0; side < 2; side++) { column.Add(-1); cut.Add(-1); left.Add(-1); }
            pending.Push((left[at.Node] + 1, middle, at.To));
            pending.Push((left[at.Node], at.From, middle));
        }
        return Filled(new([.. column], [.. cut], [.. left], []), honest);
    }

    private int[] Gather(int[] units)
    {
        if (_w.Length < units.Length)
        {
            (_w, _y, _rho, _info) = (new double[units.Length], new double[units.Length], new double[units.Length], new double[units.Length]);
            for (var j = 0; j < _rows.Length; j++) _rows[j] = new byte[units.Length];
        }
        for (var i = 0; i < units.Length; i++) (_w[i], _y[i]) = (w[units[i]], y[units[i]]);
        for (var j = 0; j < _rows.Length; j++)
        {
            var (to, from) = (_rows[j], columns.Rows[j]);
            for (var i = 0; i < units.Length; i++) to[i] = from[units[i]];
        }
        return [.. Enumerable.Range(0, units.Length)];
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
        foreach (var i in rows) (meanW, meanY) = (meanW + _w[i], meanY + _y[i]);
        (meanW, meanY) = (meanW / n, meanY / n);
        foreach (var i in rows)
        {
            _info[i] = (_w[i] - meanW) * (_w[i] - meanW);
            (ww, wy) = (ww + _info[i], wy + (_w[i] - meanW) * (_y[i] - meanY));
        }
        if (!(ww > 1e-12)) return (-1, 0);
        var (tau, total) = (wy / ww, 0.0);
        foreach (var i in rows)
        {
            _rho[i] = (_w[i] - meanW) * (_y[i] - meanY - tau * (_w[i] - meanW));
            total += _rho[i];
        }
        var tries = Math.Clamp(random.PoissonCount(mtry), 1, columns.Count);
        var (best, found) = (1e-12, (-1, 0));
        for (var t = 0; t < tries; t++)
        {
            var pick = t + random.Below(columns.Count - t);
            (_order[t], _order[pick]) = (_order[pick], _order[t]);
            var (gain, cut) = BestCut(rows, _rows[_order[t]], total, ww);
            if (gain > best) (best, found) = (gain, (_order[t], cut));
        }
        return found;
    }

    private (double Gain, int Cut) BestCut(ReadOnlySpan<int> rows, byte[] ranks, double total, double ww)
    {
        Array.Clear(_ranks);
        var (rho, info) = (_rho, _info);
        foreach (var i in rows)
        {
            ref var of = ref _ranks[ranks[i]];
            of.Rho += rho[i];
            of.Info += info[i];
            of.Count++;
        }
        var least = Math.Max(minLeaf, (int)Math.Ceiling(minShare * rows.Length));
        var (best, cut, sum, seen, count) = (0.0, 0, 0.0, 0.0, 0);
        for (var r = 0; r < _ranks.Length && count < rows.Length; r++)
        {
            if (_ranks[r].Count == 0) continue;
            (sum, seen, count) = (sum + _ranks[r].Rho, seen + _ranks[r].Info, count + _ranks[r].Count);
            if (count < least || seen < minShare * ww) continue;
            if (rows.Length - count < least || ww - seen < minShare * ww) break;
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
