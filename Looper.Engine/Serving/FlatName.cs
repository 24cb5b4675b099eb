using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Looper.Core.Serving;

/// <summary>A name of a context with its quotes and what follows up to the value, as far as thirty-two bytes hold it: most applications send the same names in the same
/// order, and one comparison tells that.</summary>
internal readonly struct FlatName
{
    private readonly Vector256<byte> _text, _mask;

    private FlatName(Vector256<byte> text, Vector256<byte> mask, int length, int bytes) => (_text, _mask, Length, Bytes) = (text, mask, length, bytes);

    /// <summary>Bytes of the name by itself.</summary>
    public int Length { get; }

    /// <summary>Bytes of all; 0 for none, or one that is too long or holds a quote.</summary>
    public int Bytes { get; }

    /// <param name="json">From the first quote on, at least to the second.</param>
    /// <param name="length">Bytes of the name by itself.</param>
    public static FlatName Of(ReadOnlySpan<byte> json, int length)
    {
        if (json.Length > Vector256<byte>.Count || json.Slice(1, length).Contains((byte)'"')) return default; // with a quote it would be told where a name and a text stand
        Span<byte> text = stackalloc byte[Vector256<byte>.Count], mask = stackalloc byte[Vector256<byte>.Count];
        text.Clear();
        mask.Clear();
        json.CopyTo(text);
        mask[..json.Length].Fill(byte.MaxValue);
        return new(Vector256.Create<byte>(text), Vector256.Create<byte>(mask), length, json.Length);
    }

    /// <summary>Whether it stands here; no, too, where fewer than thirty-two bytes follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Begins(ReadOnlySpan<byte> json) =>
        Bytes > 0 && json.Length >= Vector256<byte>.Count && ((Vector256.Create(json) ^ _text) & _mask) == Vector256<byte>.Zero;
}
