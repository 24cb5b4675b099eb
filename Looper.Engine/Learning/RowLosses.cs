namespace Looper.Core.Learning;

/// <summary>The loss of every row, on the scale on which models are compared.</summary>
public static class RowLosses
{
    /// <summary>Log loss for classes, pinball for a quantile, Poisson deviance for counts, absolute error for Huber, else the squared error. For a
    /// ranking 1 − NDCG@10 of every query, in which something is relevant, rather than of every row.</summary>
    /// <param name="predictor">Fitted for <paramref name="objective"/>.</param>
    /// <param name="data">Rows it has not seen.</param>
    /// <param name="objective">Decides the loss.</param>
    /// <param name="tau">Level, for a quantile.</param>
    public static double[] Of(IPredictor predictor, DataSet data, Objective objective, double tau = 0.5)
    {
        if (objective == Objective.Ranking) return OfQueries(data, data.Predictions(predictor));
        var (losses, row, outputs) = (new double[data.Rows], new double[data.Columns.Length], new double[predictor.Outputs]);
        for (var i = 0; i < losses.Length; i++)
        {
            data.CopyRow(i, row);
            predictor.Predict(row, outputs);
            losses[i] = Of(objective, data.Labels[i], outputs, tau);
        }
        return losses;
    }

    private static double[] OfQueries(DataSet data, double[] scores)
    {
        var losses = new List<double>();
        foreach (var (from, to) in RankingMetrics.Queries(data.Groups))
        {
            var ndcg = RankingMetrics.Ndcg(data.Labels.AsSpan(from, to - from), scores.AsSpan(from, to - from), 10);
            if (!double.IsNaN(ndcg)) losses.Add(1 - ndcg);
        }
        return [.. losses];
    }

    internal static double Of(Objective objective, double y, double[] outputs, double tau) => objective switch
    {
        Objective.Binary => Metrics.LogLoss(y, outputs[0]),
        Objective.Multiclass => Metrics.LogLoss(1, outputs[(int)y]),
        Objective.Quantile => Metrics.Pinball([y], [outputs[0]], tau),
        Objective.Poisson => Metrics.PoissonDeviance([y], [outputs[0]]),
        Objective.Huber => Math.Abs(outputs[0] - y),
        _ => (outputs[0] - y) * (outputs[0] - y),
    };
}
