using System.Collections.Frozen;

namespace Looper.Core.Serving.Histories;

/// <summary>What is kept of the units of one decision point, and whether all of it is there yet.</summary>
public sealed class TrackedPoint
{
    private readonly ulong _first, _second;
    private volatile bool _isComplete;

    /// <param name="generation">Another one for each time the point is read anew, so that nothing of an earlier reading is found.</param>
    internal TrackedPoint(Guid id, long generation, IReadOnlyDictionary<string, TimeSpan> windows)
    {
        (Id, Windows) = (id, windows.ToFrozenDictionary(StringComparer.Ordinal));
        Outcomes = windows.Keys.Select(HistoryEvent.OutcomeOf).ToFrozenSet();
        Longest = windows.Values.DefaultIfEmpty().Max().Ticks;
        (_first, _second) = (Assignment.Stream(generation, $"history:{id:N}"), Assignment.Stream(generation, $"again:{id:N}"));
    }

    public Guid Id { get; }

    /// <summary>Longest window of each outcome.</summary>
    public FrozenDictionary<string, TimeSpan> Windows { get; }

    /// <summary>Ticks of the longest window of all.</summary>
    public long Longest { get; }

    /// <summary>What the journal held when it was first tracked has been read; before that nothing is known of any unit.</summary>
    public bool IsComplete
    {
        get => _isComplete;
        internal set => _isComplete = value;
    }

    internal FrozenSet<ulong> Outcomes { get; }

    /// <summary>All that these windows ask for is kept.</summary>
    internal bool Covers(IReadOnlyDictionary<string, TimeSpan> windows) => windows.All(w => w.Value.Ticks <= Longest && Windows.ContainsKey(w.Key));

    internal UnitKey KeyOf(ReadOnlySpan<byte> utf8Unit) => new(Assignment.Hash(utf8Unit, _first), Assignment.Hash(utf8Unit, _second));
}

/// <summary>A unit of a decision point as 128 bits of hash: no name is kept.</summary>
internal readonly record struct UnitKey(ulong First, ulong Second)
{
    public override int GetHashCode() => (int)(First >> 16);
}
