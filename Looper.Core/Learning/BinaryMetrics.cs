namespace Looper.Core.Learning;

/// <summary>How good probabilities of a 0/1 outcome are. NaN where undefined (one class only).</summary>
/// <param name="Rows">Rows measured.</param>
/// <param name="BaseRate">Share of ones.</param>
/// <param name="Auc">Chance that a random one is ranked above a random zero; ties count half.</param>
/// <param name="AucLow">Lower end of its 95 % interval (DeLong).</param>
/// <param name="AucHigh">Upper end.</param>
/// <param name="LogLoss">Mean negative log likelihood, in nats; probabilities clipped at 1e−15.</param>
/// <param name="LogLossLow">Lower end of its 95 % interval.</param>
/// <param name="LogLossHigh">Upper end.</param>
/// <param name="Brier">Mean squared difference between probability and outcome.</param>
/// <param name="AveragePrecision">Σ (recall step)·precision over descending probabilities.</param>
/// <param name="CalibrationError">Mean absolute gap between predicted and seen rate over 15 bins of equal mass.</param>
/// <param name="ConstantLogLoss">Log loss of always predicting <see cref="BaseRate"/>.</param>
public sealed record BinaryMetrics(
    int Rows, double BaseRate, double Auc, double AucLow, double AucHigh, double LogLoss, double LogLossLow, double LogLossHigh,
    double Brier, double AveragePrecision, double CalibrationError, double ConstantLogLoss)
{
    /// <summary>Measures predictions against outcomes.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    public static BinaryMetrics Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var n = labels.Length;
        double ones = 0, brier = 0;
        var losses = new double[n];
        for (var i = 0; i < n; i++)
        {
            ones += labels[i];
            brier += (predictions[i] - labels[i]) * (predictions[i] - labels[i]);
            losses[i] = Metrics.LogLoss(labels[i], predictions[i]);
        }
        var rate = n == 0 ? double.NaN : ones / n;
        var (area, variance) = Metrics.Auc(labels, predictions);
        var half = Z * Math.Sqrt(variance);
        var loss = Spread.Of(losses);
        return new(n, rate, area, Math.Max(0, area - half), Math.Min(1, area + half), loss.Mean, loss.Low, loss.High, n == 0 ? double.NaN : brier / n,
            Metrics.AveragePrecision(labels, predictions), Reliability.Of(labels, predictions, 15).Error,
            Metrics.LogLoss(1, rate) * rate + Metrics.LogLoss(0, rate) * (1 - rate));
    }

    private const double Z = 1.959963984540054;
}
