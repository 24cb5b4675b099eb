using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What a model does with its inputs, as its page draws it: made once, when it is trained, from the newest slice, so that no page reads
/// events for it. Values of a feature marked personal are not kept.</summary>
/// <param name="Dependence">How the prediction moves with each of the features it uses most, most important first.</param>
/// <param name="Uncalibrated">Predicted against observed as the learner left it; empty where nothing was corrected.</param>
/// <param name="UncalibratedError">The calibration error before the correction, debiased; NaN where nothing was corrected, or no chance is predicted.</param>
/// <param name="Typical">One row of ordinary values, by feature: the middle number, the commonest category, the tags that most rows have.</param>
public sealed record Behaviour(
    ImmutableArray<FeatureDependence> Dependence, ImmutableArray<ReliabilityBin> Uncalibrated, double UncalibratedError,
    ImmutableArray<TypicalValue> Typical)
{
    /// <summary>Features drawn at most.</summary>
    public const int MostFeatures = 8;

    public static Behaviour None { get; } = new([], [], double.NaN, []);

    /// <param name="predictor">As it will serve.</param>
    /// <param name="target">What it predicts.</param>
    /// <param name="newest">Rows that it has not seen, in its columns.</param>
    /// <param name="units">One per row.</param>
    /// <param name="importance">Most important first.</param>
    /// <param name="personal">Features whose values must not be kept.</param>
    public static Behaviour Of(
        TrainedPredictor predictor, Target target, DataSet newest, ulong[] units, ImmutableArray<FeatureImportance> importance, IReadOnlySet<string> personal)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(newest);
        ArgumentNullException.ThrowIfNull(personal);
        var shown = importance.Where(i => i.Gain > 0 || i.Low > 0).Select(i => i.Feature).Where(f => !personal.Contains(f)).Take(MostFeatures);
        double[] before = predictor.Calibration is null ? [] : newest.Predictions(predictor.Predictor);
        return new(
            [.. shown.Select(name => FeatureDependence.Of(predictor, newest, StrongestOf(predictor, newest, name)))],
            before.Length == 0 ? [] : Evaluation.Reliability(target, newest.Labels, before, units),
            before.Length == 0 || target.Task != PredictionTask.Binary ? double.NaN : Reliability.Of(newest.Labels, before, units: units).DebiasedError,
            [.. TypedRow.Features(newest.Columns).Select(f => new TypicalValue(f.Name, personal.Contains(f.Name) ? "" : TypicalValue.Of(f, newest)))]);
    }

    /// <summary>The column of a feature that the model leans on most: of tags and vectors, which have several, one curve is drawn.</summary>
    private static int StrongestOf(TrainedPredictor predictor, DataSet data, string feature)
    {
        int[] own = [.. Enumerable.Range(0, data.Columns.Length).Where(j => Column.FeatureOf(data.Columns[j].Name) == feature)];
        if (own.Length == 1) return own[0];
        var gains = Learning.Importance.Gains(predictor, data.Columns.Length);
        if (own.Any(j => gains[j] > 0)) return own.MaxBy(j => gains[j]);
        var ranks = Metrics.MidRanks(data.Predictions(predictor));
        return own.MaxBy(j => Math.Abs(Together(ranks, data.Values[j])));
    }

    // Correlation with the ranks of the predictions; 0 where the column does not vary.
    private static double Together(double[] ranks, double[] values)
    {
        double[] x = [.. values.Select(v => double.IsFinite(v) ? v : 0)];
        double mx = x.Average(), mr = ranks.Average(), xx = 0, xr = 0;
        for (var i = 0; i < x.Length; i++) (xx, xr) = (xx + (x[i] - mx) * (x[i] - mx), xr + (x[i] - mx) * (ranks[i] - mr));
        return xx > 0 ? xr / Math.Sqrt(xx) : 0;
    }
}

/// <param name="Value">As it would be typed; empty where a missing value is the ordinary one.</param>
public sealed record TypicalValue(string Feature, string Value)
{
    /// <summary>The same of a feature with several columns: the tags that more than half of the rows have, the median of every number.</summary>
    public static string Of(TypedRow.TypedFeature feature, DataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (feature is { IsTags: false, IsVector: false }) return Of(data.Columns[feature.First], data.Values[feature.First]);
        string[] each = [.. feature.Columns.Select(j => Of(data.Columns[j], data.Values[j]))];
        if (Array.Exists(each, text => text.Length == 0)) return "";
        return feature.IsVector
            ? $"[{string.Join(", ", each)}]"
            : Serving.ListText.Of(feature.Columns.Where((j, k) => data.Columns[j].Name != feature.Name && each[k] == "1").Select(j => data.Columns[j].Name[(feature.Name.Length + 1)..^1]));
    }

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
