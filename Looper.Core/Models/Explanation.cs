using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>Why a model predicts what it predicts for one row.</summary>
public static class Explanation
{
    /// <summary>Reads the values as the model's columns do, scores them, and moves each to missing in turn.</summary>
    public static Answered<ExplanationView> Of(TrainedPredictor predictor, IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(values);
        foreach (var name in values.Keys.Where(k => predictor.Columns.All(c => c.Name != k)))
            return new Refusal("feature.unknown-to-model", $"{name}: this model has no such feature. It has {string.Join(", ", predictor.Columns.Select(c => c.Name))}.", name);
        var row = new double[predictor.Columns.Length];
        for (var c = 0; c < row.Length; c++)
        {
            var read = Read(predictor.Columns[c], values.GetValueOrDefault(predictor.Columns[c].Name));
            if (read.Refusal is { } refusal) return refusal;
            row[c] = read.Value;
        }
        var prediction = predictor.Predict(row);
        var typical = predictor.Predict(Enumerable.Repeat(double.NaN, row.Length).ToArray());
        var contributions = ImmutableArray.CreateBuilder<Contribution>();
        for (var c = 0; c < row.Length; c++)
        {
            var value = row[c];
            row[c] = double.NaN;
            contributions.Add(new(predictor.Columns[c].Name, values.GetValueOrDefault(predictor.Columns[c].Name) ?? "", prediction - predictor.Predict(row)));
            row[c] = value;
        }
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
