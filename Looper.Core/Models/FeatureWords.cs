using System.Globalization;
using Looper.Core.Decisions;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>What a feature does to the predictions and what it is worth, in plain sentences. They say what moves the prediction, never what causes
/// the outcome. A name stands between backticks.</summary>
public static class FeatureWords
{
    /// <summary>Below this share of the average prediction a curve counts as flat.</summary>
    public const double Flat = 0.05;

    /// <summary>Rank correlation from which a curve counts as going one way: small trees leave steps up and down on the way.</summary>
    private const double OneWay = 0.7;

    /// <summary>Both sentences; of a feature whose worth cannot be told from chance only the second, for its curve may be chance too.</summary>
    public static string Of(FeatureImportance importance, FeatureDependence? dependence, PredictionTask task)
    {
        ArgumentNullException.ThrowIfNull(importance);
        return dependence is null || !(importance.Low > 0) ? Worth(importance, task) : $"{Moves(dependence, task)} {Worth(importance, task)}";
    }

    public static string Name(string feature) => feature switch
    {
        ModelEncoder.OptionColumn => "the option",
        Blueprints.BlueprintContent.PositionFeature => "the place in the list",
        _ => $"`{Plain(feature)}`",
    };

    /// <summary>When the prediction goes up.</summary>
    public static string Moves(FeatureDependence dependence, PredictionTask task)
    {
        ArgumentNullException.ThrowIfNull(dependence);
        var name = Name(dependence.Feature);
        name = char.ToUpperInvariant(name[0]) + name[1..];
        var known = dependence.Levels.Where(l => !l.IsMissing).ToList();
        if (known.Count < 2) return $"{name}: nearly every row has the same value.";
        var (low, high) = (known.MinBy(l => l.Prediction)!, known.MaxBy(l => l.Prediction)!);
        if (high.Prediction - low.Prediction <= Flat * Math.Abs(known.Average(l => l.Prediction)))
            return $"{name}: moves the prediction little on average; what it does depends on the other features.";
        string Written(DependenceLevel level) => FeatureWords.Written(level.Prediction, task);
        if (!dependence.IsNumber) return $"{name}: moves the prediction up most for `{Plain(high.Text)}` ({Written(high)}), least for `{Plain(low.Text)}` ({Written(low)}).";
        var (first, last) = (known[0], known[^1]);
        if (known.Count == 2 && (first.Value, last.Value) == (0, 1)) return $"{name}: moves the prediction up when it is {(high.Value > 0 ? "yes" : "no")}: {Written(high)} against {Written(low)}.";
        var order = Order([.. known.Select(l => l.Prediction)]);
        var ends = $"{Written(first)} at {Number(first.Value)}, {Written(last)} at {Number(last.Value)}";
        if (order >= OneWay && last.Prediction > first.Prediction) return $"{name}: moves the prediction up when it is higher: {ends}.";
        if (order <= -OneWay && last.Prediction < first.Prediction) return $"{name}: moves the prediction up when it is lower: {ends}.";
        return $"{name}: moves the prediction up most around {Number(high.Value)} ({Written(high)}), least around {Number(low.Value)} ({Written(low)}).";
    }

    /// <summary>What shuffling it costs.</summary>
    public static string Worth(FeatureImportance importance, PredictionTask task)
    {
        ArgumentNullException.ThrowIfNull(importance);
        var loss = Loss(task);
        var range = $"{Number(importance.LossAdded)} [{Number(importance.Low)}, {Number(importance.High)}]";
        return importance switch
        {
            { Low: > 0 } => $"Shuffling {Name(importance.Feature)} adds {range} to the {loss}.",
            { High: < 0 } => $"Shuffling {Name(importance.Feature)} takes {Number(-importance.LossAdded)} [{Number(-importance.High)}, {Number(-importance.Low)}] off the {loss}: it misleads the model on these rows.",
            { LossAdded: double.NaN } => $"What {Name(importance.Feature)} is worth was not measured.",
            _ => $"What {Name(importance.Feature)} adds cannot be told from chance: {range} of {loss}.",
        };
    }

    /// <summary>What an error is measured by: "log loss".</summary>
    public static string Loss(PredictionTask task) => task switch
    {
        PredictionTask.Binary => "log loss",
        PredictionTask.Count => "Poisson deviance",
        PredictionTask.Quantile => "pinball loss",
        _ => "squared error",
    };

    internal static string Written(double prediction, PredictionTask task) =>
        task == PredictionTask.Binary ? (prediction * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%" : Number(prediction);

    internal static string Number(double value)
    {
        if (!double.IsFinite(value)) return "—";
        if (value == 0) return "0";
        var decimals = Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 12);
        return value.ToString($"#,##0.{new string('#', decimals)}", CultureInfo.InvariantCulture).Replace('-', '−');
    }

    /// <summary>Spearman's correlation of values, given in the order of what they are a function of, with that order.</summary>
    private static double Order(double[] values)
    {
        var ranks = Learning.Metrics.MidRanks(values);
        double n = values.Length, mean = ranks.Average(), xy = 0, yy = 0;
        for (var i = 0; i < ranks.Length; i++)
        {
            xy += (i - (n - 1) / 2) * (ranks[i] - mean);
            yy += (ranks[i] - mean) * (ranks[i] - mean);
        }
        return yy > 0 ? xy / Math.Sqrt(yy * n * (n * n - 1) / 12) : 0;
    }

    private static string Plain(string name) => BlueprintRules.Shown(name).Replace('`', '\'');
}
