using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>Grows an if/else rule on the units that choose it, within a budget.</summary>
/// <param name="units">Features of all units.</param>
/// <param name="choosing">Those that choose.</param>
/// <param name="net">net[a][i]: what arm a is worth for unit i, costs subtracted: scores, or predicted effects where the plan has them.</param>
/// <param name="plan">How.</param>
internal sealed class RuleGrower(DataSet units, int[] choosing, double[][] net, RulePlan plan)
{
    private const int FewestUnits = 50, ExactDepth = 3, ThirdLevelUnits = 20_000, ThirdLevelCuts = 16, ThirdLevelColumns = 20, Cuts = 64, Halvings = 10;

    private readonly bool _smooth = plan.Effects is not null;
    private readonly int _depth = plan.Effects is null ? plan.Depth : Math.Min(plan.Depth, RulePlan.Deepest);
    private int[]? _columns;

    /// <summary>The rule worth most among those of several prices on every treatment that give no more than a share of the units another arm than the first.</summary>
    public PolicyTree Within(double budget)
    {
        var free = Grown(0);
        if (Treated(free) <= budget) return free;
        var (kept, most) = (new PolicyTree(0), Worth(new PolicyTree(0)));
        bool Fits(double price)
        {
            var tree = Grown(price);
            if (Treated(tree) > budget) return false;
            if (Worth(tree) is var worth && worth > most) (kept, most) = (tree, worth);
            return true;
        }
        // from what the free rule gains for a unit that it treats: the gain of a single unit may be one large order, and no price worth trying would be near it
        var gain = (Worth(free) - most) / Treated(free);
        var (low, high) = (0.0, gain > 0 ? gain : Spread());
        while (!Fits(high)) (low, high) = (high, 2 * high);
        for (var k = 0; k < Halvings; k++)
        {
            var price = (low + high) / 2;
            if (Fits(price)) high = price;
            else low = price;
        }
        return kept;
    }

    private double Treated(PolicyTree tree) => LearnedRule.ArmsOf(tree, units, choosing).Count(a => a > 0) / (double)Math.Max(1, choosing.Length);

    private double Worth(PolicyTree tree) => LearnedRule.ArmsOf(tree, units, choosing).Select((a, k) => net[a][choosing[k]]).DefaultIfEmpty(0).Average();

    // no treatment is worth more to any unit
    private double Spread() => choosing.Select(i => net.Skip(1).Max(w => w[i]) - net[0][i]).DefaultIfEmpty(0).Max() + 1e-9;

    private PolicyTree Grown(double price)
    {
        var every = _depth < ExactDepth ? 1 : (choosing.Length + ThirdLevelUnits - 1) / ThirdLevelUnits;
        int[] rows = [.. choosing.Where((_, k) => k % Math.Max(1, every) == 0)];
        double[][] gains = [.. net.Select((own, a) => rows.Select(i => own[i] - (a > 0 ? price : 0)).ToArray())];
        var (sample, least, cuts) = (units.Take(rows), Math.Max(FewestUnits, rows.Length / 100), _depth < ExactDepth ? Cuts : ThirdLevelCuts);
        var search = new PolicyTreeSearch(sample, gains, least, cuts);
        var tree = search.Best(0, plan.Cancel).Tree;
        for (var d = 1; d <= _depth; d++)
        {
            // a smooth surface is distilled with two levels of look-ahead instead of all pairs of three
            var deeper = d < ExactDepth ? search.Best(d, plan.Cancel).Tree : _smooth ? search.Ahead(d, plan.Cancel) : Third(sample, rows, gains, d, least, cuts);
            int[] own = LearnedRule.ArmsOf(tree, units, rows), other = LearnedRule.ArmsOf(deeper, units, rows);
            var better = AverageEffect.Of([.. rows.Select((_, k) => gains[other[k]][k] - gains[own[k]][k])]);
            if (better.Value > better.StandardError) tree = deeper;
        }
        return tree;
    }

    // the work grows with the cube of the columns
    private PolicyTree Third(DataSet sample, int[] rows, double[][] gains, int depth, int least, int cuts)
    {
        var columns = _columns ??= Telling(sample, rows);
        PolicyTree OfUnits(PolicyTree tree) => tree.IsLeaf ? tree : tree with { Column = columns[tree.Column], Then = OfUnits(tree.Then!), Else = OfUnits(tree.Else!) };
        var narrow = new DataSet([.. columns.Select(j => sample.Columns[j])], [.. columns.Select(j => sample.Values[j])], sample.Labels);
        return OfUnits(new PolicyTreeSearch(narrow, gains, least, cuts).Best(depth, plan.Cancel).Tree);
    }

    private int[] Telling(DataSet sample, int[] rows)
    {
        int[] all = [.. Enumerable.Range(0, sample.Columns.Length)];
        if (all.Length <= ThirdLevelColumns) return all;
        var by = plan.Predicted ?? net;
        var shares = by.Skip(1).Select(own => EffectDrivers.Of(sample, [.. rows.Select(i => own[i] - by[0][i])])).ToArray();
        double Share(int column) => shares.Max(s => double.IsFinite(s[column]) ? s[column] : 0);
        return [.. all.OrderByDescending(Share).Take(ThirdLevelColumns).Order()];
    }
}
