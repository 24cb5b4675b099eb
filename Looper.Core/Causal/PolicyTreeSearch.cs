using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>The if/else rule of a given depth that maximises the mean score of the arms it chooses, by exhaustive search.</summary>
/// <remarks>Athey and Wager 2021, Econometrica 89:133; Zhou, Athey and Wager 2023, Operations Research 71:148. Exact over the candidate cuts: at most
/// <paramref name="cuts"/> quantiles of a number (all its values when fewer), every level of a category. The last two levels are found with running
/// histograms, O(p²n + p²·cuts²·arms); every level above multiplies that by p·cuts.</remarks>
/// <param name="units">Features.</param>
/// <param name="scores">scores[a][i]: what arm a is worth for unit i, costs subtracted.</param>
/// <param name="minLeaf">Units a leaf at least.</param>
/// <param name="cuts">Candidate cuts of a number at most.</param>
public sealed class PolicyTreeSearch(DataSet units, double[][] scores, int minLeaf, int cuts = 64)
{
    private readonly TreeCuts _cuts = new(units, cuts);
    private readonly int _arms = scores.Length;

    /// <summary>The best rule and its mean score over the units.</summary>
    /// <param name="depth">Conditions on a path at most: 0 to 3.</param>
    /// <param name="cancel">Ends the search.</param>
    public (PolicyTree Tree, double Value) Best(int depth, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, 3);
        var (tree, sum) = Best([.. Enumerable.Range(0, units.Rows)], depth, cancel);
        return (Pruned(tree), sum / Math.Max(1, units.Rows));
    }

    /// <summary>A deeper rule, not exhaustive: each condition is the first of the best two levels below it.</summary>
    /// <param name="depth">Conditions on a path at most.</param>
    /// <param name="cancel">Ends the search.</param>
    public PolicyTree Ahead(int depth, CancellationToken cancel) => Pruned(Ahead([.. Enumerable.Range(0, units.Rows)], depth, cancel));

    private PolicyTree Ahead(int[] rows, int depth, CancellationToken cancel)
    {
        var tree = Best(rows, Math.Min(depth, 2), cancel).Item1;
        if (tree.IsLeaf || depth <= 2) return tree;
        bool Holds(int i) => PolicyTree.Holds(units.Values[tree.Column][i], tree.Cut, units.Columns[tree.Column].Kind);
        return tree with { Then = Ahead([.. rows.Where(Holds)], depth - 1, cancel), Else = Ahead([.. rows.Where(i => !Holds(i))], depth - 1, cancel) };
    }

    private (PolicyTree, double) Best(int[] rows, int depth, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var leaf = Leaf(rows);
        if (depth == 0 || rows.Length < 2 * minLeaf) return leaf;
        if (depth == 1) return OneCut(rows, leaf);
        var (best, value) = leaf;
        for (var j = 0; j < _cuts.Columns; j++)
        {
            if (depth == 2)
            {
                cancel.ThrowIfCancellationRequested();
                if (TwoLevels(rows, j, value) is var (tree, sum) && tree is not null) (best, value) = (tree, sum);
                continue;
            }
            foreach (var c in _cuts.Candidates(j))
            {
                int[] yes = [.. rows.Where(i => _cuts.Holds(j, i, c))], no = [.. rows.Where(i => !_cuts.Holds(j, i, c))];
                if (yes.Length < minLeaf || no.Length < minLeaf) continue;
                var (a, b) = (Best(yes, depth - 1, cancel), Best(no, depth - 1, cancel));
                if (a.Item2 + b.Item2 > value) (best, value) = (new(-1, j, _cuts.Cut(j, c), a.Item1, b.Item1), a.Item2 + b.Item2);
            }
        }
        return (best, value);
    }

    private (PolicyTree, double) Leaf(int[] rows)
    {
        var sums = new double[_arms];
        for (var a = 0; a < _arms; a++) foreach (var i in rows) sums[a] += scores[a][i];
        var arm = Array.IndexOf(sums, sums.Max());
        return (new(arm), sums[arm]);
    }

    private (PolicyTree, double) OneCut(int[] rows, (PolicyTree Tree, double Value) leaf)
    {
        var sums = new TreeSums(_cuts, _arms);
        foreach (var i in rows) sums.Add(i, scores, 1);
        var best = sums.Best(minLeaf);
        return best.Value > leaf.Value ? (best.Tree(_cuts), best.Value) : leaf;
    }

    // units walk from one side of the first condition to the other; both sides keep the histograms of all columns
    private (PolicyTree? Tree, double Value) TwoLevels(int[] rows, int column, double least)
    {
        var (yes, no) = (new TreeSums(_cuts, _arms), new TreeSums(_cuts, _arms));
        foreach (var i in rows) no.Add(i, scores, 1);
        var byRank = rows.ToLookup(i => (int)_cuts.Ranks[column][i]);
        var (found, value) = ((PolicyTree?)null, least);
        foreach (var c in _cuts.Candidates(column))
        {
            foreach (var i in byRank[c])
            {
                yes.Add(i, scores, 1);
                no.Add(i, scores, -1);
            }
            if (yes.Count >= minLeaf && no.Count >= minLeaf)
            {
                var (a, b) = (yes.Best(minLeaf), no.Best(minLeaf));
                if (a.Value + b.Value > value) (found, value) = (new(-1, column, _cuts.Cut(column, c), a.Tree(_cuts), b.Tree(_cuts)), a.Value + b.Value);
            }
            if (!_cuts.IsCategory(column)) continue;
            foreach (var i in byRank[c])
            {
                yes.Add(i, scores, -1);
                no.Add(i, scores, 1);
            }
        }
        return (found, value);
    }

    private static PolicyTree Pruned(PolicyTree tree)
    {
        if (tree.IsLeaf) return tree;
        var (yes, no) = (Pruned(tree.Then!), Pruned(tree.Else!));
        return yes.IsLeaf && no.IsLeaf && yes.Arm == no.Arm ? yes : tree with { Then = yes, Else = no };
    }
}
