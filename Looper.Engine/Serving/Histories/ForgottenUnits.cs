namespace Looper.Core.Serving.Histories;

/// <summary>
/// Which units were forgotten, in about ten bits for each (a filter after Bloom 1970 with seven probes: 1 % of the others are taken for forgotten, never one
/// forgotten for another). Two generations: when the newer is full the older is dropped, and from then on nothing before its last moment is vouched for.
/// </summary>
internal sealed class ForgottenUnits(long bytes)
{
    private const int BitsPerUnit = 10, Probes = 7;

    private readonly int _words = (int)Math.Clamp(bytes / 2 / sizeof(ulong), 16, 1 << 27);
    private ulong[]? _newer, _older;
    private int _count;
    private long _newerReach = long.MinValue, _olderReach = long.MinValue, _vouchedFrom = long.MinValue;

    /// <param name="reach">Latest moment of which something was lost.</param>
    public void Add(UnitKey key, long reach)
    {
        if (_newer is null || _count >= _words * 64L / BitsPerUnit)
        {
            if (_older is not null) _vouchedFrom = Math.Max(_vouchedFrom, _olderReach);
            (_older, _olderReach) = (_newer, _newerReach);
            (_newer, _newerReach, _count) = (new ulong[_words], long.MinValue, 0);
        }
        for (var probe = 0; probe < Probes; probe++)
        {
            var bit = BitOf(key, probe);
            _newer[bit >> 6] |= 1UL << (int)(bit & 63);
        }
        _newerReach = Math.Max(_newerReach, reach);
        _count++;
    }

    /// <summary>From when on all is known of a unit that is not kept.</summary>
    public long KnownFrom(UnitKey key)
    {
        var from = _vouchedFrom;
        if (Holds(_newer, key)) from = Math.Max(from, _newerReach);
        if (Holds(_older, key)) from = Math.Max(from, _olderReach);
        return from;
    }

    private bool Holds(ulong[]? bits, UnitKey key)
    {
        if (bits is null) return false;
        for (var probe = 0; probe < Probes; probe++)
        {
            var bit = BitOf(key, probe);
            if ((bits[bit >> 6] >> (int)(bit & 63) & 1) == 0) return false;
        }
        return true;
    }

    // Two hashes give all probes (Kirsch and Mitzenmacher 2008).
    private ulong BitOf(UnitKey key, int probe) => (key.Second + (ulong)probe * (key.First | 1)) % ((ulong)_words * 64);
}
