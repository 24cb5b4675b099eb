using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Learning;
using Looper.Core.Statistics;

namespace Looper.Core.Personalization;

/// <summary>The units of all arms compared, by another outcome than the one that effects are about.</summary>
internal sealed class OtherUnits
{
    private const int Fewest = 25, FewestInGroup = 10;

    private readonly EffectMetric _metric;
    private readonly DataSet _units;
    private readonly int[] _arms;
    private readonly bool[] _chooses;
    private readonly ArmScores? _scores;
    private readonly double _commonest;

    private OtherUnits(EffectMetric metric, DataSet units, int[] arms, bool[] chooses, ArmScores? scores, double commonest, Shortage? shortage) =>
        (_metric, _units, _arms, _chooses, _scores, _commonest, Shortage) = (metric, units, arms, chooses, scores, commonest, shortage);

    /// <summary>Too few units tell of it.</summary>
    public Shortage? Shortage { get; }

    public static OtherUnits Of(EffectMetric metric, DataSet features, double[] values, int[] arms, double[][] chances, bool[] chooses, IReadOnlyList<string> keys, EffectPlan plan)
    {
        // yes and no change places where no is better, as the metric's own do
        var none = NoneOf(metric);
        var units = new DataSet(features.Columns, features.Values, metric.LowerIsBetter ? Array.ConvertAll(values, v => none - v) : values);
        var commonest = Commonest(units.Labels);
        for (var a = 0; a < chances.Length; a++)
        {
            var have = Enumerable.Range(0, arms.Length).Count(i => arms[i] == a && IsOther(units.Labels[i], commonest));
            if (have >= Fewest) continue;
            var than = metric.LowerIsBetter ? none - commonest : commonest;
            var shortage = new Shortage(have, Fewest, FormattableString.Invariant($"units with another {metric.Key} than {than:G6} in {keys[a]}"));
            return new(metric, units, arms, chooses, null, commonest, shortage);
        }
        return new(metric, units, arms, chooses, ArmScores.Of(units, arms, chances, chooses, metric.IsRate, plan.Seed, plan.Threads, plan.Cancel), commonest, null);
    }

    /// <summary>What a rule needs of it.</summary>
    public OtherScores Kept()
    {
        var (scores, none) = (_scores!, NoneOf(_metric));
        return new(_metric.Key, [.. scores.Scores.Select(s => Array.ConvertAll(s, x => (float)(x - none)))],
            [.. scores.Means.Select(m => m.Select((x, i) => (float)(x - scores.Means[0][i])).ToArray())]);
    }

    /// <summary>What an arm does to several outcomes, and to each within segments; P-values corrected over all of them.</summary>
    /// <param name="arm">Index among the arms compared.</param>
    public static ImmutableArray<EffectOutcome> Effects(List<OtherUnits> others, int arm, Segment[] segments, double level)
    {
        var overall = Corrected([.. others.Where(o => o.Shortage is null).Select(o => (o._metric, o.Group(arm, _ => true)))], level);
        var inSegments = Corrected([.. others.Where(o => o.Shortage is null).SelectMany(o => segments.Select(s => (o._metric, o.Group(arm, i => !o._chooses[i] && s.Contains(o._units, i)))))], level);
        var effects = ImmutableArray.CreateBuilder<EffectOutcome>();
        var told = 0;
        foreach (var other in others)
        {
            var m = other._metric;
            var empty = new EffectOutcome(m.Key, m.Role, m.IsRate, m.LowerIsBetter, m.UnitOfMeasure, m.Margin) { Shortage = other.Shortage };
            effects.Add(other.Shortage is not null ? empty : empty with { Overall = overall[told], Segments = [.. inSegments.Skip(told * segments.Length).Take(segments.Length)] });
            if (other.Shortage is null) told++;
        }
        return effects.ToImmutable();
    }

    private (AverageEffect Gain, double Baseline) Group(int arm, Func<int, bool> isInside)
    {
        int[] rows = [.. Enumerable.Range(0, _arms.Length).Where(i => !double.IsNaN(_units.Labels[i]) && isInside(i))];
        var baseline = rows.Length == 0 ? double.NaN : rows.Average(i => _scores!.Scores[0][i]);
        if (_metric.LowerIsBetter) baseline = NoneOf(_metric) - baseline;
        foreach (var a in new[] { 0, arm })
            if (rows.Count(i => _arms[i] == a && IsOther(_units.Labels[i], _commonest)) < FewestInGroup)
                return (new(double.NaN, double.NaN, rows.Length, Cause.TooFewUnits), baseline);
        return (AverageEffect.Of(Array.ConvertAll(rows, i => _scores!.Scores[arm][i] - _scores.Scores[0][i])), baseline);
    }

    private static OutcomeGain[] Corrected((EffectMetric Metric, (AverageEffect Gain, double Baseline) Of)[] groups, double level)
    {
        var p = MultipleComparisons.Holm([.. groups.Select(g => g.Of.Gain is { StandardError: > 0 } gain ? 2 * TailProbability.Normal(Math.Abs(gain.Value) / gain.StandardError) : double.NaN)]);
        return [.. groups.Select((g, k) => new OutcomeGain(Gain.Of(g.Of.Gain, level), g.Of.Baseline, p[k], Guardrail(g.Metric.Margin, g.Of.Gain, g.Of.Baseline, p[k], level), (long)g.Of.Gain.Units))];
    }

    /// <summary>Null where there is no margin; unknown where the gain or the baseline is.</summary>
    /// <param name="p">Of no effect, corrected.</param>
    internal static GuardrailState? Guardrail(double margin, AverageEffect gain, double baseline, double p, double level)
    {
        if (double.IsNaN(margin)) return null;
        var worst = gain.Value - TailProbability.NormalQuantile(level) * gain.StandardError;
        if (worst > -margin * Math.Abs(baseline)) return GuardrailState.Safe;
        return gain.Value < 0 && p < 1 - level ? GuardrailState.Harmed : GuardrailState.Unknown;
    }

    private static double NoneOf(EffectMetric metric) => metric is { LowerIsBetter: true, IsRate: true } ? 1 : 0;

    private static bool IsOther(double label, double commonest) => !double.IsNaN(label) && label != commonest;

    private static double Commonest(double[] labels)
    {
        Dictionary<double, int> counts = [];
        foreach (var label in labels) if (!double.IsNaN(label)) counts[label] = counts.GetValueOrDefault(label) + 1;
        return counts.Count == 0 ? double.NaN : counts.MaxBy(c => c.Value).Key;
    }
}
