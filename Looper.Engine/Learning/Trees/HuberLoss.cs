namespace Looper.Core.Learning.Trees;

/// <summary>Huber's loss: g = clip(f − y, ±δ), h = 1; δ is the 0.9-quantile of the absolute residuals of the round, a leaf takes the
/// median residual plus the mean clipped deviation from it (Friedman 2001, algorithm 4).</summary>
internal sealed class HuberLoss(double[] labels, double[]? weights) : Loss(labels, weights)
{
    private double _delta = double.PositiveInfinity;

    public override bool Renews => true;

    public override double[] Start() => [WeightedQuantile.Of([.. Labels], Weights is null ? null : [.. Weights], 0.5)];

    public override void BeginRound(double[][] scores, Workers workers)
    {
        var residuals = new double[Labels.Length];
        for (var i = 0; i < residuals.Length; i++) residuals[i] = Math.Abs(Labels[i] - scores[0][i]);
        var delta = WeightedQuantile.Of(residuals, Weights is null ? null : [.. Weights], 0.9);
        _delta = delta > 0 ? delta : double.PositiveInfinity;
    }

    public override void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to)
    {
        for (var i = from; i < to; i++) (g[i], h[i]) = (Math.Clamp(scores[0][i] - Labels[i], -_delta, _delta) * Weight(i), Weight(i));
    }

    public override double LeafValue(ReadOnlySpan<int> rows, double[] scores)
    {
        var median = WeightedQuantile.OfResiduals(rows, Labels, scores, Weights, 0.5);
        double sum = 0, weight = 0;
        foreach (var row in rows)
        {
            sum += Weight(row) * Math.Clamp(Labels[row] - scores[row] - median, -_delta, _delta);
            weight += Weight(row);
        }
        return median + sum / weight;
    }

    // Shown as the mean absolute error: δ changes from round to round, and losses of different δ cannot be compared.
    public override double Sum(double[][] scores, int from, int to)
    {
        var sum = 0.0;
        for (var i = from; i < to; i++) sum += Weight(i) * Math.Abs(Labels[i] - scores[0][i]);
        return sum;
    }
}
