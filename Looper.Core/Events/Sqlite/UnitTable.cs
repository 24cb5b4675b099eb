using System.Numerics;

namespace Looper.Core.Events.Sqlite;

/// <summary>Units by the 64-bit hash of their name, numbered as they come, each with its exposure. Two of a million units meet with probability
/// 3e-8. They lie in pieces that are never copied, since growing one array of all would hold it twice: a unit takes 32 bytes, and 5 to 11 for
/// finding it.</summary>
internal sealed class UnitTable
{
    /// <summary>What a unit takes, with its part in finding it.</summary>
    public const int UnitBytes = 43;

    private const int PieceBits = 12, Piece = 1 << PieceBits;

    private readonly List<(long[] Hashes, Exposure[] Exposures)> _pieces = [];
    private int[] _slots = new int[2 * Piece]; // number + 1; open addressing, at most three quarters full

    public int Count { get; private set; }

    /// <summary>Number of the unit; −1 where it is not here.</summary>
    public int Find(long hash)
    {
        for (var slot = First(hash); ; slot = (slot + 1) & (_slots.Length - 1))
        {
            var unit = _slots[slot] - 1;
            if (unit < 0 || _pieces[unit >> PieceBits].Hashes[unit & (Piece - 1)] == hash) return unit;
        }
    }

    /// <summary>A unit that is not here yet.</summary>
    /// <returns>Its number.</returns>
    public int Add(long hash, Exposure exposure)
    {
        if (4L * (Count + 1) > 3L * _slots.Length) Grow();
        if (Count >> PieceBits == _pieces.Count) _pieces.Add((new long[Piece], new Exposure[Piece]));
        var (hashes, exposures) = _pieces[^1];
        (hashes[Count & (Piece - 1)], exposures[Count & (Piece - 1)]) = (hash, exposure);
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
            var (hashes, exposures) = _pieces[unit >> PieceBits];
            var hash = hashes[unit & (Piece - 1)];
            if (!units.Holds(hash)) continue;
            var to = _pieces[kept >> PieceBits];
            (to.Hashes[kept & (Piece - 1)], to.Exposures[kept & (Piece - 1)]) = (hash, exposures[unit & (Piece - 1)]);
            moved(unit, kept++);
        }

        var pieces = (kept + Piece - 1) >> PieceBits;
        _pieces.RemoveRange(pieces, _pieces.Count - pieces);
        Count = kept;
        Array.Clear(_slots);
        for (var unit = 0; unit < kept; unit++) Place(_pieces[unit >> PieceBits].Hashes[unit & (Piece - 1)], unit);
    }

    public ref Exposure Exposure(int unit) => ref _pieces[unit >> PieceBits].Exposures[unit & (Piece - 1)];

    private void Grow()
    {
        _slots = new int[2 * _slots.Length];
        for (var unit = 0; unit < Count; unit++) Place(_pieces[unit >> PieceBits].Hashes[unit & (Piece - 1)], unit);
    }

    private void Place(long hash, int unit)
    {
        var slot = First(hash);
        while (_slots[slot] != 0) slot = (slot + 1) & (_slots.Length - 1);
        _slots[slot] = unit + 1;
    }

    // The hash is mixed well: its top bits will do.
    private int First(long hash) => (int)((ulong)hash >> (64 - BitOperations.Log2((uint)_slots.Length)));
}

/// <summary>When a unit came under its arm.</summary>
internal struct Exposure(long seq, long ticks, int arm)
{
    public readonly long Seq = seq, Ticks = ticks;
    public readonly short Arm = (short)arm;
    public bool SawOtherArms;
    public int Decisions;
}
