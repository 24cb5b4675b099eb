using System.Runtime.InteropServices;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Policies;
using Looper.Core.Statistics;

namespace Looper.Core.Ledger;

/// <summary>The sums at the end of a day or of some days.</summary>
internal sealed record CountedUntil(DateTimeOffset Until, CellSums Sums, long[] Decisions);

/// <summary>Counts decisions in time order, by stretch and by whether the unit kept the baseline. Units are kept by their hash: a part of them at a time where they are many.</summary>
internal sealed class GainCount
{
    /// <summary>Stretches that are told apart, of those that can be measured and of those that cannot; what comes in others is counted in none.</summary>
    public const int MostStretches = 40;

    public const int MostDays = 240;

    private readonly HeldOutLots _lots;
    private readonly GoalReward _reward;
    private readonly double _shift;
    private readonly int _part, _parts;
    private readonly List<CountedStretch> _stretches = [];
    private readonly Dictionary<(int Run, GainSource Source, double Below, double From, string? WhyNot), CountedStretch> _byLot = [];
    private readonly Dictionary<long, int> _heads = [];
    private readonly List<Link> _links = [];
    private readonly List<CountedUntil> _course = [];
    private readonly List<CellSum> _had = [];
    private CellSums _sums = new(2);
    private int _numbered;

    /// <param name="shift">Taken off every value.</param>
    /// <param name="part">Units of this part are counted, of <paramref name="parts"/>.</param>
    /// <param name="carried">Counted before, and goes on. The first part has its sums.</param>
    public GainCount(HeldOutLots lots, GoalReward reward, double shift, int part, int parts, CountState? carried = null)
    {
        (_lots, _reward, _shift, _part, _parts) = (lots, reward, shift, part, parts);
        if (carried is null) return;
        foreach (var state in carried.Stretches)
        {
            var stretch = new CountedStretch(state, part == 0);
            _stretches.Add(stretch);
            _byLot[KeyOf(state.Lot)] = stretch;
            if (state.Number >= 0) _numbered++;
        }
        _sums = part == 0 ? CellSums.Of(carried.Sums) : new(carried.Sums.Units[^1].Length);
        _sums.Close();
        if (part == 0) Beyond = carried.Beyond;
    }

    public IReadOnlyList<CountedStretch> Stretches => _stretches;

    public IReadOnlyList<CountedUntil> Course => _course;

    public CellSums Sums => _sums;

    public int Units => _heads.Count;

    /// <summary>Of the first decision that was added; null without any.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>Decisions for units that did not keep the baseline, with a known value, that are counted in no stretch: it is one too many.</summary>
    public long Beyond { get; private set; }

    public void Add(Example example)
    {
        var decision = example.Decision;
        if (_lots.Of(decision) is not { } lot) return;
        First ??= decision.Time;
        var value = ValueOf(example);
        if (double.IsNaN(value)) return;
        var place = lot.Source == GainSource.NotMeasured ? 1 : _lots.PlaceOf(lot, decision);
        if (place >= lot.Below && place < lot.From) return;
        var isKept = place < lot.Below;
        if (StretchOf(lot, decision) is not { } stretch)
        {
            if (_part == 0 && !isKept) Beyond++;
            return;
        }
        var hash = UnitHash.Of(decision.Unit);
        if (lot.Source == GainSource.NotMeasured ? _part != 0 : _parts > 1 && (int)((ulong)hash % (ulong)_parts) != _part) return;
        if (!isKept) stretch.Decisions++;
        if (stretch.Number >= 0) Add(hash, isKept ? stretch.Cells.HeldOut : stretch.Cells.Decided, value - _shift);
    }

    /// <summary>All has been added: units are not told apart any more.</summary>
    public void End()
    {
        _heads.Clear();
        _heads.TrimExcess();
        _links.Clear();
        _links.TrimExcess();
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
        for (var o = 0; o < values.Length; o++) values[o] = _reward.ValueOf(o, example.Values[o]);
        return _reward.Of(values) * (_reward.LowerIsBetter ? -1 : 1);
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
        if (!_byLot.TryGetValue(KeyOf(lot), out var stretch))
        {
            var isMeasured = lot.Source != GainSource.NotMeasured;
            if ((isMeasured ? _numbered : _stretches.Count - _numbered) == MostStretches) return null;
            if (isMeasured && _sums.Cells < 2 * (_numbered + 1)) _sums = _sums.Widened(2 * (_numbered + 1));
            _byLot.Add(KeyOf(lot), stretch = new(lot, isMeasured ? _numbered++ : -1, decision.Time, _lots.VersionOf(decision)));
            _stretches.Add(stretch);
        }
        stretch.Saw(decision.Time, _lots.VersionOf(decision));
        return stretch;
    }

    private static (int, GainSource, double, double, string?) KeyOf(Lot lot) => (lot.Run, lot.Source, lot.Below, lot.From, lot.WhyNot);

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
