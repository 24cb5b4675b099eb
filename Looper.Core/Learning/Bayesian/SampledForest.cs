using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>One sum of trees, each row's sum times the row's multiplier: trees are drawn one at a time given all others.</summary>
/// <remarks>Chipman, George and McCulloch 2010, Annals of Applied Statistics 4:266: grow, prune and change; the leaf's variance has a half-Cauchy
/// scale, as a mixture of inverse gammas (Makalic and Schmidt 2016). A source is proposed as the prior draws it, its cut as the rows say given
/// the source; the cut's prior chance times its gain over the chance of its draw is the mean gain over the source's cuts, which is what a step is
/// accepted by. Cuts drawn blindly are refused so often that chains stay where they started.</remarks>
internal sealed class SampledForest
{
    private readonly SplitColumns _columns;
    private readonly double[] _times;
    private readonly ForestPrior _prior;
    private readonly Philox _random;
    private readonly SourceChances _chances;
    private readonly LeafSums[] _sums = new LeafSums[SampledTree.MostNodes];
    private readonly double[] _next = new double[SampledTree.MostNodes];
    private readonly CutSums _new = new(), _old = new();
    private bool _hasNew, _hasOld;
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
        var proposal = TreeProposal.Draw(tree, _chances, _random);
        Gather(tree, residuals, proposal);
        var gain = (_hasNew ? _new.LogMean(_spread, variance) : 0) - (_hasOld ? _old.LogMean(_spread, variance) : 0);
        var isTaken = proposal.Kind != ProposalKind.None && Math.Log(1 - _random.Uniform()) < proposal.LogRatio + gain;
        var cut = isTaken && _hasNew ? _new.Draw(_random) : 0;
        if (isTaken) Take(tree, proposal, cut);
        for (var node = 0; node < SampledTree.MostNodes; node++) if (tree.IsLeaf(node)) _next[node] = _sums[node].Draw(_spread, variance, _random);
        Move(tree, residuals, proposal, isTaken, cut);
        Array.Copy(_next, tree.Value, _next.Length);
    }

    // sums of every leaf, and of the ranks of the source to come and of the one to go in the node that a step concerns
    private void Gather(SampledTree tree, double[] residuals, TreeProposal proposal)
    {
        (_hasNew, _hasOld) = (proposal.Kind is ProposalKind.Grow or ProposalKind.Change, proposal.Kind is ProposalKind.Prune or ProposalKind.Change);
        var (fresh, former) = (_hasNew ? _columns.Ranks[proposal.Source] : [], _hasOld ? _columns.Ranks[tree.Source[proposal.Target]] : []);
        if (_hasNew) _new.Clear(_columns.Cuts(proposal.Source));
        if (_hasOld) _old.Clear(_columns.Cuts(tree.Source[proposal.Target]));
        Array.Clear(_sums);
        var (leaf, times, value, sums) = (tree.Leaf, _times, tree.Value, _sums);
        for (var i = 0; i < leaf.Length; i++)
        {
            int node = leaf[i];
            double c = times[i], r = residuals[i] + c * value[node];
            ref var sum = ref sums[node];
            sum = sum.With(c, r);
            if (!proposal.Moves(node)) continue;
            if (_hasNew) _new.Add(fresh[i], c, r);
            if (_hasOld) _old.Add(former[i], c, r);
        }
    }

    private void Take(SampledTree tree, TreeProposal proposal, int cut)
    {
        var (target, left, right) = (proposal.Target, proposal.Left, proposal.Right);
        if (_hasOld) _chances.Splits[tree.Source[target]]--;
        if (_hasNew) _chances.Splits[proposal.Source]++;
        if (proposal.Kind == ProposalKind.Grow) tree.Split(target, proposal.Source, cut, left, right);
        if (proposal.Kind == ProposalKind.Change) (tree.Source[target], tree.Cut[target]) = (proposal.Source, cut);
        if (_hasNew)
        {
            (_sums[left], _sums[right]) = _new.At(cut);
            return;
        }
        _sums[target] = _sums[left] + _sums[right];
        tree.Join(target);
    }

    private void Move(SampledTree tree, double[] residuals, TreeProposal proposal, bool isTaken, int cut)
    {
        var (leaf, times, value, next) = (tree.Leaf, _times, tree.Value, _next);
        var ranks = _hasNew ? _columns.Ranks[proposal.Source] : [];
        for (var i = 0; i < leaf.Length; i++)
        {
            int node = leaf[i], to = node;
            if (isTaken && proposal.Moves(node)) leaf[i] = (byte)(to = !_hasNew ? proposal.Target : ranks[i] > cut ? proposal.Right : proposal.Left);
            residuals[i] += times[i] * (value[node] - next[to]);
        }
    }
}
