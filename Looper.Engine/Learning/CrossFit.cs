namespace Looper.Core.Learning;

/// <summary>Predictions of every row by a model that has not seen it.</summary>
public static class CrossFit
{
    /// <summary>Fits as many times as there are folds, each time leaving one fold out, and predicts the fold.</summary>
    /// <param name="learner">Fitted without validation rows: give the rounds.</param>
    /// <param name="data">All rows.</param>
    /// <param name="folds">Fold of every row, from 0; rows of one unit share one.</param>
    /// <param name="settings">As for the fit.</param>
    /// <param name="seed">As for the fit.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>One prediction per row, in the data's order.</returns>
    public static double[] Predict(ILearner learner, DataSet data, ReadOnlySpan<int> folds, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        var (fold, predictions, row) = (folds.ToArray(), new double[data.Rows], new double[data.Columns.Length]);
        for (var k = 0; k <= fold.Max(); k++)
        {
            var fit = learner.Fit(data.Take([.. Enumerable.Range(0, data.Rows).Where(i => fold[i] != k)]), null, settings, seed, null, cancel);
            for (var i = 0; i < data.Rows; i++)
            {
                if (fold[i] != k) continue;
                data.CopyRow(i, row);
                predictions[i] = fit.Predict(row);
            }
        }
        return predictions;
    }
}
