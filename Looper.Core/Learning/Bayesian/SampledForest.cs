using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>One sum of trees, each row's sum times the row's multiplier: trees are drawn one at a time given all others.</summary>
/// <remarks>Chipman, George and McCulloch 2010, Annals of Applied Statistics 4:266: grow, prune and change; the leaf's variance has a half-Cauchy
/// scale, as a mixture of inverse gammas (Makalic and Schmidt 2016).</remarks>
internal sealed class SampledForest
{
    private readonly SplitColumns _columns;
    private readonly double[] _times;
    private readonly ForestPrior _prior;
    private readonly Philox _random;
    private readonly SourceChances _chances;
    private readonly LeafSums[] _sums = new LeafSums[SampledTree.MostNodes];
    private readonly double[] _next = new double[SampledTree.MostNodes];
    private double _spread, _mixing = 1;

    public SampledForest(SplitColumns columns, double[] times, ForestPrior prior, Philox random)
    {
        (_columns, _times, _prior, _random, _chances, _spread) = (columns, times, prior, random, new(columns.Count), prior.LeafVariance);
        Trees = [.. Enumerable.Range(0, prior.Trees).Select(_ => new SampledTree(times.Length))];
    }

    public SampledTree[] Trees { get; }

    /// <summary>Draws every tree anew, then what they have in common.</summary>
    /// <param name="residuals">Labels minus the fits of all forests, kept so.</param>
    /// <param name="variance">Of the noise.</param>
    /// <param name="isSparse">Whether columns compete yet: first the trees must have found some.</param>
    public void Sweep(double[] residuals, double variance, bool isSparse)
    {
        foreach (var tree in Trees) Step(tree, residuals, variance);
        var (squares, leaves) = (0.0, 0);
        foreach (var tree in Trees)
            for (var node = 0; node < SampledTree.MostNodes; node++)
                if (tree.IsLeaf(node)) (squares, leaves) = (squares + tree.Value[node] * tree.Value[node], leaves + 1);
        _spread = (squares / 2 + 1 / _mixing) / GammaNumber.Of((leaves + 1) / 2.0, _random);
        _mixing = (1 / _spread + 1 / _prior.LeafVariance) / GammaNumber.Of(1, _random);
        if (isSparse) _chances.Update(_random);
    }

    private void Step(SampledTree tree, double[] residuals, double variance)
    {
        var proposal = TreeProposal.Draw(tree, _columns, _chances, _random);
        Array.Clear(_sums);
        var ranks = proposal.Source < 0 ? [] : _columns.Ranks[proposal.Source];
        var (left, right) = proposal.Kind == ProposalKind.Change ? Changed(tree, residuals, proposal, ranks) : Gather(tree, residuals, proposal, ranks);
        var gain = left.Evidence(_spread, variance) + right.Evidence(_spread, variance) - proposal.Kind switch
        {
            ProposalKind.Change => _sums[proposal.Left].Evidence(_spread, variance) + _sums[proposal.Right].Evidence(_spread, variance),
            _ => (left + right).Evidence(_spread, variance),
        };
        var isLarge = proposal.Kind == ProposalKind.Prune || Math.Min(left.Rows, right.Rows) >= ForestPrior.LeastRows;
        var isTaken = proposal.Kind != ProposalKind.None && isLarge
            && Math.Log(1 - _random.Uniform()) < proposal.LogRatio + (proposal.Kind == ProposalKind.Prune ? -gain : gain);
        Settle(tree, proposal, isTaken, left, right);
        for (var node = 0; node < SampledTree.MostNodes; node++) if (tree.IsLeaf(node)) _next[node] = _sums[node].Draw(_spread, variance, _random);
        Move(tree, residuals, proposal, isTaken, ranks);
        Array.Copy(_next, tree.Value, _next.Length);
    }

    // sums of every leaf; where one would be split, of its two sides
    private (LeafSums Left, LeafSums Right) Gather(SampledTree tree, double[] residuals, TreeProposal proposal, byte[] ranks)
    {
        var (leaf, times, value, sums) = (tree.Leaf, _times, tree.Value, _sums);
        var split = proposal.Kind == ProposalKind.Grow ? proposal.Target : -1;
        for (var i = 0; i < leaf.Length; i++)
        {
            int node = leaf[i], to = node;
            double c = times[i], r = residuals[i] + c * value[node];
            if (node == split) to = ranks[i] > proposal.Cut ? proposal.Right : proposal.Left;
            ref var sum = ref sums[to];
            sum = sum.With(c, r);
        }
        return proposal.Kind == ProposalKind.None ? default : (sums[proposal.Left], sums[proposal.Right]);
    }

    private (LeafSums Left, LeafSums Right) Changed(SampledTree tree, double[] residuals, TreeProposal proposal, byte[] ranks)
    {
        LeafSums left = default, right = default;
        for (var i = 0; i < tree.Leaf.Length; i++)
        {
            int node = tree.Leaf[i];
            double c = _times[i], r = residuals[i] + c * tree.Value[node];
            _sums[node] = _sums[node].With(c, r);
            if (node != proposal.Left && node != proposal.Right) continue;
            if (ranks[i] > proposal.Cut) right = right.With(c, r);
            else left = left.With(c, r);
        }
        return (left, right);
    }

    private void Settle(SampledTree tree, TreeProposal proposal, bool isTaken, LeafSums left, LeafSums right)
    {
        if (isTaken && proposal.Kind == ProposalKind.Grow)
        {
            tree.Split(proposal.Target, proposal.Source, proposal.Cut, proposal.Left, proposal.Right);
            _chances.Splits[proposal.Source]++;
            return;
        }
        if (proposal.Kind == ProposalKind.Grow || isTaken && proposal.Kind == ProposalKind.Prune) _sums[proposal.Target] = left + right;
        if (!isTaken) return;
        _chances.Splits[tree.Source[proposal.Target]]--;
        if (proposal.Kind == ProposalKind.Prune)
        {
            tree.Join(proposal.Target);
            return;
        }
        _chances.Splits[proposal.Source]++;
        (tree.Source[proposal.Target], tree.Cut[proposal.Target]) = (proposal.Source, proposal.Cut);
        (_sums[proposal.Left], _sums[proposal.Right]) = (left, right);
    }

    private void Move(SampledTree tree, double[] residuals, TreeProposal proposal, bool isTaken, byte[] ranks)
    {
        var (leaf, times, value, next) = (tree.Leaf, _times, tree.Value, _next);
        for (var i = 0; i < leaf.Length; i++)
        {
            int node = leaf[i], to = node;
            if (isTaken && proposal.Moves(node))
                leaf[i] = (byte)(to = proposal.Kind == ProposalKind.Prune ? proposal.Target : ranks[i] > proposal.Cut ? proposal.Right : proposal.Left);
            residuals[i] += times[i] * (value[node] - next[to]);
        }
    }
}
