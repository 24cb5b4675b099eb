namespace Looper.Core.Serving;

/// <summary>A fixed set of texts, found by their UTF-8 bytes without making a string.</summary>
internal sealed class Utf8Table
{
    private readonly byte[][] _keys;
    private readonly int[] _slots;
    private readonly int _mask;

    /// <param name="keys">The first of equals is found.</param>
    public Utf8Table(IEnumerable<string> keys)
    {
        _keys = [.. keys.Select(System.Text.Encoding.UTF8.GetBytes)];
        var size = 4;
        while (size < _keys.Length * 2) size *= 2;
        _mask = size - 1;
        _slots = new int[size];
        Array.Fill(_slots, -1);
        for (var i = 0; i < _keys.Length; i++)
        {
            if (_keys[i].Length > Longest) Longest = _keys[i].Length;
            var slot = Slot(_keys[i]);
            while (_slots[slot] >= 0) slot = (slot + 1) & _mask;
            _slots[slot] = i;
        }
    }

    /// <summary>Bytes of the longest key.</summary>
    public int Longest { get; }

    /// <summary>Index of the key, or −1.</summary>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest) return -1;
        for (var slot = Slot(utf8); _slots[slot] >= 0; slot = (slot + 1) & _mask)
        {
            if (_keys[_slots[slot]].AsSpan().SequenceEqual(utf8)) return _slots[slot];
        }
        return -1;
    }

    private int Slot(ReadOnlySpan<byte> utf8) => (int)(Assignment.Hash(utf8, 0) >> 32) & _mask;
}
