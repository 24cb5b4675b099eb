using Looper.Core.Serving.Histories;

namespace Looper.Core.Events.Histories;

/// <summary>A report of a unit, and since when it was known. In order of the unit, then of that.</summary>
/// <param name="Received">Ticks.</param>
internal readonly record struct KnownReport(UnitKey Unit, long Received, HistoryEvent Report) : IComparable<KnownReport>
{
    public const int Bytes = 48;

    public int CompareTo(KnownReport other) => CompareTo(other.Unit, other.Received);

    public int CompareTo(UnitKey unit, long received) =>
        Unit.First != unit.First ? Unit.First.CompareTo(unit.First)
        : Unit.Second != unit.Second ? Unit.Second.CompareTo(unit.Second)
        : Received.CompareTo(received);
}
