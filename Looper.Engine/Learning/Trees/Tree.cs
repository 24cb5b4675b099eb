using System.Collections.Immutable;

namespace Looper.Core.Learning.Trees;

/// <summary>One node of a tree. A leaf has <see cref="Left"/> = −1.</summary>
/// <param name="Feature">Column that decides; 0 on a leaf.</param>
/// <param name="Threshold">A number above it goes right; 0 on a leaf or a category split.</param>
/// <param name="Set">Index of the set of levels that go left, in words of <see cref="Tree.Sets"/>; −1 on a leaf or a number split.</param>
/// <param name="Left">Index of the left child, above this node's own; −1 on a leaf.</param>
/// <param name="Right">Index of the right child, above this node's own; −1 on a leaf.</param>
/// <param name="MissingLeft">Where a missing or unknown value goes.</param>
/// <param name="Value">What a leaf adds to the score; on a split, the value it would have as a leaf.</param>
/// <param name="Cover">Sum of the second derivatives of the training rows that passed.</param>
/// <param name="Gain">Fall of the training loss by this split; 0 on a leaf.</param>
public readonly record struct TreeNode(
    int Feature, double Threshold, int Set, int Left, int Right, bool MissingLeft, double Value, double Cover, double Gain)
{
    /// <summary>Whether this node ends a path.</summary>
    public bool IsLeaf => Left < 0;
}

/// <summary>A regression tree: node 0 is the root, children come after their parents.</summary>
/// <param name="Nodes">At least one.</param>
/// <param name="Sets">Sets of category levels, <see cref="SetWords"/> words each: bit k set sends level k left.</param>
public sealed record Tree(ImmutableArray<TreeNode> Nodes, ImmutableArray<ulong> Sets)
{
    /// <summary>Words of 64 levels in a set.</summary>
    public const int SetWords = 4;

    /// <summary>Index of the leaf that the row ends in.</summary>
    /// <param name="row">One value per column; for a category its level, NaN where missing or unknown.</param>
    public int LeafOf(ReadOnlySpan<double> row)
    {
        var index = 0;
        while (!Nodes[index].IsLeaf) index = GoesLeft(Nodes[index], row[Nodes[index].Feature]) ? Nodes[index].Left : Nodes[index].Right;
        return index;
    }

    /// <summary>Whether a value goes left at a split.</summary>
    /// <param name="node">A split of this tree.</param>
    /// <param name="value">A number, or the level of a category; NaN where missing or unknown.</param>
    public bool GoesLeft(in TreeNode node, double value)
    {
        if (double.IsNaN(value)) return node.MissingLeft;
        if (node.Set < 0) return value <= node.Threshold;
        var level = (int)value;
        return (Sets[node.Set * SetWords + (level >> 6)] >> (level & 63) & 1) == 1;
    }
}
