using Looper.Core.Numerics;

namespace Looper.Core.Learning.Trees;

/// <summary>Poisson deviance of a count on the log mean: g = e^f − y, h = e^f·e^0.7, damped so that steps stay small.</summary>
internal sealed class PoissonLoss(double[] labels, double[]? weights) : Loss(labels, weights)
{
    private static readonly double Damping = Elementary.Exp(0.7);

    public override double[] Start() => [Elementary.Log(WeightedMean(y => y))];

    public override void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var mean = Elementary.Exp(scores[0][i]);
            (g[i], h[i]) = ((mean - Labels[i]) * Weight(i), mean * Damping * Weight(i));
        }
    }

    public override double Sum(double[][] scores, int from, int to)
    {
        var sum = 0.0;
        for (var i = from; i < to; i++) sum += Weight(i) * (Elementary.Exp(scores[0][i]) - Labels[i] * scores[0][i]);
        return sum;
    }
}
