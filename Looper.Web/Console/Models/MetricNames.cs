using Looper.Core.Models;
using Looper.Core.Serving;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>How the words of a model's figures read on screen.</summary>
internal static class MetricNames
{
    public static string Of(string name) => name switch
    {
        Metric.LogLoss => "Log loss",
        Metric.Auc => "AUC",
        Metric.Brier => "Brier score",
        Metric.CalibrationError => "Calibration error",
        Metric.CalibrationZ => "Calibration z",
        Metric.Rmse => "RMSE",
        Metric.Mae => "MAE",
        Metric.R2 => "R²",
        Metric.Deviance => "Poisson deviance",
        Metric.Pinball => "Pinball loss",
        Metric.Coverage => "Share below",
        _ => name,
    };

    /// <summary>The glossary's word.</summary>
    public static string Term(string name) => name is Metric.Rmse or Metric.Mae ? "RMSE, MAE" : Of(name);

    /// <summary>The value with its interval.</summary>
    public static string Written(Metric metric) => double.IsFinite(metric.Low) && double.IsFinite(metric.High)
        ? $"{Shown.Number(metric.Value)} [{Shown.Number(metric.Low)}, {Shown.Number(metric.High)}]"
        : Shown.Number(metric.Value);

    /// <summary>Higher is better.</summary>
    public static bool HigherIsBetter(string name) => name is Metric.Auc or Metric.R2;

    public static string Feature(string name) => name == ModelEncoder.OptionColumn ? "the option" : name;

    /// <summary>What a feature's importance means, in one sentence.</summary>
    public static string Sentence(FeatureImportance feature, PredictionTask task)
    {
        var name = Feature(feature.Feature);
        var loss = task switch
        {
            PredictionTask.Binary => "the log loss",
            PredictionTask.Count => "the Poisson deviance",
            PredictionTask.Quantile => "the pinball loss",
            _ => "the squared error",
        };
        var range = $"{Shown.Number(feature.LossAdded)} [{Shown.Number(feature.Low)}, {Shown.Number(feature.High)}]";
        return feature switch
        {
            { Low: > 0 } => $"Without {name}, {loss} would grow by {range}.",
            { High: < 0 } => $"Shuffling {name} made predictions better by {range}: it misleads the model here.",
            _ => $"What {name} adds cannot be told from chance.",
        };
    }
}
