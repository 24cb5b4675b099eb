namespace Looper.Core.Learning;

/// <summary>How good probabilities of several classes are. NaN where undefined.</summary>
/// <param name="Rows">Rows measured.</param>
/// <param name="LogLoss">Mean negative log likelihood of the class seen, in nats, with its 95 % interval.</param>
/// <param name="Accuracy">Share of the rows whose likeliest class was seen, with its 95 % interval (Wilson).</param>
/// <param name="ConstantLogLoss">Log loss of always predicting the shares seen.</param>
public sealed record ClassMetrics(int Rows, Spread LogLoss, Spread Accuracy, double ConstantLogLoss)
{
    /// <summary>Measures predictions against outcomes.</summary>
    /// <param name="labels">Class 0…K−1 per row.</param>
    /// <param name="predictions">K probabilities per row.</param>
    public static ClassMetrics Of(ReadOnlySpan<double> labels, ReadOnlySpan<double[]> predictions)
    {
        var (losses, right, shares) = (new double[labels.Length], 0, new Dictionary<double, int>());
        for (var i = 0; i < labels.Length; i++)
        {
            losses[i] = Metrics.LogLoss(1, predictions[i][(int)labels[i]]);
            if (Array.IndexOf(predictions[i], predictions[i].Max()) == (int)labels[i]) right++;
            shares[labels[i]] = shares.GetValueOrDefault(labels[i]) + 1;
        }
        var constant = shares.Values.Sum(n => n * Metrics.LogLoss(1, (double)n / losses.Length)) / losses.Length;
        return new(losses.Length, Spread.Of(losses), Spread.OfShare(right, losses.Length), losses.Length == 0 ? double.NaN : constant);
    }
}
