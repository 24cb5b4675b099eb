using Looper.Core.Models;
using Looper.Core.Serving;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>How the words of a model's figures read on screen.</summary>
internal static class MetricNames
{
    public static string Of(string name) => name switch
    {
        QualityMetric.LogLoss => "Log loss",
        QualityMetric.Auc => "AUC",
        QualityMetric.Brier => "Brier score",
        QualityMetric.CalibrationError => "Calibration error",
        QualityMetric.CalibrationZ => "Calibration z",
        QualityMetric.Rmse => "RMSE",
        QualityMetric.Mae => "MAE",
        QualityMetric.R2 => "R²",
        QualityMetric.Deviance => "Poisson deviance",
        QualityMetric.Pinball => "Pinball loss",
        QualityMetric.Coverage => "Share below",
        _ => name,
    };

    /// <summary>The glossary's word.</summary>
    public static string Term(string name) => name is QualityMetric.Rmse or QualityMetric.Mae ? "RMSE, MAE" : Of(name);

    /// <summary>The value with its interval.</summary>
    public static string Written(QualityMetric metric) => Shown.Interval(metric.Value, metric.Low, metric.High);

    /// <summary>Higher is better.</summary>
    public static bool HigherIsBetter(string name) => name is QualityMetric.Auc or QualityMetric.R2;

    /// <summary>Which way is better, in words.</summary>
    public static string Direction(string name) => name == QualityMetric.Coverage ? "nearest to the share asked for is best" : HigherIsBetter(name) ? "higher is better" : "lower is better";

    public static string Feature(string name) => name switch
    {
        ModelEncoder.OptionColumn => "the option",
        Looper.Core.Blueprints.BlueprintContent.PositionFeature => "the place in the list",
        _ => name,
    };

    /// <summary>A prediction, in percent where it is a chance.</summary>
    public static string Prediction(double value, PredictionTask task) => task == PredictionTask.Binary ? Shown.Percent(value) : Shown.Number(value);

    /// <summary>What an error costs, in the unit of the loss.</summary>
    public static string Loss(PredictionTask task) => char.ToUpperInvariant(FeatureWords.Loss(task)[0]) + FeatureWords.Loss(task)[1..];
}
