namespace Looper.Core.Learning.Trees;

/// <summary>A tree while and just after it grows: nodes with their cuts in bins, and which rows ended where.</summary>
internal sealed class GrownTree(FixedGradients gradients, RowOrder order)
{
    private readonly List<Split> _splits = [];
    private readonly List<(int Left, int Right, double Value, double Cover)> _nodes = [];

    public List<Leaf> Leaves { get; private set; } = [];

    public bool IsCut => _nodes.Count > 1;

    public Leaf Root(LearnerSettings settings, int rows)
    {
        long g = 0, h = 0;
        foreach (var row in order.All)
        {
            var word = gradients.Words[row];
            g += (int)word;
            h += (long)(word >> 32) + (1L << gradients.CountShift);
        }
        var value = -gradients.Gradient(g) / (gradients.Hessian(h) + settings.L2);
        return Add(new() { Node = 0, Start = 0, Rows = rows, Gradient = g, Hessian = h, Value = double.IsFinite(value) ? value : 0 });
    }

    /// <summary>Turns a leaf into a split with two leaves.</summary>
    public (Leaf Left, Leaf Right) Cut(Leaf parent, int leftRows, LearnerSettings settings)
    {
        var best = parent.Best;
        var (node, middle) = (_nodes.Count, (best.LeftValue + best.RightValue) / 2);
        var sign = settings.Monotone.Length > 0 ? settings.Monotone[best.Column] : 0;
        var left = new Leaf
        {
            Node = node, Start = parent.Start, Rows = leftRows, Gradient = best.LeftGradient, Hessian = best.LeftHessian, Value = best.LeftValue,
            Low = sign < 0 ? middle : parent.Low, High = sign > 0 ? middle : parent.High,
        };
        var right = new Leaf
        {
            Node = node + 1, Start = parent.Start + leftRows, Rows = parent.Rows - leftRows, Gradient = parent.Gradient - best.LeftGradient,
            Hessian = parent.Hessian - best.LeftHessian, Value = best.RightValue,
            Low = sign > 0 ? middle : parent.Low, High = sign < 0 ? middle : parent.High,
        };
        _nodes[parent.Node] = _nodes[parent.Node] with { Left = node, Right = node + 1 };
        _splits[parent.Node] = best;
        return (Add(left), Add(right));
    }

    public void Finish(List<Leaf> leaves) => Leaves = leaves;

    /// <summary>Sets what a leaf adds to the score, in place of its Newton step.</summary>
    public void Renew(Leaf leaf, double value) => _nodes[leaf.Node] = _nodes[leaf.Node] with { Value = value };

    public double ValueOf(Leaf leaf) => _nodes[leaf.Node].Value;

    public ReadOnlySpan<int> RowsOf(Leaf leaf) => order.Of(leaf.Start, leaf.Rows);

    /// <summary>The value of the leaf that a binned row ends in.</summary>
    public double ValueAt(BinnedRows binned, int row)
    {
        var node = 0;
        while (_nodes[node].Left > 0)
            node = _splits[node].GoesLeft(binned.BinOf(row, _splits[node].Column)) ? _nodes[node].Left : _nodes[node].Right;
        return _nodes[node].Value;
    }

    /// <summary>The tree in terms of values rather than bins.</summary>
    /// <param name="bins">The bins it grew on.</param>
    /// <param name="rate">Factor on every value.</param>
    public Tree ToTree(ColumnBins[] bins, double rate)
    {
        var sets = new List<ulong>();
        var nodes = new TreeNode[_nodes.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            var (left, right, value, cover) = _nodes[i];
            var split = _splits[i];
            if (left < 0) nodes[i] = new(0, 0, -1, -1, -1, false, value * rate, cover, 0);
            else if (split.Bin < 0)
            {
                nodes[i] = new(split.Column, 0, sets.Count / Tree.SetWords, left, right, split.MissingLeft, value * rate, cover, split.Gain);
                for (var w = 0; w < Tree.SetWords; w++) sets.Add(split.Set[w]);
            }
            else
            {
                // the last bin has no upper end: every number goes left, only missing goes right
                var cuts = bins[split.Column].Cuts;
                var threshold = split.Bin <= cuts.Length ? cuts[split.Bin - 1] : double.MaxValue;
                nodes[i] = new(split.Column, threshold, -1, left, right, split.MissingLeft, value * rate, cover, split.Gain);
            }
        }
        return new([.. nodes], [.. sets]);
    }

    private Leaf Add(Leaf leaf)
    {
        _nodes.Add((-1, -1, leaf.Value, gradients.Hessian(leaf.Hessian)));
        _splits.Add(default);
        return leaf;
    }
}
