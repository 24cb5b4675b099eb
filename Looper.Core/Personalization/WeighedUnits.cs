using System.Collections.Immutable;
using Looper.Core.Causal;

namespace Looper.Core.Personalization;

/// <summary>Units that a rule is learned from and judged on when other outcomes count too.</summary>
internal static class WeighedUnits
{
    /// <summary>Scores and predicted effects with the other outcomes added, each times its weight; units of which one of them is unknown are left out.</summary>
    /// <param name="weights">By outcome, in the metric's unit per unit of the outcome.</param>
    public static RuleUnits Of(RuleUnits units, ImmutableDictionary<string, double> weights)
    {
        OtherScores[] weighed = [.. units.Others.Where(o => weights.GetValueOrDefault(o.Outcome) > 0)];
        if (weighed.Length == 0) return units;
        var known = units.Take([.. Enumerable.Range(0, units.Units.Rows).Where(i => weighed.All(o => !float.IsNaN(o.Scores[0][i])))]);
        weighed = [.. known.Others.Where(o => weights.GetValueOrDefault(o.Outcome) > 0)];
        double[][] Sum(double[][] own, Func<OtherScores, float[][]> of) =>
            [.. own.Select((values, a) => values.Select((v, i) => v + weighed.Sum(o => weights[o.Outcome] * of(o)[a][i])).ToArray())];
        return known with { Scores = Sum(known.Scores, o => o.Scores), Effects = Sum(known.Effects, o => o.Effects) };
    }

    /// <summary>What a rule does to one outcome, on units that did not choose it.</summary>
    /// <param name="units">All units, as they are kept.</param>
    /// <param name="tree">Its leaves are arms.</param>
    /// <param name="scores">scores[a][i]: more is better, NaN where unknown.</param>
    /// <param name="bestArm">The best arm for everybody.</param>
    public static (AverageEffect Value, AverageEffect First, AverageEffect OverFirst, AverageEffect OverBest) Outcome(RuleUnits units, PolicyTree tree, Func<int, int, double> scores, int bestArm)
    {
        int[] judging = [.. Enumerable.Range(0, units.Units.Rows).Where(i => !units.Chooses[i] && !double.IsNaN(scores(0, i)))];
        var given = LearnedRule.ArmsOf(tree, units.Units, judging);
        AverageEffect Mean(Func<int, int, double> of) => AverageEffect.Of([.. judging.Select((i, k) => of(i, k))]);
        return (Mean((i, k) => scores(given[k], i)), Mean((i, _) => scores(0, i)),
            Mean((i, k) => scores(given[k], i) - scores(0, i)), Mean((i, k) => scores(given[k], i) - scores(bestArm, i)));
    }
}
