using System.Runtime.Intrinsics;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Trees;

/// <summary>Log loss of a 0/1 label on the log odds: g = p − y, h = p(1 − p).</summary>
internal sealed class BinaryLoss(double[] labels, double[]? weights) : Loss(labels, weights)
{
    public override double[] Start()
    {
        var p = WeightedMean(y => y);
        return [Elementary.Log(p / (1 - p))];
    }

    public override void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to)
    {
        var (f, i) = (scores[0], from);
        for (; i + 8 <= to; i += 8)
        {
            var p = Vector512<double>.One / (Vector512<double>.One + Elementary.Exp(-Vector512.LoadUnsafe(ref f[i])));
            var (first, second) = (p - Vector512.LoadUnsafe(ref Labels[i]), p * (Vector512<double>.One - p));
            if (Weights is not null)
            {
                var w = Vector512.LoadUnsafe(ref Weights[i]);
                (first, second) = (first * w, second * w);
            }
            first.StoreUnsafe(ref g[i]);
            second.StoreUnsafe(ref h[i]);
        }
        for (; i < to; i++)
        {
            var p = Elementary.Sigmoid(f[i]);
            (g[i], h[i]) = ((p - Labels[i]) * Weight(i), p * (1 - p) * Weight(i));
        }
    }

    public override double Sum(double[][] scores, int from, int to)
    {
        var sum = 0.0;
        for (var i = from; i < to; i++)
        {
            var f = scores[0][i];
            sum += Weight(i) * (Elementary.Log(1 + Elementary.Exp(-Math.Abs(f))) + Math.Max(f, 0) - Labels[i] * f);
        }
        return sum;
    }
}
