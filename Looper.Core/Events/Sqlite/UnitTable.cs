using System.Numerics;

namespace Looper.Core.Events.Sqlite;

/// <summary>Units by the 64-bit hash of their name, numbered as they come, each with its exposure. Two of a million units meet with probability
/// 3e-8. A unit takes 32 bytes, and 5 to 11 for finding it.</summary>
internal sealed class UnitTable : IDisposable
{
    /// <summary>What a unit takes, with its part in finding it.</summary>
    public const int UnitBytes = 43;

    private readonly UnmanagedRows<Row> _rows = new(1);
    private int[] _slots = new int[1 << 13]; // number + 1; open addressing, at most three quarters full

    public int Count { get; private set; }

    /// <summary>Number of the unit; −1 where it is not here.</summary>
    public int Find(long hash)
    {
        for (var slot = First(hash); ; slot = (slot + 1) & (_slots.Length - 1))
        {
            var unit = _slots[slot] - 1;
            if (unit < 0 || _rows[unit][0].Hash == hash) return unit;
        }
    }

    /// <summary>A unit that is not here yet.</summary>
    /// <returns>Its number.</returns>
    public int Add(long hash, Exposure exposure)
    {
        if (4L * (Count + 1) > 3L * _slots.Length) Grow();
        _rows[Count][0] = new() { Hash = hash, Exposure = exposure };
        Place(hash, Count);
        return Count++;
    }

    /// <summary>Forgets the units outside a class; the others are numbered anew, in the same order.</summary>
    /// <param name="moved">Called with the old and the new number of each that stays, rising.</param>
    public void Keep(UnitClass units, Action<int, int> moved)
    {
        var kept = 0;
        for (var unit = 0; unit < Count; unit++)
        {
            var row = _rows[unit][0];
            if (!units.Holds(row.Hash)) continue;
            _rows[kept][0] = row;
            moved(unit, kept++);
        }

        _rows.Cut(kept);
        Count = kept;
        Array.Clear(_slots);
        for (var unit = 0; unit < kept; unit++) Place(_rows[unit][0].Hash, unit);
    }

    public ref Exposure Exposure(int unit) => ref _rows[unit][0].Exposure;

    public void Dispose() => _rows.Dispose();

    private void Grow()
    {
        _slots = new int[2 * _slots.Length];
        for (var unit = 0; unit < Count; unit++) Place(_rows[unit][0].Hash, unit);
    }

    private void Place(long hash, int unit)
    {
        var slot = First(hash);
        while (_slots[slot] != 0) slot = (slot + 1) & (_slots.Length - 1);
        _slots[slot] = unit + 1;
    }

    // The hash is mixed well: its top bits will do.
    private int First(long hash) => (int)((ulong)hash >> (64 - BitOperations.Log2((uint)_slots.Length)));

    private struct Row
    {
        public long Hash;
        public Exposure Exposure;
    }
}

/// <summary>When a unit came under its arm.</summary>
internal struct Exposure(long seq, long ticks, int arm)
{
    public readonly long Seq = seq, Ticks = ticks;
    public readonly short Arm = (short)arm;
    public bool SawOtherArms;
    public int Decisions;
}
