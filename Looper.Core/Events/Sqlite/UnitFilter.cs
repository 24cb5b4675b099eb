namespace Looper.Core.Events.Sqlite;

/// <summary>Which units decided lately, for certain only where it says no: so an outcome of a unit that nobody decides for costs no search. Two Bloom filters of
/// a megabyte, of which the older is dropped when the newer holds half a million; one of a thousand units is taken for one that decided.</summary>
/// <remarks>Bloom 1970, Communications of the ACM 13:422. Each of 2¹⁹ units sets six of 2²³ bits: (1 − e^(−6/16))⁶ is 0.1 %. The hashes of units are even enough to
/// take the places from (Kirsch and Mitzenmacher 2008).</remarks>
internal sealed class UnitFilter
{
    public const int Half = 1 << 19;
    private const int PlaceBits = 23, Places = 6;

    private ulong[] _newer = Empty(), _older = Empty();
    private int _held;

    public void Add(long unit)
    {
        if (_held == Half)
        {
            (_newer, _older) = (_older, _newer);
            Array.Clear(_newer);
            _held = 0;
        }
        _held++;
        for (var i = 0; i < Places; i++)
        {
            var place = Place(unit, i);
            _newer[place >> 6] |= 1UL << (int)(place & 63);
        }
    }

    public bool MayHold(long unit) => IsIn(_newer, unit) || IsIn(_older, unit);

    private static bool IsIn(ulong[] bits, long unit)
    {
        for (var i = 0; i < Places; i++)
        {
            var place = Place(unit, i);
            if ((bits[place >> 6] & (1UL << (int)(place & 63))) == 0) return false;
        }
        return true;
    }

    private static ulong Place(long unit, int i) => ((uint)unit + ((ulong)i * ((ulong)unit >> 32 | 1))) & ((1UL << PlaceBits) - 1);

    private static ulong[] Empty() => new ulong[1 << (PlaceBits - 6)];
}
