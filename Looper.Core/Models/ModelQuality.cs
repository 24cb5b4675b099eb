using System.Collections.Immutable;

namespace Looper.Core.Models;

/// <summary>How good a model is on the newest slice of its examples. NaN where undefined.</summary>
/// <param name="Rows">Examples in the newest slice.</param>
/// <param name="Units">Different units among them.</param>
/// <param name="Rarer">Examples of the rarer answer; for a number, all of them.</param>
/// <param name="Metrics">Each with its interval, beside always predicting the average of what was learned from.</param>
/// <param name="Reliability">Predicted against observed, in bins of equal size.</param>
/// <param name="ByOption">The loss by option; one entry named "" for <c>value</c>.</param>
public sealed record ModelQuality(
    PredictionTask Task, int Rows, int Units, int Rarer, ImmutableArray<QualityMetric> Metrics, ImmutableArray<ReliabilityBin> Reliability,
    ImmutableArray<OptionQuality> ByOption)
{
    /// <summary>Below these nothing is shown or promoted: 200 examples, 20 of the rarer answer.</summary>
    public const int EnoughRows = 200;

    public const int EnoughRarer = 20;

    public bool IsEnough => Rows >= EnoughRows && Rarer >= EnoughRarer;

    /// <summary>The quantile that is predicted; NaN for other tasks.</summary>
    public double Tau { get; init; } = double.NaN;

    public QualityMetric? Of(string name) => Metrics.FirstOrDefault(m => m.Name == name);

    /// <summary>The metric that the loss of this task is shown as.</summary>
    public QualityMetric? Main => Of(Task switch
    {
        PredictionTask.Binary => QualityMetric.LogLoss,
        PredictionTask.Count => QualityMetric.Deviance,
        PredictionTask.Quantile => QualityMetric.Pinball,
        _ => QualityMetric.Rmse,
    });
}

/// <param name="Low">Lower end of the 95 % interval, units counted once; NaN where there is none.</param>
/// <param name="Average">The same metric of always predicting the average.</param>
public sealed record QualityMetric(string Name, double Value, double Low, double High, double Average)
{
    public const string LogLoss = "log-loss";
    public const string Auc = "auc";
    public const string Brier = "brier";

    /// <summary>Debiased: what is left after taking off what chance alone gives.</summary>
    public const string CalibrationError = "calibration-error";

    public const string CalibrationZ = "calibration-z";

    /// <summary>Predicted less observed, of all rows.</summary>
    public const string MeanError = "mean-error";

    public const string Rmse = "rmse";
    public const string Mae = "mae";
    public const string R2 = "r2";
    public const string Deviance = "deviance";
    public const string Pinball = "pinball";

    /// <summary>Share of outcomes at or below the predicted quantile; right when it equals τ.</summary>
    public const string Coverage = "coverage";

    /// <summary>What the gate asks, and no page compares models by.</summary>
    public static bool IsOfTheGate(string name) => name is CalibrationZ or MeanError;
}

/// <param name="Predicted">Mean prediction of the bin.</param>
/// <param name="Observed">Mean outcome of the bin, with its 95 % interval; of a quantile the share of outcomes at or below it, which should be its level.</param>
public sealed record ReliabilityBin(double Predicted, double Observed, double Low, double High, int Rows);

/// <param name="MeanObserved">Of a quantile the share of outcomes at or below it.</param>
/// <param name="Loss">Log loss, or root of the mean squared error.</param>
/// <param name="AverageLoss">The same of always predicting the average.</param>
public sealed record OptionQuality(string Option, int Rows, double MeanPredicted, double MeanObserved, double Loss, double AverageLoss);
