using System.Buffers.Binary;
using System.Numerics;

namespace Looper.Core.Events.Records;

/// <summary>CRC-32C (Castagnoli), fed piece by piece: finds every burst of up to 32 bits, so every single flipped bit.</summary>
internal struct Checksum()
{
    private uint _crc = uint.MaxValue;

    public readonly uint Value => ~_crc;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var crc = _crc;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        _crc = crc;
    }

    public void Add(long value) => _crc = BitOperations.Crc32C(_crc, (ulong)value);

    public void Add(byte value) => _crc = BitOperations.Crc32C(_crc, value);
}
