namespace Looper.Core.Learning.Trees;

/// <summary>Half the squared error: g = f − y, h = 1. Its mean is shown as the squared error itself.</summary>
internal sealed class SquaredLoss(double[] labels, double[]? weights) : Loss(labels, weights)
{
    public override double[] Start() => [WeightedMean(y => y)];

    public override void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to)
    {
        for (var i = from; i < to; i++) (g[i], h[i]) = ((scores[0][i] - Labels[i]) * Weight(i), Weight(i));
    }

    public override double Sum(double[][] scores, int from, int to)
    {
        var sum = 0.0;
        for (var i = from; i < to; i++) sum += Weight(i) * (scores[0][i] - Labels[i]) * (scores[0][i] - Labels[i]);
        return sum;
    }
}
