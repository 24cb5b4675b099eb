using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Looper.Core.Serving;

/// <summary>
/// Where all randomness of serving comes from: a stable hash of salt and subject (a unit or a decision id), the same on
/// every node, after every restart and in every language.
/// </summary>
/// <remarks>
/// <code>
/// stream(salt, purpose)    = XXH64(UTF-8 of purpose, seed = salt as unsigned 64-bit)
/// uniform(stream, subject) = (XXH64(UTF-8 of subject, seed = stream) >> 11) · 2⁻⁵³        in [0, 1)
/// pick(u, weights)         = first i with u·(w₀+…+wₙ) &lt; w₀+…+wᵢ, summed left to right in 64-bit floating point
/// </code>
/// XXH64 is Yann Collet's xxHash, 64-bit, as specified in xxhash/doc/xxhash_spec.md. One purpose, one stream: whether a unit
/// is held out tells nothing about its arm. Golden vectors stand in AssignmentTests.
/// </remarks>
public static class Assignment
{
    private const ulong P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9, P4 = 0x85EBCA77C2B2AE63, P5 = 0x27D4EB2F165667C5;

    /// <summary>The stream of one purpose under one salt.</summary>
    public static ulong Stream(long salt, string purpose) => Hash(Encoding.UTF8.GetBytes(purpose), unchecked((ulong)salt));

    /// <summary>The subject's number in [0, 1) on this stream.</summary>
    public static double Uniform(ulong stream, ReadOnlySpan<byte> utf8Subject) => (Hash(utf8Subject, stream) >> 11) * (1.0 / (1L << 53));

    /// <inheritdoc cref="Uniform(ulong, ReadOnlySpan{byte})"/>
    public static double Uniform(ulong stream, string subject) => Uniform(stream, Encoding.UTF8.GetBytes(subject));

    /// <summary>The index that <paramref name="uniform"/> falls on when [0, 1) is shared out by weight.</summary>
    /// <param name="weights">At least one above zero, none negative.</param>
    public static int Pick(double uniform, ReadOnlySpan<double> weights)
    {
        var total = 0.0;
        foreach (var weight in weights) total += weight;
        double target = uniform * total, sum = 0;
        var last = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0) continue;
            last = i;
            if (target < (sum += weights[i])) return i;
        }
        return last;
    }

    /// <summary>XXH64.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed)
    {
        var length = (ulong)bytes.Length;
        var hash = bytes.Length >= 32 ? Stripes(ref bytes, seed) : seed + P5;
        hash += length;
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(bytes)), 27) * P1 + P4;
        if (bytes.Length >= 4)
        {
            hash = BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(bytes) * P1), 23) * P2 + P3;
            bytes = bytes[4..];
        }
        foreach (var one in bytes) hash = BitOperations.RotateLeft(hash ^ (one * P5), 11) * P1;
        hash = (hash ^ (hash >> 33)) * P2;
        hash = (hash ^ (hash >> 29)) * P3;
        return hash ^ (hash >> 32);
    }

    private static ulong Stripes(ref ReadOnlySpan<byte> bytes, ulong seed)
    {
        ulong a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
        for (; bytes.Length >= 32; bytes = bytes[32..])
        {
            var lanes = MemoryMarshal.Cast<byte, ulong>(bytes[..32]);
            a = Round(a, LittleEndian(lanes[0]));
            b = Round(b, LittleEndian(lanes[1]));
            c = Round(c, LittleEndian(lanes[2]));
            d = Round(d, LittleEndian(lanes[3]));
        }
        var hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
        return Merge(Merge(Merge(Merge(hash, a), b), c), d);
    }

    private static ulong Merge(ulong hash, ulong lane) => (hash ^ Round(0, lane)) * P1 + P4;

    private static ulong Round(ulong lane, ulong input) => BitOperations.RotateLeft(lane + input * P2, 31) * P1;

    private static ulong LittleEndian(ulong value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
}
