using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>Sums of a tree's leaves, and of the ranks of one source in the leaves that a step concerns: one addition a row, no branch.</summary>
/// <remarks>Every row adds to one place: its leaf's, or its rank's where its leaf is concerned. What a concerned leaf sums to is told by its ranks.</remarks>
internal sealed class TreeSums
{
    public const int Ranks = SampledTree.MostNodes + 1; // where they begin

    private const int Slots = Ranks + 256;
    private readonly Vector128<double>[] _sums = new Vector128<double>[Slots];

    /// <summary>Σr and rows of each rank.</summary>
    public Span<Vector128<double>> ByRank => _sums.AsSpan(Ranks);

    /// <summary>Of a leaf that no step concerns.</summary>
    public LeafSums Of(int leaf) => new(_sums[leaf]);

    /// <summary>Starts with no rows.</summary>
    /// <param name="nodes">Of the tree.</param>
    /// <param name="ranks">The greatest.</param>
    public void Clear(int nodes, int ranks)
    {
        Array.Clear(_sums, 0, nodes);
        Array.Clear(_sums, Ranks, ranks + 1);
    }

    /// <summary>Adds every row.</summary>
    /// <param name="leaf">Node of every row.</param>
    /// <param name="places">Of every node.</param>
    /// <param name="residuals">Without the tree: its leaf's value is added to what is given.</param>
    /// <param name="ranks">Of every row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a fit is over before the JIT, held up by it, has found all of this
    public void Add(byte[] leaf, NodePlace[] places, double[] residuals, byte[] ranks)
    {
        ref var sums = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref var place = ref MemoryMarshal.GetArrayDataReference(places);
        if (leaf.Length != residuals.Length || leaf.Length != ranks.Length) throw new ArgumentException("As many ranks as rows.", nameof(ranks));
        for (var i = 0; i < leaf.Length; i++)
        {
            ref var node = ref Unsafe.Add(ref place, leaf[i] & SampledTree.MostNodes);
            ref var sum = ref Unsafe.Add(ref sums, node.Start + (ranks[i] & node.Mask));
            sum += Vector128.Create(residuals[i] + node.Value, 1);
        }
    }
}

/// <summary>Where the rows of a node add to.</summary>
/// <param name="Value">Of the leaf.</param>
/// <param name="Start">The first place.</param>
/// <param name="Mask">255 where ranks count, 0 where not.</param>
internal readonly record struct NodePlace(double Value, int Start, int Mask);
