using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Looper.Core.Numerics;

/// <summary>Inner products and sums of dense vectors, the same to the bit on every machine.</summary>
/// <remarks>Eight fixed lanes whatever the vector width, no fused multiply-add; the tail is added last, in order. Allocates nothing.</remarks>
public static class Vectors
{
    /// <summary>Σ aᵢbᵢ.</summary>
    /// <param name="a">n numbers.</param>
    /// <param name="b">At least n numbers; those beyond n are not read.</param>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        b = b[..a.Length];
        var lanes = Vector512<double>.Zero;
        var i = 0;
        ref var first = ref MemoryMarshal.GetReference(a);
        ref var second = ref MemoryMarshal.GetReference(b);
        for (; i + 8 <= a.Length; i += 8) lanes += Vector512.LoadUnsafe(ref first, (nuint)i) * Vector512.LoadUnsafe(ref second, (nuint)i);
        var sum = lanes[0] + lanes[4] + (lanes[1] + lanes[5]) + (lanes[2] + lanes[6] + (lanes[3] + lanes[7]));
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>to ← to + scale·x.</summary>
    /// <param name="to">n numbers, written to.</param>
    /// <param name="scale">Any number.</param>
    /// <param name="x">At least n numbers.</param>
    public static void AddScaled(Span<double> to, double scale, ReadOnlySpan<double> x)
    {
        x = x[..to.Length];
        var i = 0;
        ref var target = ref MemoryMarshal.GetReference(to);
        ref var source = ref MemoryMarshal.GetReference(x);
        for (; i + 8 <= to.Length; i += 8)
            (Vector512.LoadUnsafe(ref target, (nuint)i) + Vector512.LoadUnsafe(ref source, (nuint)i) * scale).StoreUnsafe(ref target, (nuint)i);
        for (; i < to.Length; i++) to[i] += scale * x[i];
    }
}
