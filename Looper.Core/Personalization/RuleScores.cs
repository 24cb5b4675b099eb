using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Learning;

namespace Looper.Core.Personalization;

/// <summary>Puts the comparisons of several treatments together: what every arm is worth for every unit.</summary>
/// <remarks>Γ_a = μ_a(x) + 1[W = a](y − μ_a(x))/e_a, with μ_a fitted on arm a's units without the unit's fold; a unit of a third arm is in none of
/// the folds of μ_a. Folds of the first arm are the same in every comparison, since they are dealt from the same seed to the same units.</remarks>
internal static class RuleScores
{
    /// <param name="none">Label of a unit whose metric is 0: values are told from there.</param>
    public static RuleUnits Of(DataSet data, double none, ImmutableHashSet<string> booleans, int[] arms, ArmChances chances, List<ArmComparison> compared)
    {
        int[] ofArm = [0, .. compared.Select(c => c.Arm)];
        int[] rows = [.. Enumerable.Range(0, arms.Length).Where(i => ofArm.Contains(arms[i]))];
        var units = data.Take(rows);
        var place = new int[arms.Length];
        Array.Fill(place, -1);
        for (var r = 0; r < rows.Length; r++) place[rows[r]] = r;
        var chooses = new bool[rows.Length];
        foreach (var one in compared)
        {
            var own = LearnedRule.Chooses(one.Arms);
            for (var k = 0; k < own.Length; k++) chooses[place[one.Rows[k]]] = own[k];
        }
        var scores = new double[ofArm.Length][];
        for (var a = 0; a < ofArm.Length; a++)
        {
            var from = compared[Math.Max(0, a - 1)];
            var means = units.Predictions(a == 0 ? from.Analysis.Nuisances.Models.Control : from.Analysis.Nuisances.Models.Treatment);
            var seen = a == 0 ? from.Analysis.Nuisances.Control : from.Analysis.Nuisances.Treatment;
            for (var k = 0; k < from.Rows.Length; k++) means[place[from.Rows[k]]] = seen[k];
            scores[a] = [.. rows.Select((i, r) => means[r] - none + (arms[i] == ofArm[a] ? (units.Labels[r] - means[r]) / Chance(chances, ofArm, a, i) : 0))];
        }
        return new(units, booleans, chooses, scores, [new double[rows.Length], .. compared.Select(c => units.Predictions(c.Analysis.Validation.Earlier!))]);
    }

    // given that the unit got one of these arms
    private static double Chance(ArmChances chances, int[] ofArm, int a, int unit) => chances.Of[ofArm[a]][unit] / ofArm.Sum(b => chances.Of[b][unit]);
}
