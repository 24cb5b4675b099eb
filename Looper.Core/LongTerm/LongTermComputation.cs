using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Learning;
using Looper.Core.Personalization;
using Looper.Core.Statistics;

namespace Looper.Core.LongTerm;

/// <summary>Long-term effects of one experiment from its units and a history: no clock and no database. The same units and seed give the same numbers.</summary>
/// <param name="Index">Null where the history is too small, or no early outcome differs in it.</param>
/// <param name="Data">Null likewise.</param>
/// <param name="Shortage">Why.</param>
internal sealed record LongTermComputation(SurrogateIndex? Index, LongTermData? Data, Shortage? Shortage)
{
    public const int FewestUnits = 500, FewestEvents = 50;

    private const int FewestKnown = 100;

    /// <summary>Learns from the history what early outcomes come to.</summary>
    public static LongTermComputation Of(LongTermReading reading, LongTermUnits history, LongTermUnits units, EffectPlan plan)
    {
        if (history.All.Count < FewestUnits)
            return new(null, null, new(history.All.Count, FewestUnits, "units whose whole time lay before the experiment"));
        var data = LongTermData.Of(reading, history, units);
        var (commonest, most) = data.History.Labels.CountBy(y => y).MaxBy(c => c.Value);
        if (data.History.Rows - most < FewestEvents)
            return new(null, data, new(data.History.Rows - most, FewestEvents, $"units before the experiment with {EffectMetric.OtherThan(commonest, reading.Metric.Key, reading.Metric.IsRate)}"));
        return data.Early == 0
            ? new(null, data, new(0, 1, "early outcomes that differed between units before the experiment"))
            : new(SurrogateIndex.Fit(data.History, data.Early, plan), data, null);
    }

    /// <summary>A treatment against the first arm; and why not, where units are too few.</summary>
    public (SurrogateEffect? Effect, Shortage? Shortage) Against(ExperimentPlan plan, int arm)
    {
        if (Index is null || Data is null) return (null, Shortage);
        foreach (var a in new[] { 0, arm })
            if (Data.Arms.Count(w => w == a) is var have && have < FewestUnits) return (null, new(have, FewestUnits, $"units in {plan.Arms[a].Key} whose early outcomes are known"));
        int[] rows = [.. Enumerable.Range(0, Data.Arms.Length).Where(i => Data.Arms[i] == 0 || Data.Arms[i] == arm)];
        var chance = plan.Arms[arm].Weight / (plan.Arms[0].Weight + plan.Arms[arm].Weight);
        return (Index.EffectOf(Data.Units.Take(rows), Array.ConvertAll(rows, i => Data.Arms[i] == arm), chance), null);
    }

    /// <summary>Units of an arm whose metric is known.</summary>
    public int KnownIn(int arm) => Data is null ? 0 : Known(arm).Count();

    /// <summary>Both arms have enough units whose metric is known to compare them by it.</summary>
    public bool IsObserved(int arm) => KnownIn(0) >= FewestKnown && KnownIn(arm) >= FewestKnown;

    public LongTermArm Arm(ExperimentPlan plan, int arm, LongTermUnits units)
    {
        var own = Data is null ? units.All.Count(u => u.Arm == arm) : Data.Arms.Count(w => w == arm);
        double[] known = Data is null ? [] : [.. Known(arm).Select(i => Data.Units.Labels[i])];
        return new(plan.Arms[arm].Key, plan.Arms[arm].Does, own, known.Length, Expected(arm), known.Length > 0 ? known.Average() : double.NaN);
    }

    private double Expected(int arm)
    {
        if (Index is null || !Data!.Arms.Contains(arm)) return double.NaN;
        return Index.Expected(Data.Units.Take([.. Enumerable.Range(0, Data.Arms.Length).Where(i => Data.Arms[i] == arm)])).Average();
    }

    private IEnumerable<int> Known(int arm) => Enumerable.Range(0, Data!.Arms.Length).Where(i => Data.Arms[i] == arm && !double.IsNaN(Data.Units.Labels[i]));
}
