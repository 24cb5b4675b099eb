using Looper.Core.Serving;

namespace Looper.Web.Api;

/// <summary>Tells which of up to 500 ids came before, by 64-bit hash: two different ones meet with probability below 10⁻¹⁴.</summary>
/// <param name="slots">Length <see cref="Slots"/>, all 0.</param>
/// <param name="hashes">One per id.</param>
internal readonly ref struct SeenIds(Span<short> slots, Span<ulong> hashes)
{
    public const int Slots = 1_024;

    private readonly Span<short> _slots = slots;
    private readonly Span<ulong> _hashes = hashes;

    /// <summary>The index that has this id already, or −1 and it is noted.</summary>
    public int Add(ReadOnlySpan<byte> id, int index)
    {
        var hash = Assignment.Hash(id, 0);
        var slot = (int)(hash % Slots);
        for (; _slots[slot] != 0; slot = (slot + 1) % Slots)
        {
            if (_hashes[_slots[slot] - 1] == hash) return _slots[slot] - 1;
        }
        _slots[slot] = (short)(index + 1);
        _hashes[index] = hash;
        return -1;
    }
}
