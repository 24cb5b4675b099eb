using System.Numerics;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;

namespace Looper.Benchmarks.Serving;

/// <summary>Well-known ways to score the same trees one row at a time, each written as one would who wants it fast.</summary>
internal interface IOtherScorer
{
    /// <param name="row">Levels for categories; NaN where missing.</param>
    double Score(ReadOnlySpan<double> row);
}

/// <summary>Objects that point at each other.</summary>
internal sealed class NodeObjects(TreeEnsemble ensemble) : IOtherScorer
{
    private readonly Node[] _roots = [.. ensemble.Trees.Select(t => Of(t, 0))];

    public double Score(ReadOnlySpan<double> row)
    {
        var sum = ensemble.Start[0];
        foreach (var root in _roots)
        {
            var node = root;
            while (node.Left is not null)
            {
                var value = row[node.Feature];
                var left = double.IsNaN(value) ? node.MissingLeft
                    : node.Set is null ? value <= node.Threshold
                    : (node.Set[(int)value >> 6] >> ((int)value & 63) & 1) == 1;
                node = left ? node.Left : node.Right!;
            }
            sum += node.Value;
        }
        return sum;
    }

    private static Node Of(Tree tree, int index)
    {
        var node = tree.Nodes[index];
        return new()
        {
            Feature = node.Feature, Threshold = node.Threshold, MissingLeft = node.MissingLeft, Value = node.Value,
            Set = node.Set < 0 ? null : [.. tree.Sets.Skip(node.Set * Tree.SetWords).Take(Tree.SetWords)],
            Left = node.IsLeaf ? null : Of(tree, node.Left), Right = node.IsLeaf ? null : Of(tree, node.Right),
        };
    }

    private sealed class Node
    {
        public int Feature;
        public double Threshold, Value;
        public bool MissingLeft;
        public ulong[]? Set;
        public Node? Left, Right;
    }
}

/// <summary>All nodes of all trees in one array, walked with branches.</summary>
internal sealed class FlatArrays : IOtherScorer
{
    private readonly double _start;
    private readonly int[] _roots;
    private readonly Node[] _nodes;
    private readonly ulong[] _sets;

    public FlatArrays(TreeEnsemble ensemble)
    {
        _start = ensemble.Start[0];
        _roots = new int[ensemble.Trees.Length];
        var (nodes, sets) = (new List<Node>(), new List<ulong>());
        for (var t = 0; t < _roots.Length; t++)
        {
            var (first, firstSet) = (_roots[t] = nodes.Count, sets.Count);
            foreach (var node in ensemble.Trees[t].Nodes)
            {
                nodes.Add(new()
                {
                    Threshold = node.IsLeaf ? node.Value : node.Threshold, Feature = node.IsLeaf ? -1 : node.Feature, Left = first + node.Left, Right = first + node.Right,
                    Set = node.Set < 0 ? -1 : firstSet + node.Set * Tree.SetWords, MissingLeft = node.MissingLeft,
                });
            }
            sets.AddRange(ensemble.Trees[t].Sets);
        }
        (_nodes, _sets) = ([.. nodes], [.. sets]);
    }

    public double Score(ReadOnlySpan<double> row)
    {
        var sum = _start;
        foreach (var root in _roots)
        {
            ref readonly var node = ref _nodes[root];
            while (node.Feature >= 0)
            {
                var value = row[node.Feature];
                var left = double.IsNaN(value) ? node.MissingLeft
                    : node.Set < 0 ? value <= node.Threshold
                    : (_sets[node.Set + ((int)value >> 6)] >> ((int)value & 63) & 1) == 1;
                node = ref _nodes[left ? node.Left : node.Right];
            }
            sum += node.Threshold;
        }
        return sum;
    }

    private struct Node
    {
        public double Threshold;
        public int Feature, Left, Right, Set;
        public bool MissingLeft;
    }
}

