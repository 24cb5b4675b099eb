using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>How a rule is to be learned from effects.</summary>
public sealed record RulePlan
{
    /// <summary>Conditions on a path at most: 1 to 3 are searched exactly, up to <see cref="Deepest"/> with two levels of look-ahead.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>What giving each arm to a unit costs, in the scores' unit; empty costs nothing.</summary>
    public double[] Costs { get; init; } = [];

    /// <summary>Share of units that may get an arm other than the first, in (0, 1].</summary>
    public double Budget { get; init; } = 1;

    /// <summary>Predicted effects[a][i] of arm a against the first (arm 0: all 0), by a model that saw the choosing units alone: units are
    /// then assigned by them, and the rule is that assignment distilled. Null learns the rule from the scores themselves.</summary>
    public double[][]? Effects { get; init; }

    /// <summary>Predicted effects as above, for a rule learned from the scores: of more than 20 columns three conditions are searched among those by which
    /// they differ most. Null takes the scores, which are noisier.</summary>
    public double[][]? Predicted { get; init; }

    /// <summary>Ends the search.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Depth of a distilled rule at most.</summary>
    public const int Deepest = 4;
}

/// <summary>An if/else rule from effects, and what it is worth on units that did not choose it.</summary>
/// <param name="Tree">Its leaves are arms; the first is control.</param>
/// <param name="BestArm">The arm that is best for everybody, as the choosing units had it.</param>
/// <param name="Shares">Share of the judged units that get each arm.</param>
/// <param name="Value">Mean net score of what the rule gives, per unit.</param>
/// <param name="Constant">Constant[a]: the same mean when everybody gets arm a.</param>
/// <param name="Over">Over[a]: gain over giving everybody arm a.</param>
/// <param name="Ideal">The same mean when every unit is assigned by its own predicted effect; undefined where the rule was not distilled.</param>
/// <param name="Judged">Units judged.</param>
public sealed record LearnedRule(
    PolicyTree Tree, int BestArm, double[] Shares, AverageEffect Value, AverageEffect[] Constant, AverageEffect[] Over, AverageEffect Ideal, int Judged)
{
    /// <summary>Gain over the best arm for everybody.</summary>
    public AverageEffect OverBest => Over[BestArm];

    /// <summary>Share of the judged units that get an arm other than the first.</summary>
    public double TreatedShare => Shares.Skip(1).Sum();

    /// <summary>A rule between control and one treatment; learned on three fifths of the units and judged on the other two.</summary>
    /// <param name="arms">Units.</param>
    /// <param name="scores">Their doubly robust scores of treatment − control: values are relative to treating nobody.</param>
    /// <param name="cost">What treating a unit costs, in the outcome's unit.</param>
    /// <param name="cancel">Ends the search.</param>
    public static LearnedRule Of(TwoArms arms, double[] scores, double cost, CancellationToken cancel) =>
        Of(arms.Units, Chooses(arms), [new double[scores.Length], scores], new() { Costs = [0, cost], Cancel = cancel });

    /// <summary>One arm for everybody, where nothing shows that effects differ; judged on all units.</summary>
    /// <param name="scores">Doubly robust scores of treatment − control.</param>
    /// <param name="cost">What treating a unit costs, in the outcome's unit.</param>
    /// <param name="treats">Treatment rather than control.</param>
    public static LearnedRule ForAll(double[] scores, double cost, bool treats)
    {
        AverageEffect Times(int sign) => AverageEffect.Of(Array.ConvertAll(scores, s => sign * (s - cost)));
        AverageEffect none = Times(0), gain = Times(1), ideal = new(double.NaN, double.NaN, 0, Statistics.Cause.TooFewUnits);
        return treats ? new(new(1), 1, [0, 1], gain, [none, gain], [gain, none], ideal, scores.Length)
            : new(new(0), 0, [1, 0], none, [none, gain], [none, Times(-1)], ideal, scores.Length);
    }

    /// <summary>The units of the first three fifths of the folds.</summary>
    public static bool[] Chooses(TwoArms arms) => Array.ConvertAll(arms.Folds, f => f < arms.FoldCount * 3 / 5);

    /// <summary>Learns a rule on some of the units and judges it on the others.</summary>
    /// <param name="units">Features.</param>
    /// <param name="chooses">Which units learn; the others judge.</param>
    /// <param name="scores">scores[a][i]: doubly robust score of arm a for unit i; higher is better.</param>
    /// <param name="plan">How.</param>
    /// <remarks>From depth 0 on, the next depth is taken when its value on the choosing units exceeds the shallower rule's by a standard error. A
    /// budget is kept on the choosing units by a price on every treatment: of the rules that keep it, the one worth most to them.</remarks>
    public static LearnedRule Of(DataSet units, bool[] chooses, double[][] scores, RulePlan plan)
    {
        int[] choosing = [.. Enumerable.Range(0, units.Rows).Where(i => chooses[i])], judging = [.. Enumerable.Range(0, units.Rows).Where(i => !chooses[i])];
        double Cost(int arm) => arm < plan.Costs.Length ? plan.Costs[arm] : 0;
        double[][] net = [.. scores.Select((s, a) => s.Select(x => x - Cost(a)).ToArray())];
        double[][]? wanted = plan.Effects is { } effects ? [.. effects.Select((s, a) => s.Select(x => x - Cost(a)).ToArray())] : null;
        var tree = new RuleGrower(units, choosing, wanted ?? net, plan).Within(plan.Budget);
        var best = Enumerable.Range(0, net.Length).MaxBy(a => choosing.Sum(i => net[a][i]));
        var given = ArmsOf(tree, units, judging);
        var price = wanted is null ? 0 : Price(wanted, choosing, plan.Budget);
        AverageEffect Mean(Func<int, int, double> of) => AverageEffect.Of([.. judging.Select((i, k) => of(i, k))]);
        return new(tree, best,
            [.. Enumerable.Range(0, net.Length).Select(a => given.Count(g => g == a) / (double)Math.Max(1, given.Length))],
            Mean((i, k) => net[given[k]][i]),
            [.. net.Select(own => Mean((i, _) => own[i]))],
            [.. net.Select(own => Mean((i, k) => net[given[k]][i] - own[i]))],
            wanted is null ? new(double.NaN, double.NaN, 0, Statistics.Cause.TooFewUnits) : Mean((i, _) => net[ArmFor(wanted, i, price)][i]),
            judging.Length);
    }

    /// <summary>The arm that a rule gives to each of some units.</summary>
    public static int[] ArmsOf(PolicyTree tree, DataSet units, int[] rows)
    {
        var row = new double[units.Columns.Length];
        return Array.ConvertAll(rows, i =>
        {
            units.CopyRow(i, row);
            return tree.ArmOf(row, units);
        });
    }

    private static int ArmFor(double[][] wanted, int unit, double price)
    {
        var arm = 0;
        var most = wanted[0][unit];
        for (var a = 1; a < wanted.Length; a++) if (wanted[a][unit] - price > most) (arm, most) = (a, wanted[a][unit] - price);
        return arm;
    }

    // the gain above which a treatment is within the budget: a quantile of the best gains
    private static double Price(double[][] wanted, int[] choosing, double budget)
    {
        if (budget >= 1 || choosing.Length == 0) return 0;
        double[] gains = [.. choosing.Select(i => wanted.Skip(1).Max(w => w[i]) - wanted[0][i]).OrderDescending()];
        return Math.Max(0, gains[Math.Min(gains.Length - 1, (int)(budget * gains.Length))]);
    }
}
