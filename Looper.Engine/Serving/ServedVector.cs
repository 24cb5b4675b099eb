using System.Buffers.Binary;

namespace Looper.Core.Serving;

/// <summary>The numbers of a vector as served: single precision, which is what embeddings come in, and half the journal.</summary>
public static class ServedVector
{
    public const int BytesPerNumber = 4;

    public static int Count(ReadOnlySpan<byte> packed) => packed.Length / BytesPerNumber;

    public static double Number(ReadOnlySpan<byte> packed, int at) => BinaryPrimitives.ReadSingleLittleEndian(packed[(at * BytesPerNumber)..]);

    /// <returns>False for a number that single precision cannot hold.</returns>
    public static bool TryWrite(Span<byte> packed, int at, double number)
    {
        var single = (float)number + 0f; // −0 becomes 0
        if (!float.IsFinite(single)) return false;
        BinaryPrimitives.WriteSingleLittleEndian(packed[(at * BytesPerNumber)..], single);
        return true;
    }

    /// <summary>Its length, √Σx²; 0 for one of zeros.</summary>
    public static double Norm(ReadOnlySpan<byte> packed)
    {
        var sum = 0.0;
        for (var i = 0; i < Count(packed); i++) sum += Number(packed, i) * Number(packed, i);
        return Math.Sqrt(sum);
    }
}
