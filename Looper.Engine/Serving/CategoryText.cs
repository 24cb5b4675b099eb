using System.Globalization;

namespace Looper.Core.Serving;

/// <summary>How a number becomes the text of a category: 5, 5.0 and 5e0 are all <c>5</c>.</summary>
internal static class CategoryText
{
    /// <summary>Longest text of any finite number.</summary>
    public const int MaxBytes = 32;

    public static ReadOnlySpan<byte> True => "true"u8;

    public static ReadOnlySpan<byte> False => "false"u8;

    /// <returns>Bytes written.</returns>
    public static int Write(double number, Span<byte> destination)
    {
        int written;
        if (Math.Abs(number) < 1L << 53 && Math.Truncate(number) == number) ((long)number).TryFormat(destination, out written, default, CultureInfo.InvariantCulture);
        else number.TryFormat(destination, out written, "R", CultureInfo.InvariantCulture);
        return written;
    }
}
