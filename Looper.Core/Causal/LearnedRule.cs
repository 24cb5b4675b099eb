namespace Looper.Core.Causal;

/// <summary>An if/else rule from effects, and what it is worth on units that did not choose it.</summary>
/// <param name="Tree">Arm 0 is control, arm 1 treatment.</param>
/// <param name="TreatedShare">Share of the judged units that it treats.</param>
/// <param name="OverNone">Mean gain a unit over treating nobody, cost subtracted.</param>
/// <param name="OverAll">Over treating everybody.</param>
/// <param name="OverBest">Over the better of the two, as the choosing units had it.</param>
public sealed record LearnedRule(PolicyTree Tree, double TreatedShare, AverageEffect OverNone, AverageEffect OverAll, AverageEffect OverBest)
{
    private const int Depth = 2, FewestUnits = 50;

    /// <summary>Learns on three fifths of the units and judges on the other two.</summary>
    /// <param name="arms">Units.</param>
    /// <param name="scores">Their doubly robust scores.</param>
    /// <param name="cost">What treating a unit costs, in the outcome's unit.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <remarks>Among depths 0, 1 and 2 the deepest whose value on the choosing units exceeds the shallower one's by a standard error.</remarks>
    public static LearnedRule Of(TwoArms arms, double[] scores, double cost, CancellationToken cancel)
    {
        var cut = Math.Max(1, arms.FoldCount * 3 / 5);
        int[] choosing = [.. Enumerable.Range(0, arms.Count).Where(i => arms.Folds[i] < cut)], judging = [.. Enumerable.Range(0, arms.Count).Where(i => arms.Folds[i] >= cut)];
        var units = arms.Units.Take(choosing);
        double[] gain = [.. choosing.Select(i => scores[i] - cost)];
        var search = new PolicyTreeSearch(units, [new double[gain.Length], gain], Math.Max(FewestUnits, gain.Length / 100));
        var tree = search.Best(0, cancel).Tree;
        var constant = tree.Arm;
        for (var depth = 1; depth <= Depth; depth++)
        {
            var (deeper, own) = (search.Best(depth, cancel).Tree, tree);
            var more = Treats(deeper, arms, choosing).Zip(Treats(own, arms, choosing), (a, b) => (a ? 1.0 : 0) - (b ? 1 : 0)).Zip(gain, (d, g) => d * g).ToArray();
            var better = AverageEffect.Of(more);
            if (better.Value > better.StandardError) tree = deeper;
        }
        var treats = Treats(tree, arms, judging);
        AverageEffect Over(Func<bool, double> less) => AverageEffect.Of([.. judging.Select((i, k) => ((treats[k] ? 1 : 0) - less(treats[k])) * (scores[i] - cost))]);
        return new(tree, treats.Count(t => t) / (double)Math.Max(1, treats.Length), Over(_ => 0), Over(_ => 1), Over(_ => constant));
    }

    private static bool[] Treats(PolicyTree tree, TwoArms arms, int[] rows)
    {
        var row = new double[arms.Units.Columns.Length];
        return Array.ConvertAll(rows, i =>
        {
            arms.Units.CopyRow(i, row);
            return tree.ArmOf(row, arms.Units) == 1;
        });
    }
}
