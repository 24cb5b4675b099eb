using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>Why a model predicts what it predicts for one row: exact Shapley values of its trees, on the prediction's own scale.</summary>
/// <remarks>The values add up on the score's scale (log odds for yes or no). Each is multiplied by the same factor, the change of the prediction per
/// unit of score between the typical row and this one, so that they add up to prediction − typical in the outcome's unit and keep their order and sign.</remarks>
public static class Explanation
{
    /// <summary>Reads the values as the model's columns do, scores them, and shares the difference from the typical row out among them.</summary>
    public static Answered<ExplanationView> Of(TrainedPredictor predictor, IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(values);
        foreach (var name in values.Keys.Where(k => predictor.Columns.All(c => c.Name != k)))
            return new Refusal("feature.invalid", $"{name}: this model has no such feature. It has {string.Join(", ", predictor.Columns.Select(c => c.Name))}.", name);
        var row = new double[predictor.Columns.Length];
        for (var c = 0; c < row.Length; c++)
        {
            var read = Read(predictor.Columns[c], values.GetValueOrDefault(predictor.Columns[c].Name));
            if (read.Refusal is { } refusal) return refusal;
            row[c] = read.Value;
        }
        var prediction = predictor.Predict(row);
        if (predictor.Predictor is not TreeEnsemble { Outputs: 1 } trees)
            return new Refusal("model.unexplained", "Only models made of trees with one prediction can be explained; this one is not.");
        var shares = new double[row.Length];
        Span<double> score = [TreeShap.Explain(trees, row, shares)];
        Links.Apply(trees.Objective, score);
        var typical = predictor.Calibration?.Apply(score[0]) ?? score[0];
        var total = shares.Sum();
        var factor = total == 0 ? 0 : (prediction - typical) / total;
        var contributions = predictor.Columns.Select((c, j) => new Contribution(c.Name, values.GetValueOrDefault(c.Name) ?? "", shares[j] * factor));
        return new ExplanationView(prediction, typical, [.. contributions.OrderByDescending(c => Math.Abs(c.Moves))]);
    }

    private static Answered<double> Read(Column column, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return double.NaN;
        if (column.Kind == ColumnKind.Category)
        {
            var code = column.Categories.IndexOf(text);
            return code >= 0 ? code : double.NaN; // a category the model has never seen is missing to it, as it is when serving
        }
        if (text is "true" or "false") return text == "true" ? 1.0 : 0.0;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : new Refusal("feature.invalid", $"{column.Name}: '{text}' is not a number. Write it like 12.5, true or false, or leave it empty.", column.Name);
    }
}
