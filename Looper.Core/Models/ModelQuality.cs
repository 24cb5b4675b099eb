using System.Collections.Immutable;

namespace Looper.Core.Models;

/// <summary>What a model predicts, and so which loss judges it.</summary>
public enum PredictionTask
{
    /// <summary>The probability of yes; judged by log loss.</summary>
    Binary,

    /// <summary>The expected number; judged by squared error.</summary>
    Number,
}

/// <summary>How good a model is on the newest slice of its examples. NaN where undefined.</summary>
/// <param name="Rows">Examples in the newest slice.</param>
/// <param name="Positives">Yes answers among them; −1 for a number.</param>
/// <param name="Metrics">Each with its interval, beside always predicting the average of the training slice.</param>
/// <param name="Reliability">Predicted against observed, in bins of equal size.</param>
/// <param name="ByOption">The same loss by option; one entry named "" for <c>value</c>.</param>
public sealed record ModelQuality(
    PredictionTask Task, int Rows, int Positives, ImmutableArray<Metric> Metrics, ImmutableArray<ReliabilityBin> Reliability,
    ImmutableArray<OptionQuality> ByOption)
{
    public Metric? Of(string name) => Metrics.FirstOrDefault(m => m.Name == name);
}

/// <param name="Name">Stable name: <c>log-loss</c>, <c>auc</c>, <c>brier</c>, <c>calibration-error</c>, <c>rmse</c>, <c>mae</c>, <c>r2</c>.</param>
/// <param name="Low">Lower bound of the 95 % interval.</param>
/// <param name="Average">The same metric of always predicting the training average.</param>
public sealed record Metric(string Name, double Value, double Low, double High, double Average);

/// <param name="Predicted">Mean prediction of the bin.</param>
/// <param name="Observed">Mean outcome of the bin, with its 95 % interval.</param>
public sealed record ReliabilityBin(double Predicted, double Observed, double Low, double High, int Rows);

public sealed record OptionQuality(string Option, int Rows, double MeanPredicted, double MeanObserved, double Loss, double AverageLoss);
