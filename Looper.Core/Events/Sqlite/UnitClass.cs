namespace Looper.Core.Events.Sqlite;

/// <summary>The units whose hash ends in certain bits: a share of all of them that is the same whenever it is asked for.</summary>
internal readonly record struct UnitClass(int Bits, long Ending)
{
    /// <summary>No unit at all.</summary>
    public static UnitClass None { get; } = new(1, 2);

    public bool Holds(long hash) => (hash & ((1L << Bits) - 1)) == Ending;

    /// <summary>Two halves of it.</summary>
    public (UnitClass, UnitClass) Halves() => (new(Bits + 1, Ending), new(Bits + 1, Ending | (1L << Bits)));
}
