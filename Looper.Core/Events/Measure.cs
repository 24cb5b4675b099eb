using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Events;

/// <summary>One number per unit: the observations of one outcome inside a span around the unit's exposure, folded as the outcome says.</summary>
/// <param name="Outcome">Name, aggregation and value when absent count; its window does unless <see cref="Until"/> is given.</param>
public sealed record Measure(Outcome Outcome)
{
    /// <summary>Start of the span from the exposure on; below zero it reaches into the time before.</summary>
    public TimeSpan From { get; init; }

    /// <summary>End of the span from the exposure on.</summary>
    public TimeSpan Until { get; init; } = Outcome.Window;

    /// <summary>How many observations there were, instead of their values.</summary>
    public bool Counts { get; init; }

    /// <summary>How observations are folded; counting them is the same whichever value is wanted.</summary>
    public Aggregation Fold => Counts ? Aggregation.Sum : Outcome.Aggregation;

    /// <summary>Each observation is kept and handed out beside the fold.</summary>
    public bool KeepsEvents { get; init; }

    /// <summary>The span lies before the exposure.</summary>
    public bool IsBefore => From < TimeSpan.Zero;

    /// <summary>A measure of the time before the exposure; an observation at the very moment belongs to the time after it.</summary>
    public static Measure Before(Outcome outcome, TimeSpan span) => new(outcome) { From = -span, Until = -TimeSpan.FromTicks(1) };
}

/// <param name="Ticks">From the exposure on.</param>
public readonly record struct KeptEvent(long Ticks, double Value);

/// <summary>Observations kept one by one while units are folded.</summary>
internal sealed class KeptEvents
{
    private const long EventBytes = 24;

    private readonly List<(int Unit, int Measure, KeptEvent Event)> _events = [];
    private int _next;

    /// <summary>Bytes that they take.</summary>
    public long Bytes => EventBytes * _events.Count;

    /// <summary>Number of the unit whose observations are being read.</summary>
    public int Unit { get; set; }

    public void Add(int measure, long ticks, double value) => _events.Add((Unit, measure, new(ticks, value)));

    /// <summary>Numbers units anew.</summary>
    /// <param name="numbers">New number of each unit; −1 forgets what was kept of it.</param>
    public void Renumber(int[] numbers)
    {
        var kept = 0;
        for (var i = 0; i < _events.Count; i++)
            if (numbers[_events[i].Unit] is >= 0 and var number) _events[kept++] = _events[i] with { Unit = number };
        _events.RemoveRange(kept, _events.Count - kept);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _events.Clear();
        _next = 0;
    }

    /// <summary>Puts them in order of unit, measure and time; then each unit's can be taken once, in order.</summary>
    public void Sort() => _events.Sort((a, b) =>
        a.Unit != b.Unit ? a.Unit.CompareTo(b.Unit)
        : a.Measure != b.Measure ? a.Measure.CompareTo(b.Measure)
        : a.Event.Ticks != b.Event.Ticks ? a.Event.Ticks.CompareTo(b.Event.Ticks)
        : a.Event.Value.CompareTo(b.Event.Value));

    /// <param name="unit">Not smaller than at the call before.</param>
    /// <param name="measures">How many there are.</param>
    public ImmutableArray<ImmutableArray<KeptEvent>> Take(int unit, int measures)
    {
        while (_next < _events.Count && _events[_next].Unit < unit) _next++;
        var taken = new List<KeptEvent>?[measures];
        for (; _next < _events.Count && _events[_next].Unit == unit; _next++) (taken[_events[_next].Measure] ??= []).Add(_events[_next].Event);
        return [.. taken.Select(t => t is null ? ImmutableArray<KeptEvent>.Empty : [.. t])];
    }
}
