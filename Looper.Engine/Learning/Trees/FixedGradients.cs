using System.Numerics;

namespace Looper.Core.Learning.Trees;

/// <summary>Gradients and second derivatives as whole numbers: their sums do not depend on the order, so neither do the trees.</summary>
/// <remarks>A row is one word: the gradient in its low half, scaled by a power of two to 30 bits; the second derivative in its high half,
/// scaled so that in a sum of all rows it leaves room above for the number of rows.</remarks>
internal sealed class FixedGradients
{
    private readonly ulong[] _words;
    private double _gradientUnit, _hessianUnit;

    public FixedGradients(int rows)
    {
        _words = new ulong[rows];
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)rows);
        CountShift = 63 - bits;
        HessianBits = Math.Min(30, CountShift - bits);
        if (HessianBits < 8) throw new UnlearnableException(new("learning.too-many-rows", $"{rows} rows are more than boosting can take; give at most 100 million."));
    }

    /// <summary>Bits below the row count in the second word of a bin.</summary>
    public int CountShift { get; }

    private int HessianBits { get; }

    public ulong[] Words => _words;

    public double Gradient(long sum) => sum * _gradientUnit;

    public double Hessian(long sum) => (sum & (1L << CountShift) - 1) * _hessianUnit;

    public int Rows(long sum) => (int)(sum >> CountShift);

    /// <summary>Takes over the derivatives of the rows; a row with second derivative 0 keeps at least one unit's worth of presence.</summary>
    public void Set(double[] g, double[] h, Workers workers)
    {
        var stretches = (g.Length + 32_767) / 32_768;
        var greatest = new (double G, double H)[stretches];
        workers.Stretches(g.Length, (from, to) => greatest[from / 32_768] = Greatest(g.AsSpan(from, to - from), h.AsSpan(from, to - from)));
        double maxG = greatest.Max(m => m.G), maxH = greatest.Max(m => m.H);
        _gradientUnit = Unit(maxG, 30);
        _hessianUnit = Unit(maxH, HessianBits);
        double perG = 1 / _gradientUnit, perH = 1 / _hessianUnit;
        workers.Stretches(g.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
                _words[i] = (uint)(int)Math.Round(g[i] * perG) | (ulong)(uint)(int)Math.Round(h[i] * perH) << 32;
        });
    }

    private static (double, double) Greatest(ReadOnlySpan<double> g, ReadOnlySpan<double> h)
    {
        double maxG = 0, maxH = 0;
        for (var i = 0; i < g.Length; i++)
        {
            maxG = Math.Max(maxG, Math.Abs(g[i]));
            maxH = Math.Max(maxH, h[i]);
        }
        return (maxG, maxH);
    }

    // The power of two whose multiples up to 2^bits just cover the greatest value.
    private static double Unit(double greatest, int bits)
    {
        if (!(greatest > 0)) return 1;
        return Math.ScaleB(1, Math.ILogB(greatest) + 1 - bits);
    }
}
