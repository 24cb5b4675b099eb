using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Looper.Core.Serving;

/// <summary>A number of a <see cref="ServedRow"/> in as few bytes as give it back bit for bit: most are whole or have a few decimals, and then a digit string of one,
/// two or four bytes over a power of ten says the same as eight. The same number is always the same bytes.</summary>
/// <remarks>The marks 8 to 19 before it: three widths (1, 2, 4 bytes, signed) for each power of ten (1, 10², 10⁴, 10⁶). The power is the smallest that gives the number
/// back, the width the smallest that holds the digits. One division rounds correctly where both are exact, so digits ÷ power is the number that was read as such a decimal.</remarks>
internal static class ServedNumber
{
    /// <summary>Bytes of the longest, its mark included.</summary>
    public const int MostBytes = 9;

    private const byte FirstMark = 8, Marks = 12, Widths = 3;
    private const long NegativeZero = long.MinValue;

    private static ReadOnlySpan<double> Powers => [1, 1e2, 1e4, 1e6];

    /// <summary>Writes the mark and the number.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, double value)
    {
        var powers = Vector256.Create(Powers);
        var digits = Vector256.Round(Vector256.Create(value) * powers);
        var same = Vector256.Equals(digits / powers, Vector256.Create(value)) & Vector256.LessThanOrEqual(Vector256.Abs(digits), Vector256.Create((double)int.MaxValue));
        var found = same.ExtractMostSignificantBits();
        if (found == 0 || BitConverter.DoubleToInt64Bits(value) == NegativeZero) return WriteInFull(destination, value);
        var power = BitOperations.TrailingZeroCount(found);
        return Write(destination, (int)Math.Round(value * Powers[power]), FirstMark + (Widths * power));
    }

    /// <summary>Writes the kind and eight bytes, whatever the number.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteInFull(Span<byte> destination, double value)
    {
        destination[0] = (byte)ServedKind.Number;
        BinaryPrimitives.WriteDoubleLittleEndian(destination[1..], value);
        return MostBytes;
    }

    /// <summary>Whether a short number begins with this byte.</summary>
    public static bool IsMark(byte first) => first is >= FirstMark and < FirstMark + Marks;

    /// <summary>Bytes of the short number that begins with this mark, the mark included.</summary>
    public static int Length(byte mark) => 1 + (1 << ((mark - FirstMark) % Widths));

    /// <param name="bytes">From the mark on, as many as its <see cref="Length"/>.</param>
    public static double Read(ReadOnlySpan<byte> bytes)
    {
        var (power, width) = Math.DivRem(bytes[0] - FirstMark, Widths);
        var digits = width switch
        {
            0 => (sbyte)bytes[1],
            1 => BinaryPrimitives.ReadInt16LittleEndian(bytes[1..]),
            _ => BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]),
        };
        return digits / Powers[power];
    }

    private static int Write(Span<byte> destination, int digits, int mark)
    {
        if (digits == (sbyte)digits)
        {
            (destination[0], destination[1]) = ((byte)mark, (byte)digits);
            return 2;
        }
        if (digits == (short)digits)
        {
            destination[0] = (byte)(mark + 1);
            BinaryPrimitives.WriteInt16LittleEndian(destination[1..], (short)digits);
            return 3;
        }
        destination[0] = (byte)(mark + 2);
        BinaryPrimitives.WriteInt32LittleEndian(destination[1..], digits);
        return 5;
    }
}
