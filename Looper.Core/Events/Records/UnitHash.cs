using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Looper.Core.Events.Records;

/// <summary>A unit as 64 bits, for the index: eight bytes where the name may take a hundred. Whoever finds a row by it compares the
/// name as well. Stored: never change it.</summary>
internal static class UnitHash
{
    public const int MaxCharacters = 1_024;
    public const int MaxBytes = MaxCharacters * 3;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    [SkipLocalsInit]
    public static long Of(string unit)
    {
        Span<byte> utf8 = stackalloc byte[MaxBytes];
        return Of(utf8[..Encoding.UTF8.GetBytes(unit, utf8)]);
    }

    public static long Of(ReadOnlySpan<byte> utf8)
    {
        var hash = Mix((ulong)utf8.Length + Multiplier);
        for (; utf8.Length >= sizeof(ulong); utf8 = utf8[sizeof(ulong)..]) hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8));
        var tail = 0UL;
        for (var i = 0; i < utf8.Length; i++) tail |= (ulong)utf8[i] << (8 * i);
        return (long)Mix(hash ^ tail);
    }

    // The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection, every input bit reaches every output bit.
    private static ulong Mix(ulong z)
    {
        z += Multiplier;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
