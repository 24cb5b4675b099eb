using System.Collections.Immutable;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Another experiment that ran at the same time, and the arm in it of each unit.</summary>
/// <param name="Arms">Keys of its arms, the baseline first.</param>
/// <param name="ArmOf">By hash of the unit.</param>
public sealed record OtherExperiment(string Key, ImmutableArray<string> Arms, IReadOnlyDictionary<long, int> ArmOf);

/// <summary>Units that two experiments share, while they come in.</summary>
/// <param name="goals">The metrics themselves: an interaction is of the units that a metric takes, cut where it is cut.</param>
internal sealed class OverlapUnits(OtherExperiment other, int arms, ImmutableArray<MetricUnits> goals)
{
    private readonly double[] _units = new double[arms * other.Arms.Length];
    private readonly Moments[][] _cells = [.. goals.Select(_ => new Moments[arms * other.Arms.Length])];
    private readonly List<(int Cell, double Value)>[] _waiting = [.. goals.Select(_ => new List<(int, double)>())]; // until it is known where the metric is cut

    public void Add(int arm, ExposedUnit unit)
    {
        if (!other.ArmOf.TryGetValue(UnitHash.Of(unit.Decision.Unit), out var there) || there < 0 || there >= other.Arms.Length) return;
        var cell = arm * other.Arms.Length + there;
        _units[cell]++;
        for (var goal = 0; goal < goals.Length; goal++)
            if (goals[goal].TryTake(unit, out var value)) Take(goal, cell, value);
    }

    /// <summary>After the metrics have finished.</summary>
    public OverlapSums Finish()
    {
        for (var goal = 0; goal < goals.Length; goal++) Settle(goal);
        return new(other.Key, other.Arms, _units, _cells);
    }

    private void Take(int goal, int cell, double value)
    {
        _waiting[goal].Add((cell, value));
        if (goals[goal].IsCutKnown) Settle(goal);
    }

    private void Settle(int goal)
    {
        foreach (var (cell, value) in _waiting[goal]) _cells[goal][cell] = _cells[goal][cell].With(Math.Min(value, goals[goal].Cut));
        _waiting[goal].Clear();
    }
}
