using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Learning;
using Looper.Core.Learning.Linear;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>Why a model predicts what it predicts for one row: Shapley values, on the prediction's own scale; and what it would predict for every option.</summary>
/// <remarks>For trees and linear models exact, on the score's scale (log odds for yes or no). Each is multiplied by the same factor, the change of the
/// prediction per unit of score between the typical row and this one, so that they add up to prediction − typical in the outcome's unit and keep their
/// order and sign. Any other model is explained by <see cref="SampledShapley"/>, against a row of ordinary values.</remarks>
public static class Explanation
{
    /// <summary>Reads the values as the model's columns do, scores them, and shares the difference from the typical row out among them.</summary>
    /// <param name="values">By column name; what is left out is missing.</param>
    /// <param name="typical">Ordinary values by column name, for models without an exact explanation; what is left out is missing.</param>
    public static Answered<ExplanationView> Of(
        TrainedPredictor predictor, IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, string>? typical = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(values);
        foreach (var name in values.Keys.Where(k => predictor.Columns.All(c => c.Name != k)))
            return new Refusal("feature.invalid", $"{name}: this model has no such feature. It has {string.Join(", ", predictor.Columns.Select(c => c.Name))}.", name);
        if (predictor.Outputs != 1)
            return new Refusal("model.unexplained", "Only a model with one prediction can be explained; this one predicts several classes.");
        var row = RowOf(predictor.Columns, values);
        if (row.Refusal is { } refusal) return refusal;
        var (shares, start, exact) = Shares(predictor, row.Value!, typical ?? new Dictionary<string, string>());
        var prediction = predictor.Predict(row.Value!);
        var total = shares.Sum();
        var factor = total == 0 ? 0 : (prediction - start) / total;
        var contributions = predictor.Columns.Select((c, j) => new Contribution(
            c.Name, values.GetValueOrDefault(c.Name) ?? "", shares[j] * factor, double.IsNaN(row.Value![j]) && !string.IsNullOrWhiteSpace(values.GetValueOrDefault(c.Name))));
        return new ExplanationView(
            prediction, start, exact, [.. contributions.OrderByDescending(c => Math.Abs(c.Moves)).ThenBy(c => c.Feature, StringComparer.Ordinal)],
            Options(predictor, row.Value!));
    }

    private static Answered<double[]> RowOf(ImmutableArray<Column> columns, IReadOnlyDictionary<string, string> values)
    {
        var row = new double[columns.Length];
        for (var c = 0; c < row.Length; c++)
        {
            var read = Read(columns[c], values.GetValueOrDefault(columns[c].Name));
            if (read.Refusal is { } refusal) return refusal;
            row[c] = read.Value;
        }
        return row;
    }

    private static (double[] Shares, double Start, bool Exact) Shares(TrainedPredictor predictor, double[] row, IReadOnlyDictionary<string, string> typical)
    {
        var shares = new double[row.Length];
        double Calibrated(Objective objective, double score)
        {
            Span<double> output = [score];
            Links.Apply(objective, output);
            return predictor.Calibration?.Apply(output[0]) ?? output[0];
        }
        switch (predictor.Predictor)
        {
            case TreeEnsemble trees:
                return (shares, Calibrated(trees.Objective, TreeShap.Explain(trees, row, shares)), true);
            case LinearPredictor linear:
                for (var j = 0; j < row.Length; j++) shares[j] = linear.Contribution(j, row[j], 0);
                return (shares, Calibrated(linear.Objective, linear.Intercepts[0]), true);
            default:
                var reference = RowOf(predictor.Columns, typical).Value ?? [.. row.Select(_ => double.NaN)];
                SampledShapley.Explain(predictor, row, reference, shares);
                return (shares, predictor.Predict(reference), false);
        }
    }

    private static ImmutableArray<OptionPrediction> Options(TrainedPredictor predictor, double[] row)
    {
        for (var c = 0; c < row.Length; c++)
        {
            if (predictor.Columns[c].Name != ModelEncoder.OptionColumn) continue;
            var each = row.ToArray();
            return [.. predictor.Columns[c].Categories.Select((option, code) =>
            {
                each[c] = code;
                return new OptionPrediction(option, predictor.Predict(each));
            })];
        }
        return [];
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
            : new Refusal("feature.invalid", $"{column.Name}: '{Decisions.BlueprintRules.Shown(text)}' is not a number. Write it like 12.5, true or false, or leave it empty.", column.Name);
    }

}
