using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Learning;

namespace Looper.Core.Personalization;

/// <summary>Puts the comparisons of several treatments together: what every arm is worth for every unit.</summary>
/// <remarks>Γ_a = μ_a(x) + 1[W = a](y − μ_a(x))/e_a, with μ_a fitted on arm a's units without the unit's fold; a unit of a third arm is in none of
/// the folds of μ_a. Folds of the first arm are the same in every comparison, since they are dealt from the same seed to the same units.</remarks>
internal sealed class RuleScores
{
    private readonly List<ArmComparison> _compared;
    private readonly DataSet _units;
    private readonly int[] _rows, _place, _arms;
    private readonly double[][] _chances;
    private readonly bool[] _chooses;

    public RuleScores(DataSet data, int[] arms, ArmChances chances, List<ArmComparison> compared)
    {
        _compared = compared;
        int[] ofArm = [0, .. compared.Select(c => c.Arm)];
        _rows = [.. Enumerable.Range(0, arms.Length).Where(i => ofArm.Contains(arms[i]))];
        _units = data.Take(_rows);
        _place = new int[arms.Length];
        Array.Fill(_place, -1);
        for (var r = 0; r < _rows.Length; r++) _place[_rows[r]] = r;
        _arms = Array.ConvertAll(_rows, i => Array.IndexOf(ofArm, arms[i]));
        // given that the unit got one of these arms
        _chances = [.. ofArm.Select(a => Array.ConvertAll(_rows, i => chances.Of[a][i] / ofArm.Sum(b => chances.Of[b][i])))];
        _chooses = new bool[_rows.Length];
        foreach (var one in compared)
        {
            var own = LearnedRule.Chooses(one.Arms);
            for (var k = 0; k < own.Length; k++) _chooses[_place[one.Rows[k]]] = own[k];
        }
    }

    /// <param name="none">Label of a unit whose metric is 0: values are told from there.</param>
    public RuleUnits Units(double none, ImmutableHashSet<string> booleans, List<OtherUnits> others)
    {
        double[][] scores = [.. _chances.Select((_, a) => Scores(none, a))];
        return new(_units, booleans, _chooses, scores, [new double[_rows.Length], .. _compared.Select(c => _units.Predictions(c.Analysis.Validation.Earlier!))])
        {
            Others = [.. others.Where(o => o.Shortage is null).Select(o => o.Kept())],
        };
    }

    /// <summary>The same for another outcome.</summary>
    /// <param name="values">One per unit of the experiment; NaN where unknown.</param>
    /// <param name="keys">Of the arms compared.</param>
    public OtherUnits Other(EffectMetric metric, double[] values, IReadOnlyList<string> keys, EffectPlan plan) =>
        OtherUnits.Of(metric, _units, Array.ConvertAll(_rows, i => values[i]), _arms, _chances, _chooses, keys, plan);

    private double[] Scores(double none, int a)
    {
        var from = _compared[Math.Max(0, a - 1)];
        var means = _units.Predictions(a == 0 ? from.Analysis.Nuisances.Models.Control : from.Analysis.Nuisances.Models.Treatment);
        var seen = a == 0 ? from.Analysis.Nuisances.Control : from.Analysis.Nuisances.Treatment;
        for (var k = 0; k < from.Rows.Length; k++) means[_place[from.Rows[k]]] = seen[k];
        return [.. _rows.Select((_, r) => means[r] - none + (_arms[r] == a ? (_units.Labels[r] - means[r]) / _chances[a][r] : 0))];
    }
}
