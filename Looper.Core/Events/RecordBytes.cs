namespace Looper.Core.Events;

/// <summary>Room for the bytes of records that came together: an array for many of them instead of one each. For one thread at a time.</summary>
public sealed class RecordBytes
{
    private const int First = 512, Most = 8_192; // grows as more come, so that few cost little

    private byte[] _block = [];
    private int _taken;

    /// <summary>An array, and the place in it from which on so many bytes are the caller's.</summary>
    internal (byte[] Block, int At) Take(int length)
    {
        if (length > Most / 4) return (new byte[length], 0);
        if (length > _block.Length - _taken) (_block, _taken) = (GC.AllocateUninitializedArray<byte>(Math.Max(First, Math.Min(Most, Math.Max(length, 2 * _block.Length)))), 0);
        var at = _taken;
        _taken += length;
        return (_block, at);
    }
}
