using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What a model does with its inputs, as its page draws it: made once, when it is trained, from the newest slice, so that no page reads
/// events for it. Values of a feature marked personal are not kept.</summary>
/// <param name="Dependence">How the prediction moves with each of the features it uses most, most important first.</param>
/// <param name="Uncalibrated">Predicted against observed as the learner left it; empty where nothing was corrected.</param>
/// <param name="UncalibratedError">The calibration error before the correction, debiased; NaN where nothing was corrected.</param>
/// <param name="Typical">One row of ordinary values, by column name: the middle number, the commonest category.</param>
public sealed record Behaviour(
    ImmutableArray<FeatureDependence> Dependence, ImmutableArray<ReliabilityBin> Uncalibrated, double UncalibratedError,
    ImmutableArray<TypicalValue> Typical)
{
    /// <summary>Features drawn at most.</summary>
    public const int MostFeatures = 8;

    public static Behaviour None { get; } = new([], [], double.NaN, []);

    /// <param name="predictor">As it will serve.</param>
    /// <param name="newest">Rows that it has not seen, in its columns.</param>
    /// <param name="units">One per row.</param>
    /// <param name="importance">Most important first.</param>
    /// <param name="personal">Features whose values must not be kept.</param>
    public static Behaviour Of(
        TrainedPredictor predictor, DataSet newest, ulong[] units, ImmutableArray<FeatureImportance> importance, IReadOnlySet<string> personal)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(newest);
        ArgumentNullException.ThrowIfNull(personal);
        var shown = importance.Where(i => i.Gain > 0 || i.Low > 0).Select(i => i.Feature).Where(f => !personal.Contains(f)).Take(MostFeatures);
        double[] before = predictor.Calibration is null ? [] : newest.Predictions(predictor.Predictor);
        return new(
            [.. shown.Select(name => FeatureDependence.Of(predictor, newest, IndexOf(newest, name)))],
            before.Length == 0 ? [] : Evaluation.Reliability(newest.Labels, before, units),
            before.Length == 0 ? double.NaN : Reliability.Of(newest.Labels, before).DebiasedError,
            [.. newest.Columns.Select((c, j) => new TypicalValue(c.Name, personal.Contains(c.Name) ? "" : TypicalValue.Of(c, newest.Values[j])))]);
    }

    private static int IndexOf(DataSet data, string column)
    {
        for (var j = 0; j < data.Columns.Length; j++)
        {
            if (data.Columns[j].Name == column) return j;
        }
        throw new ArgumentException($"No column {column}.", nameof(column));
    }
}

/// <param name="Value">As it would be typed; empty where a missing value is the ordinary one.</param>
public sealed record TypicalValue(string Feature, string Value)
{
    /// <summary>The median of a number, the commonest category; empty when more than half of the rows have none.</summary>
    public static string Of(Column column, double[] values)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(values);
        var present = values.Where(double.IsFinite).Order().ToArray();
        if (present.Length * 2 < values.Length || present.Length == 0) return "";
        return column.Kind == ColumnKind.Number
            ? present[present.Length / 2].ToString("G6", System.Globalization.CultureInfo.InvariantCulture)
            : column.Categories[(int)present.GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key];
    }
}
