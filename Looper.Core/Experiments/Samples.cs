using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>One thing that got an arm as a whole: a cluster, or a slot of time in a region.</summary>
/// <param name="Group">Number of the cluster or region, from 0.</param>
/// <param name="Slot">Number of the slot; 0 for clusters.</param>
internal readonly record struct Sample(int Arm, int Group, long Slot);

/// <summary>Numbers the samples of a design while units come in: which one a unit belongs to.</summary>
internal sealed class Samples
{
    private readonly TimeSlots? _slots;
    private readonly Dictionary<int, int> _columns = [];
    private readonly bool _hasGroups;
    private readonly Dictionary<(ServedKind, long), int> _groups = [];
    private readonly Dictionary<Sample, int> _numbers = [];

    /// <param name="features">The features of each blueprint version, in its order: served rows are read by the version that wrote them.</param>
    public Samples(ExperimentPlan plan, IReadOnlyDictionary<int, ImmutableArray<Feature>> features)
    {
        _slots = plan.Slots;
        var name = plan.Cluster ?? plan.Switchback?.Region;
        _hasGroups = name is not null;
        foreach (var (version, own) in features)
            for (var i = 0; i < own.Length; i++)
                if (own[i].Name == name) _columns[version] = i;
    }

    public List<Sample> All { get; } = [];

    /// <returns>Number of the unit's sample; −1 where what was served does not say its group.</returns>
    public int Of(int arm, DecisionRecord decision)
    {
        var group = 0;
        if (_hasGroups && !TryGroup(decision, out group)) return -1;
        var sample = new Sample(arm, group, _slots?.Of(decision.Time) ?? 0);
        if (_numbers.TryGetValue(sample, out var number)) return number;
        _numbers.Add(sample, All.Count);
        All.Add(sample);
        return All.Count - 1;
    }

    /// <summary>The unit was exposed in the second half of its slot.</summary>
    public bool IsLate(DecisionRecord decision) => _slots?.IsLate(decision.Time) == true;

    private bool TryGroup(DecisionRecord decision, out int group)
    {
        group = -1;
        if (!_columns.TryGetValue(decision.BlueprintVersion, out var column)) return false;
        var reader = new ServedRowReader(decision.Served.Span);
        for (var i = 0; i <= column; i++)
            if (!reader.Read()) return false;
        // Two of a million texts meet with probability 3e-8.
        var key = reader.Kind switch
        {
            ServedKind.Text => unchecked((long)Assignment.Hash(reader.Text, 0)),
            ServedKind.Number => BitConverter.DoubleToInt64Bits(reader.Number + 0.0),
            _ => 0,
        };
        if (reader.Kind is not (ServedKind.Text or ServedKind.Number)) return false;
        if (!_groups.TryGetValue((reader.Kind, key), out group)) _groups.Add((reader.Kind, key), group = _groups.Count);
        return true;
    }
}

/// <summary>One metric summed over each sample, and over the second half of each slot.</summary>
internal sealed class SampleSums(IReadOnlyList<Sample> samples)
{
    private readonly List<(double Units, double Sum, double LateUnits, double LateSum)> _cells = [];

    public void Add(int sample, bool isLate, double value, double divisor)
    {
        while (_cells.Count <= sample) _cells.Add(default);
        var (units, sum, lateUnits, lateSum) = _cells[sample];
        _cells[sample] = (units + divisor, sum + value, lateUnits + (isLate ? divisor : 0), lateSum + (isLate ? value : 0));
    }

    /// <summary>Samples of an arm that have a value.</summary>
    public Cluster[] Clusters(int arm) => [.. Of(arm).Select(s => new Cluster(s.Cell.Units, s.Cell.Sum))];

    /// <summary>Slots of the baseline and one arm, whole.</summary>
    /// <param name="cell">What kind of time a slot is.</param>
    public TimeBlock[] Blocks(int arm, Func<long, int> cell) =>
        [.. Of(0).Concat(Of(arm)).Select(s => new TimeBlock(s.Sample.Group, cell(s.Sample.Slot), s.Sample.Arm == arm, s.Cell.Units, s.Cell.Sum))];

    /// <summary>First and second halves of the slots that have units in both.</summary>
    public (TimeBlock[] First, TimeBlock[] Second) Halves(int arm, Func<long, int> cell)
    {
        var both = Of(0).Concat(Of(arm)).Where(s => s.Cell.LateUnits > 0 && s.Cell.Units > s.Cell.LateUnits).ToList();
        return ([.. both.Select(s => new TimeBlock(s.Sample.Group, cell(s.Sample.Slot), s.Sample.Arm == arm, s.Cell.Units - s.Cell.LateUnits, s.Cell.Sum - s.Cell.LateSum))],
            [.. both.Select(s => new TimeBlock(s.Sample.Group, cell(s.Sample.Slot), s.Sample.Arm == arm, s.Cell.LateUnits, s.Cell.LateSum))]);
    }

    /// <summary>First and last slot that has a value.</summary>
    public (long First, long Last) Span()
    {
        var slots = samples.Take(_cells.Count).Where((_, i) => _cells[i].Units > 0).Select(s => s.Slot).DefaultIfEmpty().ToList();
        return (slots.Min(), slots.Max());
    }

    /// <summary>The same with the arms in another order.</summary>
    /// <param name="order">Old place of each arm.</param>
    public SampleSums Rebased(int[] order)
    {
        var rebased = new SampleSums([.. samples.Select(s => s with { Arm = Array.IndexOf(order, s.Arm) })]);
        rebased._cells.AddRange(_cells);
        return rebased;
    }

    public void Write(BinaryWriter file)
    {
        file.Write(_cells.Count);
        for (var i = 0; i < _cells.Count; i++)
        {
            file.Write(samples[i].Arm);
            file.Write(samples[i].Group);
            file.Write(samples[i].Slot);
            var (units, sum, lateUnits, lateSum) = _cells[i];
            foreach (var number in new[] { units, sum, lateUnits, lateSum }) file.Write(number);
        }
    }

    public static SampleSums Read(BinaryReader file)
    {
        List<Sample> samples = [];
        var sums = new SampleSums(samples);
        for (var left = file.ReadInt32(); left > 0; left--)
        {
            samples.Add(new(file.ReadInt32(), file.ReadInt32(), file.ReadInt64()));
            sums._cells.Add((file.ReadDouble(), file.ReadDouble(), file.ReadDouble(), file.ReadDouble()));
        }

        return sums;
    }

    private IEnumerable<(Sample Sample, (double Units, double Sum, double LateUnits, double LateSum) Cell)> Of(int arm) =>
        samples.Take(_cells.Count).Select((s, i) => (Sample: s, Cell: _cells[i])).Where(s => s.Sample.Arm == arm && s.Cell.Units > 0);
}
