using System.Runtime.InteropServices;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Policies;
using Looper.Core.Statistics;

namespace Looper.Core.Ledger;

/// <summary>A stretch while its decisions come in.</summary>
internal sealed class CountedStretch(Lot lot, int number, DateTimeOffset first, int version)
{
    public Lot Lot => lot;

    public HeldOutStretch Cells => new(2 * number, (2 * number) + 1);

    public DateTimeOffset From { get; } = first;

    public DateTimeOffset Until { get; private set; } = first;

    public int FirstVersion { get; private set; } = version;

    public int LastVersion { get; private set; } = version;

    /// <summary>Decisions with a known value for units that did not keep the baseline.</summary>
    public long Decisions { get; set; }

    public void Saw(DateTimeOffset at, int by)
    {
        Until = at;
        (FirstVersion, LastVersion) = (Math.Min(FirstVersion, by), Math.Max(LastVersion, by));
    }
}

/// <summary>The sums at the end of a day or of some days.</summary>
internal sealed record CountedUntil(DateTimeOffset Until, CellSums Sums, long[] Decisions);

/// <summary>Counts decisions in time order, by stretch and by whether the unit kept the baseline. Units are kept by their hash: a part of them at a time where they are many.</summary>
/// <param name="shift">Taken off every value.</param>
/// <param name="part">Units of this part are counted, of <paramref name="parts"/>.</param>
internal sealed class GainCount(HeldOutLots lots, GoalReward reward, double shift, int part, int parts)
{
    /// <summary>Stretches that are told apart; what comes after the last of them is counted in none.</summary>
    public const int MostStretches = 40;

    private const int MostDays = 240;

    private readonly List<CountedStretch> _stretches = [];
    private readonly Dictionary<(int Run, GainSource Source, double Below, double From, string? WhyNot), CountedStretch> _byLot = [];
    private readonly Dictionary<long, int> _heads = [];
    private readonly List<Link> _links = [];
    private CellSums _sums = new(2);
    private readonly List<CountedUntil> _course = [];
    private readonly List<CellSum> _had = [];

    public IReadOnlyList<CountedStretch> Stretches => _stretches;

    public IReadOnlyList<CountedUntil> Course => _course;

    public CellSums Sums => _sums;

    public int Units => _heads.Count;

    /// <summary>Decisions that are not counted: in a stretch too many.</summary>
    public long Beyond { get; private set; }

    public void Add(Example example)
    {
        var decision = example.Decision;
        if (lots.Of(decision) is not { } lot || StretchOf(lot, decision) is not { } stretch) return;
        var value = ValueOf(example);
        if (double.IsNaN(value)) return;
        if (lot.Source == GainSource.NotMeasured)
        {
            if (part == 0) stretch.Decisions++;
            return;
        }
        var place = lots.PlaceOf(lot, decision);
        if (place >= lot.Below && place < lot.From) return;
        var hash = UnitHash.Of(decision.Unit);
        if (parts > 1 && (int)((ulong)hash % (ulong)parts) != part) return;
        var isKept = place < lot.Below;
        if (!isKept) stretch.Decisions++;
        Add(hash, isKept ? stretch.Cells.HeldOut : stretch.Cells.Decided, value - shift);
    }

    /// <summary>Keeps what there is by now as the end of a day; of many days every other.</summary>
    public void EndDay(DateTimeOffset until)
    {
        if (_course.Count == MostDays) Thin(_course);
        _course.Add(new(until, _sums.Widened(_sums.Cells), [.. _stretches.Select(s => s.Decisions)]));
    }

    /// <summary>The goal's value of a decision; NaN while it is not known.</summary>
    public double ValueOf(Example example)
    {
        Span<double> values = stackalloc double[example.Values.Length];
        for (var o = 0; o < values.Length; o++) values[o] = reward.ValueOf(o, example.Values[o]);
        return reward.Of(values) * (reward.LowerIsBetter ? -1 : 1);
    }

    /// <summary>Leaves out every other, the last excepted.</summary>
    internal static void Thin<T>(List<T> course)
    {
        var place = 0;
        var last = course.Count % 2;
        course.RemoveAll(_ => ++place % 2 != last);
    }

    private CountedStretch? StretchOf(Lot lot, DecisionRecord decision)
    {
        var key = (lot.Run, lot.Source, lot.Below, lot.From, lot.WhyNot);
        if (!_byLot.TryGetValue(key, out var stretch))
        {
            if (_stretches.Count == MostStretches)
            {
                Beyond++;
                return null;
            }
            if (_sums.Cells < 2 * (_stretches.Count + 1)) _sums = _sums.Widened(2 * (_stretches.Count + 1));
            _byLot.Add(key, stretch = new(lot, _stretches.Count, decision.Time, lots.VersionOf(decision)));
            _stretches.Add(stretch);
        }
        stretch.Saw(decision.Time, lots.VersionOf(decision));
        return stretch;
    }

    private void Add(long unit, int cell, double value)
    {
        ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(_heads, unit, out var exists);
        if (!exists) head = -1;
        _had.Clear();
        var own = -1;
        for (var i = head; i >= 0; i = _links[i].Next)
        {
            var link = _links[i];
            _had.Add(link.Sum);
            if (link.Sum.Cell == cell) own = i;
        }
        _sums.Add(CollectionsMarshal.AsSpan(_had), cell, value);
        if (own >= 0)
        {
            var link = _links[own];
            _links[own] = link with { Sum = link.Sum with { Count = link.Sum.Count + 1, Value = link.Sum.Value + value } };
            return;
        }
        _links.Add(new(new(cell, 1, value), head));
        head = _links.Count - 1;
    }

    /// <param name="Next">The unit's other sums; −1 for none.</param>
    private readonly record struct Link(CellSum Sum, int Next);
}
