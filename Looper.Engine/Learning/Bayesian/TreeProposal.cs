using System.Runtime.CompilerServices;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

internal enum ProposalKind
{
    None,
    Grow,
    Prune,
    Change,
}

/// <summary>A step that a tree may take.</summary>
/// <param name="Target">Leaf to be split, or split to be taken back or asked otherwise.</param>
/// <param name="Left">Left child, there or to be.</param>
/// <param name="Right">Right child.</param>
/// <param name="Source">Of the new split, its cut to be drawn by what the rows say; −1 for none.</param>
/// <param name="LogRatio">Prior odds and chance of the way back over that of the way there. Sources are proposed as the prior draws them, so the
/// source itself drops out.</param>
internal readonly record struct TreeProposal(ProposalKind Kind, int Target, int Left, int Right, int Source, double LogRatio)
{
    private const double Either = 0.4; // grow, and prune; the rest changes. A root alone always grows.

    public bool Moves(int leaf) => Kind == ProposalKind.Grow ? leaf == Target : leaf == Left || leaf == Right;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TreeProposal Draw(SampledTree tree, SourceChances chances, Philox random)
    {
        Span<int> leaves = stackalloc int[tree.End], last = stackalloc int[tree.End];
        int leafCount = 0, lastCount = 0;
        for (var node = 0; node < tree.End; node++)
        {
            if (tree.IsLeaf(node)) leaves[leafCount++] = node;
            else if (tree.IsLast(node)) last[lastCount++] = node;
        }
        var u = leafCount == 1 ? 0 : random.Uniform();
        if (u < Either)
        {
            var leaf = leaves[random.Below(leafCount)];
            int left = tree.FreeAfter(0), right = left < 0 ? -1 : tree.FreeAfter(left);
            if (right < 0) return new(ProposalKind.None, 0, 0, 0, -1, 0);
            var after = lastCount + (tree.Parent[leaf] is >= 0 and var parent && tree.IsLast(parent) ? 0 : 1);
            var way = Math.Log(Either / after * leafCount / (leafCount == 1 ? 1 : Either));
            var source = chances.Draw(random);
            return new(ProposalKind.Grow, leaf, left, right, source, ForestPrior.LogOdds(tree.Depth[leaf]) + way);
        }
        var target = last[random.Below(lastCount)];
        var (l, r) = (tree.Left[target], tree.Right[target]);
        if (u < 2 * Either)
        {
            var way = Math.Log((leafCount == 2 ? 1 : Either) / (leafCount - 1) * lastCount / Either);
            return new(ProposalKind.Prune, target, l, r, -1, way - ForestPrior.LogOdds(tree.Depth[target]));
        }
        return new(ProposalKind.Change, target, l, r, chances.Draw(random), 0);
    }
}
