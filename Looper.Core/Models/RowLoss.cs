using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What one wrong prediction costs: log loss for yes or no, squared error for a number.</summary>
public static class RowLoss
{
    public static double Of(PredictionTask task, double label, double prediction) =>
        task == PredictionTask.Number ? (label - prediction) * (label - prediction) : Metrics.LogLoss(label, prediction);

    public static double[] Of(PredictionTask task, ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++) losses[i] = Of(task, labels[i], predictions[i]);
        return losses;
    }

    public static double[] OfConstant(PredictionTask task, ReadOnlySpan<double> labels, double prediction)
    {
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++) losses[i] = Of(task, labels[i], prediction);
        return losses;
    }
}
