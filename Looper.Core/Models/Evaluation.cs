using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>Judges predictions on rows the model has not seen.</summary>
public static class Evaluation
{
    private const int Bins = 10;

    /// <param name="labels">One per row.</param>
    /// <param name="predictions">One per row, calibrated.</param>
    /// <param name="units">One per row; rows of one unit are not independent.</param>
    /// <param name="options">One per row, an index into <paramref name="optionKeys"/>.</param>
    /// <param name="average">The best constant prediction by what was learned from.</param>
    public static ModelQuality Of(
        Target target, double[] labels, double[] predictions, ulong[] units, int[] options, ImmutableArray<string> optionKeys, double average)
    {
        var task = target.Task;
        var positives = labels.Count(y => y > 0.5);
        var losses = RowLoss.Of(target, labels, predictions);
        return new(
            task,
            labels.Length,
            units.Distinct().Count(),
            task == PredictionTask.Binary ? Math.Min(positives, labels.Length - positives) : labels.Length,
            task switch
            {
                PredictionTask.Binary => Probabilities(labels, predictions, losses, units, average),
                PredictionTask.Number => Numbers(labels, predictions, losses, units, average),
                PredictionTask.Count => [Loss(QualityMetric.Deviance, target, labels, losses, units, average), .. Numbers(labels, predictions, Squares(labels, predictions), units, average)],
                _ => [Loss(QualityMetric.Pinball, target, labels, losses, units, average), Coverage(labels, predictions, units, average)],
            },
            Reliability(target, labels, predictions, units),
            ByOption(target, labels, predictions, losses, options, optionKeys, average)) { Tau = target.Tau };
    }

    private static ImmutableArray<QualityMetric> Probabilities(double[] labels, double[] predictions, double[] losses, ulong[] units, double average)
    {
        var constant = Enumerable.Repeat(average, labels.Length).ToArray();
        var plain = BinaryMetrics.Of(labels, constant);
        var (area, variance) = Metrics.Auc(labels, predictions, units);
        var half = 1.959963984540054 * Math.Sqrt(variance);
        var loss = ClusteredMean.Of(losses, units);
        var brier = ClusteredMean.Of(Squares(labels, predictions), units);
        var calibration = Learning.Reliability.DebiasedInterval(labels, predictions, units, seed: labels.Length);
        return
        [
            new(QualityMetric.LogLoss, loss.Mean, loss.Low, loss.High, plain.LogLoss),
            new(QualityMetric.Auc, area, Math.Max(0, area - half), Math.Min(1, area + half), 0.5),
            new(QualityMetric.Brier, brier.Mean, brier.Low, brier.High, plain.Brier),
            new(QualityMetric.CalibrationError, calibration.Mean, calibration.Low, calibration.High, Learning.Reliability.Of(labels, constant, units: units).DebiasedError),
            new(QualityMetric.CalibrationZ, Learning.Reliability.SpiegelhalterZ(labels, predictions, units), double.NaN, double.NaN, Learning.Reliability.SpiegelhalterZ(labels, constant, units)),
            MeanError(labels, predictions, units, average),
        ];
    }

    private static ImmutableArray<QualityMetric> Numbers(double[] labels, double[] predictions, double[] losses, ulong[] units, double average)
    {
        var plain = ValueMetrics.Of(labels, Enumerable.Repeat(average, labels.Length).ToArray());
        var of = ValueMetrics.Of(labels, predictions);
        var loss = ClusteredMean.Of(losses, units);
        var mae = ClusteredMean.Of([.. labels.Zip(predictions, (y, p) => Math.Abs(y - p))], units);
        return
        [
            new(QualityMetric.Rmse, Math.Sqrt(loss.Mean), Math.Sqrt(Math.Max(0, loss.Low)), Math.Sqrt(loss.High), plain.Rmse),
            new(QualityMetric.Mae, mae.Mean, mae.Low, mae.High, plain.Mae),
            new(QualityMetric.R2, of.R2, double.NaN, double.NaN, plain.R2),
            MeanError(labels, predictions, units, average),
        ];
    }

    private static QualityMetric MeanError(double[] labels, double[] predictions, ulong[] units, double average)
    {
        var error = ClusteredMean.Of([.. predictions.Zip(labels, (p, y) => p - y)], units);
        return new(QualityMetric.MeanError, error.Mean, error.Low, error.High, average - labels.Average());
    }

    private static double[] Squares(double[] labels, double[] predictions) => RowLoss.Of(new Target(PredictionTask.Number), labels, predictions);

    private static QualityMetric Loss(string name, Target target, double[] labels, double[] losses, ulong[] units, double average)
    {
        var loss = ClusteredMean.Of(losses, units);
        return new(name, loss.Mean, loss.Low, loss.High, RowLoss.OfConstant(target, labels, average).Average());
    }

    private static QualityMetric Coverage(double[] labels, double[] predictions, ulong[] units, double average)
    {
        var covered = ClusteredMean.Of(Below(labels, predictions), units);
        return new(QualityMetric.Coverage, covered.Mean, covered.Low, covered.High, labels.Average(y => y <= average ? 1.0 : 0));
    }

    private static double[] Below(double[] labels, double[] predictions) => [.. labels.Zip(predictions, (y, p) => y <= p ? 1.0 : 0)];

    /// <summary>Bins of equal size, by rank of the prediction; ties stay together. Of a quantile the share of outcomes at or below it is observed: the mean
    /// outcome of a right one is any number.</summary>
    internal static ImmutableArray<ReliabilityBin> Reliability(Target target, double[] labels, double[] predictions, ulong[] units)
    {
        if (target.Task == PredictionTask.Quantile) labels = Below(labels, predictions);
        var order = Enumerable.Range(0, labels.Length).OrderBy(i => predictions[i]).ThenBy(i => i).ToArray();
        var bins = ImmutableArray.CreateBuilder<ReliabilityBin>();
        for (int from = 0, bin = 1; from < order.Length; bin++)
        {
            var until = Math.Max(from + 1, (int)((long)order.Length * bin / Bins));
            while (until < order.Length && predictions[order[until]] == predictions[order[until - 1]]) until++;
            var rows = order[from..until];
            var observed = ClusteredMean.Of([.. rows.Select(i => labels[i])], [.. rows.Select(i => units[i])]);
            bins.Add(new(rows.Average(i => predictions[i]), observed.Mean, observed.Low, observed.High, rows.Length));
            from = until;
        }
        return bins.ToImmutable();
    }

    private static ImmutableArray<OptionQuality> ByOption(
        Target target, double[] labels, double[] predictions, double[] losses, int[] options, ImmutableArray<string> keys, double average)
    {
        var (plain, seen) = (RowLoss.OfConstant(target, labels, average), target.Task == PredictionTask.Quantile ? Below(labels, predictions) : labels);
        double Shown(double loss) => target.Task == PredictionTask.Number ? Math.Sqrt(loss) : loss;
        return
        [
            .. Enumerable.Range(0, labels.Length).GroupBy(i => options[i]).OrderBy(g => g.Key).Select(g => new OptionQuality(
                keys.IsEmpty ? "" : keys[g.Key], g.Count(), g.Average(i => predictions[i]), g.Average(i => seen[i]),
                Shown(g.Average(i => losses[i])), Shown(g.Average(i => plain[i])))),
        ];
    }
}
