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
internal sealed class OverlapUnits(OtherExperiment other, int arms, ImmutableArray<MetricSpec> goals)
{
    private readonly double[] _units = new double[arms * other.Arms.Length];
    private readonly Moments[][] _cells = [.. goals.Select(_ => new Moments[arms * other.Arms.Length])];

    public void Add(int arm, ExposedUnit unit)
    {
        if (!other.ArmOf.TryGetValue(UnitHash.Of(unit.Decision.Unit), out var there) || there < 0 || there >= other.Arms.Length) return;
        var cell = arm * other.Arms.Length + there;
        _units[cell]++;
        for (var goal = 0; goal < goals.Length; goal++)
            if (goals[goal].TryRead(unit, out var value, out _) && !double.IsNaN(value)) _cells[goal][cell] = _cells[goal][cell].With(value);
    }

    public OverlapSums Finish() => new(other.Key, other.Arms, _units, _cells);
}
