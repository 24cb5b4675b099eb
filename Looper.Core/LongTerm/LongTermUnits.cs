using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Personalization;
using Looper.Core.Serving;

namespace Looper.Core.LongTerm;

/// <summary>Units of one sample: of the history, or of an experiment.</summary>
/// <param name="most">Units kept at most.</param>
internal sealed class LongTermUnits(LongTermReading reading, int most)
{
    private readonly DrawnUnits _drawn = new(most);

    public IReadOnlyList<ServedUnit> All => _drawn.All;

    /// <summary>Share of the units that could be used which is kept.</summary>
    public double Share => _drawn.Share;

    /// <summary>Units whose early outcomes are not all known yet.</summary>
    public long Waiting { get; private set; }

    /// <summary>Units that the metric is none of, or whose value it does not know, or whose first answer was forced or no arm.</summary>
    public long LeftOut { get; private set; }

    /// <summary>A unit of before the experiment: what came of it in the end is known.</summary>
    /// <param name="audience">Whom the experiment takes: others say nothing of its units.</param>
    public void AddPast(ExposedUnit unit, ContextFilters audience)
    {
        var values = unit.Decision.Reason != Reason.Override && reading.Takes(unit.Decision) && audience.Passes(unit.Decision) && reading.IsEarlyKnown(unit) ? reading.Values(unit) : null;
        if (values is null || !reading.IsKnown(values)) LeftOut++;
        else Keep(unit, values);
    }

    /// <summary>A unit of an experiment: what comes of it in the end may not be known yet.</summary>
    /// <param name="arms">Arms of the experiment.</param>
    public void AddExposed(ExposedUnit unit, int arms)
    {
        var decision = unit.Decision;
        if (decision.Arm < 0 || decision.Arm >= arms || decision.Reason == Reason.Override || !reading.Takes(decision)) LeftOut++;
        else if (!reading.IsEarlyKnown(unit)) Waiting++;
        else Keep(unit, reading.Values(unit));
    }

    private void Keep(ExposedUnit unit, double[] values) => _drawn.Add(unit.Decision.Unit, () =>
        new(unit.Decision.BlueprintVersion, unit.Decision.Served.ToArray(), unit.Decision.Arm, values, unit.Decision.Propensity));
}
