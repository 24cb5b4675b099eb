namespace Looper.Core.Learning.Trees;

/// <summary>Grows one tree leaf by leaf, always cutting the leaf that gains most (Ke et al. 2017), until there are enough leaves or no gain.</summary>
/// <remarks>Only the smaller child's histogram is summed; the larger one's is the parent's less that. Sums are whole numbers and every
/// reduction runs in column order, so the tree is the same for any number of threads. Not thread safe: one grower, one fit.</remarks>
internal sealed class TreeGrower(BinnedRows binned, LearnerSettings settings, Workers workers)
{
    private const long HistogramBytes = 512L << 20;
    private const int WorthTasks = 2_048;
    private readonly RowOrder _order = new(binned, workers);
    private readonly Stack<Histogram> _free = new();
    private readonly Split[] _small = new Split[binned.Columns], _large = new Split[binned.Columns];
    private readonly int _histograms = (int)Math.Max(4, HistogramBytes / Histogram.BytesFor(binned.Blocks.Length));
    private int _held;

    /// <summary>Grows a tree on the given rows.</summary>
    /// <param name="gradients">Derivatives of every row.</param>
    /// <param name="rows">Rows of this tree, ascending.</param>
    /// <param name="allowed">Per column whether this tree may use it.</param>
    public GrownTree Grow(FixedGradients gradients, ReadOnlySpan<int> rows, bool[] allowed)
    {
        _order.Reset(rows);
        var finder = new SplitFinder(binned, settings, gradients);
        var tree = new GrownTree(gradients, _order);
        var root = tree.Root(settings, rows.Length);
        var leaves = new List<Leaf> { root };
        if (settings.Leaves > 1) Evaluate(finder, gradients, allowed, root, null, null);
        while (leaves.Count < settings.Leaves)
        {
            workers.Cancel.ThrowIfCancellationRequested();
            var at = Greatest(leaves);
            if (at < 0) break;
            var parent = leaves[at];
            var left = _order.Cut(parent, parent.Best);
            var (l, r) = tree.Cut(parent, left, settings);
            leaves[at] = l;
            leaves.Add(r);
            if (leaves.Count < settings.Leaves)
            {
                var (small, large) = l.Rows <= r.Rows ? (l, r) : (r, l);
                Evaluate(finder, gradients, allowed, small, large, parent.Histogram);
            }
            else Release(parent);
            parent.Histogram = null;
        }
        foreach (var leaf in leaves) Release(leaf);
        tree.Finish(leaves);
        return tree;
    }

    // Ties go to the node made first.
    private static int Greatest(List<Leaf> leaves)
    {
        var best = -1;
        for (var i = 0; i < leaves.Count; i++)
        {
            var gain = leaves[i].Best.Gain;
            if (!(gain > 0)) continue;
            if (best < 0 || gain > leaves[best].Best.Gain || (gain == leaves[best].Best.Gain && leaves[i].Node < leaves[best].Node)) best = i;
        }
        return best;
    }

    private void Evaluate(SplitFinder finder, FixedGradients gradients, bool[] allowed, Leaf small, Leaf? large, Histogram? parent)
    {
        var needed = 2 * Math.Max(1, settings.MinLeafRows);
        if ((large ?? small).Rows < needed)
        {
            if (parent is not null) Free(parent);
            return;
        }
        small.Histogram = Take();
        if (large is not null) large.Histogram = parent ?? Take();
        var task = (int block) =>
        {
            small.Histogram.Fill(block, binned, _order.Of(small), gradients);
            if (large is not null && parent is not null) large.Histogram!.Subtract(block, small.Histogram);
            else large?.Histogram!.Fill(block, binned, _order.Of(large), gradients);
            var last = Math.Min(binned.Columns, (block + 1) * BinnedRows.Width);
            for (var j = block * BinnedRows.Width; j < last; j++)
            {
                _small[j] = allowed[j] && small.Rows >= needed ? finder.Best(small, j) : default;
                _large[j] = large is not null && allowed[j] ? finder.Best(large, j) : default;
            }
        };
        if (small.Rows < WorthTasks && binned.Blocks.Length <= 4) for (var b = 0; b < binned.Blocks.Length; b++) task(b);
        else workers.Each(binned.Blocks.Length, task);
        small.Best = Best(_small);
        if (large is not null) large.Best = Best(_large);
        if (_held > _histograms || !small.Best.Exists) Release(small);
        if (large is not null && (_held > _histograms || !large.Best.Exists)) Release(large);
    }

    private static Split Best(Split[] splits)
    {
        var best = splits[0];
        for (var j = 1; j < splits.Length; j++) if (splits[j].Gain > best.Gain) best = splits[j];
        return best;
    }

    private Histogram Take()
    {
        _held++;
        return _free.TryPop(out var histogram) ? histogram : new(binned.Blocks.Length);
    }

    private void Free(Histogram histogram)
    {
        _held--;
        if (_free.Count < _histograms) _free.Push(histogram);
    }

    private void Release(Leaf leaf)
    {
        if (leaf.Histogram is { } histogram) Free(histogram);
        leaf.Histogram = null;
    }
}
