using System.Text;

namespace Looper.Core.Serving.Histories;

/// <summary>One report of an outcome for a unit.</summary>
/// <param name="Outcome">Its name as <see cref="OutcomeOf(string)"/>.</param>
/// <param name="Ticks">When it happened, UTC.</param>
public readonly record struct HistoryEvent(ulong Outcome, long Ticks, double Value) : IComparable<HistoryEvent>
{
    // A seed of its own, so that no draw depends on it.
    private const ulong Seed = 0x6F75_7463_6F6D_6573;

    /// <summary>An outcome's name as a number: comparing it costs nothing, and two names of one decision point never meet in practice (2⁻⁶⁴).</summary>
    public static ulong OutcomeOf(string name) => OutcomeOf(Encoding.UTF8.GetBytes(name));

    /// <inheritdoc cref="OutcomeOf(string)"/>
    public static ulong OutcomeOf(ReadOnlySpan<byte> utf8Name) => Assignment.Hash(utf8Name, Seed);

    /// <summary>By outcome, then time, then value: sums are taken in this order, so they do not depend on the order of arrival.</summary>
    public int CompareTo(HistoryEvent other) =>
        Outcome != other.Outcome ? Outcome.CompareTo(other.Outcome) : Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : Value.CompareTo(other.Value);

    public static bool operator <(HistoryEvent left, HistoryEvent right) => left.CompareTo(right) < 0;

    public static bool operator >(HistoryEvent left, HistoryEvent right) => left.CompareTo(right) > 0;

    public static bool operator <=(HistoryEvent left, HistoryEvent right) => left.CompareTo(right) <= 0;

    public static bool operator >=(HistoryEvent left, HistoryEvent right) => left.CompareTo(right) >= 0;
}
