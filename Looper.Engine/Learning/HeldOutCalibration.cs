namespace Looper.Core.Learning;

/// <summary>The calibration that rows a predictor has not seen support, for any objective; judged, like every one, on rows it was not fitted on.</summary>
public static class HeldOutCalibration
{
    private const int Every = 7;

    /// <summary>Isotonic or Platt for a probability, a temperature for classes, slope and intercept for a value, a factor for a count. Null when
    /// it does not lower the loss by more than one standard error on rows that it was not fitted on, and for quantiles and rankings.</summary>
    /// <param name="predictor">Fitted without these rows.</param>
    /// <param name="unseen">Rows in time order.</param>
    /// <param name="objective">What was minimised.</param>
    public static Calibration? Of(IPredictor predictor, DataSet unseen, Objective objective)
    {
        if (objective is Objective.Quantile or Objective.Ranking || unseen.Rows < 20) return null;
        var predictions = unseen.AllPredictions(predictor);
        if (objective == Objective.Binary) return Calibrating.Best(unseen.Labels, Array.ConvertAll(predictions, p => p[0]));
        var gains = new double[unseen.Rows];
        for (var fold = 0; fold < 2; fold++)
        {
            int[] fitting = Calibrating.Fold(unseen.Rows, fold), judging = Calibrating.Fold(unseen.Rows, 1 - fold);
            if (Fit(objective, Array.ConvertAll(fitting, i => unseen.Labels[i]), Array.ConvertAll(fitting, i => predictions[i])) is not { } fit) return null;
            foreach (var i in judging)
            {
                double[] after = [.. predictions[i]];
                fit.Apply(after);
                gains[i] = RowLosses.Of(objective, unseen.Labels[i], predictions[i], 0.5) - RowLosses.Of(objective, unseen.Labels[i], after, 0.5);
            }
        }
        var gain = Spread.Of(gains);
        return gain.Mean > (gain.High - gain.Mean) / 1.96 ? Fit(objective, unseen.Labels, predictions) : null;
    }

    /// <summary>The calibration for a fit on all rows, found by fitting once more without every seventh of them: rows spread over the whole time.
    /// Where the newest rows are not like those that will be predicted, theirs would be the wrong one.</summary>
    /// <param name="learner">Fits without validation rows: give the rounds.</param>
    /// <param name="data">All rows.</param>
    /// <param name="settings">As for the fit on all rows.</param>
    /// <param name="seed">As for the fit.</param>
    /// <param name="cancel">Ends the fit.</param>
    /// <returns>Null as for <see cref="Of"/>, and where the rest of the rows admits no model.</returns>
    public static Calibration? Interleaved(ILearner learner, DataSet data, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        if (settings.Objective is Objective.Quantile or Objective.Ranking || data.Rows < 20 * Every) return null;
        int[] Rows(bool held) => [.. Enumerable.Range(0, data.Rows).Where(i => i % Every == Every / 2 == held)];
        if (settings is { Objective: Objective.Multiclass, Classes: 0 }) settings = settings with { Classes = Math.Max(2, (int)data.Labels.Max() + 1) };
        try
        {
            return Of(learner.Fit(data.Take(Rows(false)), null, settings, seed, null, cancel), data.Take(Rows(true)), settings.Objective);
        }
        catch (UnlearnableException)
        {
            return null;
        }
    }

    private static Calibration? Fit(Objective objective, double[] labels, double[][] predictions) => objective switch
    {
        Objective.Multiclass => TemperatureCalibration.Fit(labels, predictions),
        Objective.Poisson => Factor(labels, predictions),
        _ => Line(labels, predictions),
    };

    // Least squares of the label on the prediction.
    private static LinearCalibration? Line(double[] labels, double[][] predictions)
    {
        double x = predictions.Average(p => p[0]), y = labels.Average(), xx = 0, xy = 0;
        for (var i = 0; i < labels.Length; i++) (xx, xy) = (xx + (predictions[i][0] - x) * (predictions[i][0] - x), xy + (predictions[i][0] - x) * (labels[i] - y));
        var slope = xy / xx;
        return slope > 0 && double.IsFinite(slope) ? new(slope, y - slope * x) : null;
    }

    // A mean of counts may not fall below 0: no intercept.
    private static LinearCalibration? Factor(double[] labels, double[][] predictions)
    {
        var factor = labels.Average() / predictions.Average(p => p[0]);
        return factor > 0 && double.IsFinite(factor) ? new(factor, 0) : null;
    }
}
