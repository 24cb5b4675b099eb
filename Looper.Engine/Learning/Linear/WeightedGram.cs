using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Linear;

/// <summary>Σ hᵢ·xᵢxᵢᵀ over the rows of a design, the intercept last.</summary>
/// <remarks>Numbers with numbers are added four rows at a time, so that a sum is loaded and stored once for four; each sum still grows row by row,
/// without fused multiply-add: the same to the bit on every machine.</remarks>
internal sealed class WeightedGram(DesignRows design)
{
    private const int Together = 4, Lanes = 8, Stretch = 4_096;
    private readonly int _width = design.Width + 1, _stride = (design.NumberSlots.Length + Lanes - 1) / Lanes * Lanes;

    /// <summary>Row-major, width × width.</summary>
    public double[] Values { get; } = new double[(design.Width + 1) * (design.Width + 1)];

    /// <summary>The row of a coefficient.</summary>
    public ReadOnlySpan<double> Row(int k) => Values.AsSpan(k * _width, _width);

    /// <summary>Computes it anew.</summary>
    /// <param name="h">Factor of every row.</param>
    /// <param name="cancel">Ends it.</param>
    public void Set(double[] h, CancellationToken cancel)
    {
        Array.Clear(Values);
        // of numbers with numbers, and of marks and the intercept with numbers
        double[] numbers = new double[design.NumberSlots.Length * _stride], others = new double[_width * _stride], rows = new double[Together * _stride], factors = new double[Together];
        var count = 0;
        for (var i = 0; i < design.Rows; i++)
        {
            if (i % Stretch == 0) cancel.ThrowIfCancellationRequested();
            if (h[i] == 0) continue;
            AddMarks(i, h[i], others);
            design.Numbers(i).CopyTo(rows.AsSpan(count * _stride));
            factors[count++] = h[i];
            if (count < Together) continue;
            AddNumbers(rows, factors, numbers);
            count = 0;
        }
        Array.Clear(factors, count, Together - count);
        if (count > 0) AddNumbers(rows, factors, numbers);
        Spread(numbers, others);
    }

    private void AddMarks(int row, double h, double[] others)
    {
        var marks = design.Marks(row);
        var numbers = design.Numbers(row);
        var last = _width - 1;
        for (var a = 0; a < marks.Length; a++)
        {
            Vectors.AddScaled(others.AsSpan(marks[a] * _stride, numbers.Length), h, numbers);
            for (var b = 0; b <= a; b++) Values[marks[a] * _width + marks[b]] += h;
            Values[last * _width + marks[a]] += h;
        }
        Vectors.AddScaled(others.AsSpan(last * _stride, numbers.Length), h, numbers);
        Values[last * _width + last] += h;
    }

    private void AddNumbers(double[] rows, double[] factors, double[] sums)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(rows);
        ref var sum = ref MemoryMarshal.GetArrayDataReference(sums);
        var stride = (nuint)_stride;
        for (var a = 0; a < design.NumberSlots.Length; a++)
        {
            var (s0, s1, s2, s3) = (factors[0] * rows[a], factors[1] * rows[_stride + a], factors[2] * rows[2 * _stride + a], factors[3] * rows[3 * _stride + a]);
            var start = (nuint)(a * _stride);
            for (nuint b = 0; b <= (nuint)a; b += Lanes)
            {
                var lanes = Vector512.LoadUnsafe(ref sum, start + b);
                lanes += Vector512.LoadUnsafe(ref first, b) * s0;
                lanes += Vector512.LoadUnsafe(ref first, stride + b) * s1;
                lanes += Vector512.LoadUnsafe(ref first, 2 * stride + b) * s2;
                lanes += Vector512.LoadUnsafe(ref first, 3 * stride + b) * s3;
                lanes.StoreUnsafe(ref sum, start + b);
            }
        }
    }

    private void Spread(double[] numbers, double[] others)
    {
        var slots = design.NumberSlots;
        for (var a = 0; a < slots.Length; a++)
            for (var b = 0; b <= a; b++) Values[slots[a] * _width + slots[b]] = numbers[a * _stride + b];
        var isNumber = new bool[_width];
        foreach (var slot in slots) isNumber[slot] = true;
        for (var k = 0; k < _width; k++)
            for (var b = 0; b < slots.Length && !isNumber[k]; b++) Values[Math.Max(k, slots[b]) * _width + Math.Min(k, slots[b])] = others[k * _stride + b];
        for (var a = 0; a < _width; a++)
            for (var b = 0; b < a; b++) Values[b * _width + a] = Values[a * _width + b];
    }
}
