using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Looper.Web.Api;

/// <summary>Numbers as JSON. What was written lately is copied: chances come again and again, and finding the shortest digits of one costs more than the rest of its answer.</summary>
internal static class NumberText
{
    private const int Slots = 64, MostBytes = 24;

    [ThreadStatic]
    private static Slot[]? _slots;

    /// <param name="value">Finite.</param>
    /// <returns>False where there is no room.</returns>
    public static bool TryWrite(double value, Span<byte> to, out int written)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        ref var slot = ref (_slots ??= new Slot[Slots])[(int)((ulong)bits * 0x9E3779B97F4A7C15 >> 58)];
        if (slot.Bits != bits || slot.Length == 0)
        {
            slot.Length = 0;
            if (!Utf8Formatter.TryFormat(value, slot.Text, out var length)) return Utf8Formatter.TryFormat(value, to, out written);
            (slot.Bits, slot.Length) = (bits, length);
        }
        written = slot.Length;
        return slot.Text[..slot.Length].TryCopyTo(to);
    }

    private struct Slot
    {
        public long Bits;
        public int Length;
        private Bytes _text;

        [UnscopedRef]
        public Span<byte> Text => _text;
    }

    [InlineArray(MostBytes)]
    private struct Bytes
    {
        private byte _first;
    }
}
