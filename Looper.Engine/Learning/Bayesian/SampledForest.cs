using System.Runtime.CompilerServices;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>One sum of trees, a function of some rows: trees are drawn one at a time given all others.</summary>
/// <remarks>Chipman, George and McCulloch 2010, Annals of Applied Statistics 4:266: grow, prune and change; the leaf's variance has a half-Cauchy
/// scale, as a mixture of inverse gammas (Makalic and Schmidt 2016). A source is proposed as the prior draws it, its cut as the rows say given
/// the source; the cut's prior chance times its gain over the chance of its draw is the mean gain over the source's cuts, which is what a step is
/// accepted by. Cuts drawn blindly are refused so often that chains stay where they started.</remarks>
internal sealed class SampledForest
{
    private readonly SplitColumns _columns;
    private readonly int[]? _members;
    private readonly double[] _own;
    private readonly ForestPrior _prior;
    private readonly Philox _random;
    private readonly SourceChances _chances;
    private readonly TreeSums _fresh = new(), _former = new();
    private readonly NodePlace[] _places = new NodePlace[SampledTree.MostNodes + 1];
    private readonly LeafSums[] _sums = new LeafSums[SampledTree.MostNodes];
    private readonly double[] _next = new double[SampledTree.MostNodes];
    private readonly CutSums _new = new(), _old = new();
    private bool _hasNew, _hasOld;
    private double _spread, _mixing = 1;

    /// <param name="columns">What it may split on, of its rows alone.</param>
    /// <param name="members">Which of all rows it is a function of, in order; null for all.</param>
    /// <param name="prior">What is believed of it.</param>
    /// <param name="random">Of the chain.</param>
    public SampledForest(SplitColumns columns, int[]? members, ForestPrior prior, Philox random)
    {
        (_columns, _members, _prior, _random, _chances, _spread) = (columns, members, prior, random, new(columns.Count), prior.LeafVariance);
        _own = new double[members?.Length ?? 0];
        Trees = [.. Enumerable.Range(0, prior.Trees).Select(_ => new SampledTree(columns.Ranks[0].Length))];
    }

    public SampledTree[] Trees { get; }

    /// <summary>Draws every tree anew, then what they have in common.</summary>
    /// <param name="residuals">Labels minus the fits of all forests, of all rows, kept so.</param>
    /// <param name="variance">Of the noise.</param>
    /// <param name="isSparse">Whether columns compete yet: first the trees must have found some.</param>
    public void Sweep(double[] residuals, double variance, bool isSparse)
    {
        var own = _members is null ? residuals : _own;
        for (var i = 0; i < _own.Length; i++) _own[i] = residuals[_members![i]];
        foreach (var tree in Trees) Step(tree, own, variance);
        for (var i = 0; i < _own.Length; i++) residuals[_members![i]] = _own[i];
        var (squares, leaves) = (0.0, 0);
        foreach (var tree in Trees)
            for (var node = 0; node < tree.End; node++)
                if (tree.IsLeaf(node)) (squares, leaves) = (squares + tree.Value[node] * tree.Value[node], leaves + 1);
        _spread = (squares / 2 + 1 / _mixing) / GammaNumber.Of((leaves + 1) / 2.0, _random);
        _mixing = (1 / _spread + 1 / _prior.LeafVariance) / GammaNumber.Of(1, _random);
        if (isSparse) _chances.Update(_random);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // see TreeSums.Add
    private void Step(SampledTree tree, double[] residuals, double variance)
    {
        var proposal = TreeProposal.Draw(tree, _chances, _random);
        Gather(tree, residuals, proposal);
        var gain = (_hasNew ? _new.LogMean(_spread, variance) : 0) - (_hasOld ? _old.LogMean(_spread, variance) : 0);
        var isTaken = proposal.Kind != ProposalKind.None && Math.Log(1 - _random.Uniform()) < proposal.LogRatio + gain;
        var cut = isTaken && _hasNew ? _new.Draw(_random) : 0;
        if (isTaken) Take(tree, proposal, cut);
        for (var node = 0; node < tree.End; node++) if (tree.IsLeaf(node)) _next[node] = _sums[node].Draw(_spread, variance, _random);
        if (isTaken) MoveTaken(tree, residuals, proposal, cut);
        else Move(tree, residuals);
        Array.Copy(_next, tree.Value, tree.End);
    }

    // sums of every leaf, and of the ranks of the source to come and of the one to go in the node that a step concerns
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(SampledTree tree, double[] residuals, TreeProposal proposal)
    {
        (_hasNew, _hasOld) = (proposal.Kind is ProposalKind.Grow or ProposalKind.Change, proposal.Kind is ProposalKind.Prune or ProposalKind.Change);
        var target = proposal.Target;
        for (var node = 0; node < tree.End; node++)
            _places[node] = proposal.Moves(node) ? new(tree.Value[node], TreeSums.Ranks, 255) : new(tree.Value[node], node, 0);
        if (_hasNew || !_hasOld) Add(_fresh, _new, Math.Max(0, proposal.Source)); // without a step any source does
        if (_hasOld) Add(_former, _old, tree.Source[target]);
        var sums = _hasOld ? _former : _fresh;
        for (var node = 0; node < tree.End; node++) if (tree.IsLeaf(node)) _sums[node] = sums.Of(node);
        if (_hasOld) (_sums[proposal.Left], _sums[proposal.Right]) = _old.At(tree.Cut[target]);
        else if (_hasNew) _sums[target] = _new.Whole;

        void Add(TreeSums into, CutSums cuts, int source)
        {
            var count = _columns.Cuts(source);
            into.Clear(tree.End, count + 1);
            into.Add(tree.Leaf, _places, residuals, _columns.Ranks[source]);
            cuts.Take(into.ByRank, count);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Move(SampledTree tree, double[] residuals)
    {
        var leaf = tree.Leaf;
        Span<double> change = stackalloc double[SampledTree.MostNodes + 1];
        for (var node = 0; node < tree.End; node++) change[node] = tree.Value[node] - _next[node];
        for (var i = 0; i < leaf.Length; i++) residuals[i] += change[leaf[i] & SampledTree.MostNodes];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MoveTaken(SampledTree tree, double[] residuals, TreeProposal proposal, int cut)
    {
        var (leaf, value, next) = (tree.Leaf, tree.Value, _next);
        var (ranks, left, right) = _hasNew ? (_columns.Ranks[proposal.Source], proposal.Left, proposal.Right) : (_columns.Ranks[0], proposal.Target, proposal.Target);
        for (var i = 0; i < leaf.Length; i++)
        {
            int node = leaf[i], to = proposal.Moves(node) ? ranks[i] > cut ? right : left : node;
            leaf[i] = (byte)to;
            residuals[i] += value[node] - next[to];
        }
    }
}
