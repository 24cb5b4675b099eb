using System.Collections.Immutable;
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
    /// <param name="values">By feature, tags and vectors as lists; what is left out is missing.</param>
    /// <param name="typical">Ordinary values by feature, for models without an exact explanation; what is left out is missing.</param>
    public static Answered<ExplanationView> Of(
        TrainedPredictor predictor, IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, string>? typical = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(values);
        var features = TypedRow.Features(predictor.Columns);
        foreach (var name in values.Keys.Where(k => features.All(f => f.Name != k)))
            return new Refusal("feature.invalid", $"{name}: this model has no such feature. It has {string.Join(", ", features.Select(f => f.Name))}.", name);
        if (predictor.Outputs != 1)
            return new Refusal("model.unexplained", "Only a model with one prediction can be explained; this one predicts several classes.");
        var row = TypedRow.Of(predictor.Columns, values);
        if (row.Refusal is { } refusal) return refusal;
        var (shares, start, exact) = Shares(predictor, row.Value!, typical ?? new Dictionary<string, string>());
        var prediction = predictor.Predict(row.Value!);
        var total = shares.Sum();
        var factor = total == 0 ? 0 : (prediction - start) / total;
        var contributions = features.Select(f => new Contribution(
            f.Name, values.GetValueOrDefault(f.Name) ?? "", f.Columns.Sum(j => shares[j]) * factor, double.IsNaN(row.Value![f.First]) && !string.IsNullOrWhiteSpace(values.GetValueOrDefault(f.Name))));
        return new ExplanationView(
            prediction, start, exact, [.. contributions.OrderByDescending(c => Math.Abs(c.Moves)).ThenBy(c => c.Feature, StringComparer.Ordinal)],
            Options(predictor, row.Value!));
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
                var reference = TypedRow.Of(predictor.Columns, typical).Value ?? [.. row.Select(_ => double.NaN)];
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
}