/// <summary>QuickScorer: Lucchese et al. 2015 (SIGIR, algorithm 1). A split that is false clears the leaves of its left side from the tree's
/// mask; the leaf is the first that is left. Splits of a number stand by threshold, so that the loop ends at the first true one.</summary>
/// <remarks>Trees of up to 64 leaves. Categories, and missing values, have a list of the false splits of each level.</remarks>
internal sealed class QuickScorer : IOtherScorer
{
    private readonly double _start;
    private readonly double[] _leaves;
    private readonly int _trees;
    private readonly double[][] _thresholds;
    private readonly Cut[][] _cuts;
    private readonly Cut[][][] _byLevel;
    private readonly Cut[][] _missing;
    private readonly ulong[] _masks;

    public QuickScorer(TreeEnsemble ensemble)
    {
        (_start, _trees) = (ensemble.Start[0], ensemble.Trees.Length);
        (_leaves, _masks) = (new double[_trees * 64], new ulong[_trees]);
        var columns = ensemble.Levels.Length;
        var splits = Enumerable.Range(0, columns).Select(_ => new List<(TreeNode Node, Tree Tree, Cut Cut)>()).ToArray();
        for (var t = 0; t < _trees; t++) Lay(ensemble.Trees[t], t, 0, 0, splits);
        (_thresholds, _cuts, _byLevel, _missing) = (new double[columns][], new Cut[columns][], new Cut[columns][][], new Cut[columns][]);
        for (var j = 0; j < columns; j++)
        {
            var ordered = splits[j].OrderBy(s => s.Node.Threshold).ToList();
            _missing[j] = [.. ordered.Where(s => !s.Node.MissingLeft).Select(s => s.Cut)];
            _cuts[j] = [.. ordered.Select(s => s.Cut)];
            _thresholds[j] = [.. ordered.Select(s => s.Node.Threshold)];
            var levels = ensemble.Levels[j].IsDefault ? 0 : ensemble.Levels[j].DefaultIfEmpty((short)-1).Max() + 1;
            _byLevel[j] = [.. Enumerable.Range(0, levels).Select(level => ordered.Where(s => !s.Tree.GoesLeft(s.Node, level)).Select(s => s.Cut).ToArray())];
        }
    }

    public double Score(ReadOnlySpan<double> row)
    {
        var masks = _masks;
        Array.Fill(masks, ulong.MaxValue);
        for (var j = 0; j < row.Length; j++)
        {
            var value = row[j];
            if (double.IsNaN(value)) Clear(_missing[j], masks);
            else if (_byLevel[j].Length > 0) Clear(_byLevel[j][(int)value], masks);
            else
            {
                var (thresholds, cuts) = (_thresholds[j], _cuts[j]);
                for (var i = 0; i < thresholds.Length && value > thresholds[i]; i++) masks[cuts[i].Tree] &= cuts[i].Mask;
            }
        }
        var sum = _start;
        for (var t = 0; t < masks.Length; t++) sum += _leaves[(t * 64) + BitOperations.TrailingZeroCount(masks[t])];
        return sum;
    }

    private static void Clear(Cut[] cuts, ulong[] masks)
    {
        foreach (ref readonly var cut in cuts.AsSpan()) masks[cut.Tree] &= cut.Mask;
    }

    /// <returns>Leaves laid so far.</returns>
    private int Lay(Tree tree, int index, int node, int leaf, List<(TreeNode, Tree, Cut)>[] splits)
    {
        var here = tree.Nodes[node];
        if (here.IsLeaf)
        {
            _leaves[(index * 64) + leaf] = here.Value;
            return leaf + 1;
        }
        var middle = Lay(tree, index, here.Left, leaf, splits);
        var left = (middle - leaf == 64 ? ulong.MaxValue : (1UL << (middle - leaf)) - 1) << leaf;
        splits[here.Feature].Add((here, tree, new(index, ~left)));
        return Lay(tree, index, here.Right, middle, splits);
    }

    private readonly record struct Cut(int Tree, ulong Mask);
}
