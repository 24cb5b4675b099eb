using System.Collections.Immutable;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning.Bayesian;

/// <summary>Trees of the kept draws: their mean is itself a sum of trees.</summary>
internal sealed class DrawnTrees(SplitColumns columns)
{
    private readonly ImmutableArray<Tree>.Builder _trees = ImmutableArray.CreateBuilder<Tree>();
    private double _constant;

    /// <summary>Keeps a draw.</summary>
    /// <param name="forest">Its trees.</param>
    /// <param name="share">What its values count.</param>
    public void Add(SampledTree[] forest, double share)
    {
        foreach (var tree in forest)
        {
            if (tree.IsLeaf(0)) _constant += share * tree.Value[0];
            else _trees.Add(Of(tree, share));
        }
    }

    /// <summary>The sum of all that was kept.</summary>
    /// <param name="start">Added to it.</param>
    public TreeEnsemble Ensemble(double start) => new(Objective.Squared, [start + _constant], _trees.ToImmutable(), columns.Levels);

    private Tree Of(SampledTree tree, double share)
    {
        var (nodes, sets) = (new List<TreeNode>(), new List<ulong>());
        Write(0);
        return new([.. nodes], [.. sets]);

        int Write(int node)
        {
            var at = nodes.Count;
            nodes.Add(new(0, 0, -1, -1, -1, false, share * tree.Value[node], 0, 0));
            if (tree.IsLeaf(node)) return at;
            var source = tree.Source[node];
            var (column, level) = columns.Sources[source];
            var set = level < 0 ? -1 : sets.Count / Tree.SetWords;
            for (var word = 0; level >= 0 && word < Tree.SetWords; word++) sets.Add(word == level >> 6 ? 1UL << (level & 63) : 0);
            int left = Write(tree.Left[node]), right = Write(tree.Right[node]);
            nodes[at] = new(column, level < 0 ? columns.ThresholdOf(source, tree.Cut[node]) : 0, set, left, right, level < 0, 0, 0, 0);
            return at;
        }
    }
}
