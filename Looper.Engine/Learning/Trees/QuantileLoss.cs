namespace Looper.Core.Learning.Trees;

/// <summary>Pinball loss at level τ: g = 1[y &lt; f] − τ, h = 1; a leaf takes the weighted τ-quantile of its residuals.</summary>
internal sealed class QuantileLoss(double[] labels, double[]? weights, double tau) : Loss(labels, weights)
{
    public override bool Renews => true;

    public override double[] Start() => [WeightedQuantile.Of([.. Labels], Weights is null ? null : [.. Weights], tau)];

    public override void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to)
    {
        for (var i = from; i < to; i++) (g[i], h[i]) = (((Labels[i] < scores[0][i] ? 1 : 0) - tau) * Weight(i), Weight(i));
    }

    public override double LeafValue(ReadOnlySpan<int> rows, double[] scores) => WeightedQuantile.OfResiduals(rows, Labels, scores, Weights, tau);

    public override double Sum(double[][] scores, int from, int to)
    {
        var sum = 0.0;
        for (var i = from; i < to; i++)
        {
            var residual = Labels[i] - scores[0][i];
            sum += Weight(i) * (residual >= 0 ? tau * residual : (tau - 1) * residual);
        }
        return sum;
    }
}
