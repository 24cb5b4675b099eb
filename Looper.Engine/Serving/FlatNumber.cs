using System.Buffers.Binary;
using System.Numerics;

namespace Looper.Core.Serving;

/// <summary>Reads a number of a context that ends within eight bytes, without a branch for each of its digits: lengths vary, and a processor guesses half of such
/// branches wrong.</summary>
/// <remarks>Eight bytes are looked at as one number. The digits of a decimal are moved together over its point, then neighbours are added up three times: to four
/// numbers of two digits, two of four, one of eight.</remarks>
internal static class FlatNumber
{
    private const ulong Zeros = 0x3030303030303030, LowBits = 0x7F7F7F7F7F7F7F7F, AboveNine = 0x7676767676767676, HighBits = 0x8080808080808080, Pairs = 0x000000FF000000FF;

    /// <summary>Not negative, no exponent, at most seven bytes, and the byte behind it ends a value.</summary>
    /// <param name="digits">Without the point.</param>
    /// <param name="decimals">Digits behind the point.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>False for all else, also for what is no number.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, out int digits, out int decimals, out int length)
    {
        (digits, decimals, length) = (0, 0, 0);
        if (json.Length < sizeof(ulong)) return false;
        var text = BinaryPrimitives.ReadUInt64LittleEndian(json);
        var values = text ^ Zeros;
        var others = (((values & LowBits) + AboveNine) | values) & HighBits; // a bit for each byte that is no digit
        if (others == 0) return false;
        var whole = BitOperations.TrailingZeroCount(others) >> 3;
        if (whole == 0 || (whole > 1 && (byte)text == '0')) return false;
        var (packed, count, end) = (values, whole, whole);
        if ((byte)(text >> (8 * whole)) == '.')
        {
            others &= others - 1;
            if (others == 0) return false;
            end = BitOperations.TrailingZeroCount(others) >> 3;
            decimals = end - whole - 1;
            if (decimals == 0) return false;
            var before = (1UL << (8 * whole)) - 1;
            packed = (values & before) | ((values >> 8) & ~before);
            count = end - 1;
        }
        if ((byte)(text >> (8 * end)) is not ((byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return false;
        packed <<= 64 - (8 * count); // zeros before them, and nothing of what follows
        packed = (packed * 10) + (packed >> 8);
        packed = (((packed & Pairs) * 0x000F424000000064) + (((packed >> 16) & Pairs) * 0x0000271000000001)) >> 32;
        (digits, length) = ((int)packed, end);
        return true;
    }
}
