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
    /// <summary><see cref="Brier"/> with its 95 % interval.</summary>
    public Spread BrierSpread { get; private init; }

    /// <summary><see cref="AveragePrecision"/> with its 95 % interval on the logit scale, se = 1/√(ones·AP(1 − AP)) (Boyd, Eng &amp; Page 2013).</summary>
    public Spread PrecisionSpread { get; private init; }

    /// <summary>Measures predictions against outcomes.</summary>
    /// <param name="labels">0 or 1 per row.</param>
    /// <param name="predictions">Probability of 1 per row.</param>
    public static BinaryMetrics Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var n = labels.Length;
        var ones = 0.0;
        double[] losses = new double[n], squares = new double[n];
        for (var i = 0; i < n; i++)
        {
            ones += labels[i];
            squares[i] = (predictions[i] - labels[i]) * (predictions[i] - labels[i]);
            losses[i] = Metrics.LogLoss(labels[i], predictions[i]);
        }
        var rate = n == 0 ? double.NaN : ones / n;
        var (area, variance) = Metrics.Auc(labels, predictions);
        var half = Z * Math.Sqrt(variance);
        var (loss, brier, precision) = (Spread.Of(losses), Spread.Of(squares), Metrics.AveragePrecision(labels, predictions));
        return new(n, rate, area, Math.Max(0, area - half), Math.Min(1, area + half), loss.Mean, loss.Low, loss.High, brier.Mean, precision, Reliability.Of(labels, predictions, 15).Error,
            Metrics.LogLoss(1, rate) * rate + Metrics.LogLoss(0, rate) * (1 - rate))
        {
            BrierSpread = brier, PrecisionSpread = OnLogit(precision, ones),
        };
    }

    private static Spread OnLogit(double share, double ones)
    {
        if (!(share > 0 && share < 1)) return new(share, double.NaN, double.NaN);
        var (logit, half) = (Math.Log(share / (1 - share)), Z / Math.Sqrt(ones * share * (1 - share)));
        return new(share, 1 / (1 + Math.Exp(half - logit)), 1 / (1 + Math.Exp(-half - logit)));
    }

    private const double Z = 1.959963984540054;
}
