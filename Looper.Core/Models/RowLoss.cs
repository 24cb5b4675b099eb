using Looper.Core.Learning;

namespace Looper.Core.Models;

/// <summary>What one wrong prediction costs: log loss for yes or no, squared error for a number, Poisson deviance for a count, pinball loss
/// for a quantile.</summary>
public static class RowLoss
{
    public static double Of(Target target, double label, double prediction) => target.Task switch
    {
        PredictionTask.Binary => Metrics.LogLoss(label, prediction),
        PredictionTask.Count => Metrics.PoissonDeviance([label], [prediction]),
        PredictionTask.Quantile => Metrics.Pinball([label], [prediction], target.Tau),
        _ => (label - prediction) * (label - prediction),
    };

    public static double[] Of(Target target, ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++) losses[i] = Of(target, labels[i], predictions[i]);
        return losses;
    }

    public static double[] OfConstant(Target target, ReadOnlySpan<double> labels, double prediction)
    {
        var losses = new double[labels.Length];
        for (var i = 0; i < losses.Length; i++) losses[i] = Of(target, labels[i], prediction);
        return losses;
    }
}
