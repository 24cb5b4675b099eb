using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Models;

/// <summary>What each feature is worth: how much the loss on the newest slice grows when the feature's values are shuffled among the rows.</summary>
public static class Importances
{
    private const int Repeats = 5;

    /// <summary>Rows measured at most, evenly spread over the slice.</summary>
    private const int MostRows = 20_000;

    public static ImmutableArray<FeatureImportance> Of(
        TrainedPredictor predictor, PredictionTask task, DataSet newest, ulong[] units, long seed, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(newest);
        var every = Math.Max(1, newest.Rows / MostRows);
        var rows = Enumerable.Range(0, newest.Rows / every).Select(i => i * every).ToArray();
        var of = rows.Select(r => units[r]).ToArray();
        var gains = Gains(predictor);
        var importance = ImmutableArray.CreateBuilder<FeatureImportance>();
        for (var column = 0; column < newest.Columns.Length; column++)
        {
            var added = new double[rows.Length];
            for (var repeat = 0; repeat < Repeats; repeat++)
            {
                cancel.ThrowIfCancellationRequested();
                AddLoss(predictor, task, newest, rows, column, Shuffled(rows, new Philox(seed, "permutation", column * Repeats + repeat)), added);
            }
            var mean = ClusteredMean.Of(added, of);
            importance.Add(new(newest.Columns[column].Name, gains[column], mean.Mean, mean.Low, mean.High));
        }
        return [.. importance.OrderByDescending(i => i.LossAdded).ThenBy(i => i.Feature, StringComparer.Ordinal)];
    }

    private static void AddLoss(TrainedPredictor predictor, PredictionTask task, DataSet data, int[] rows, int column, int[] donors, double[] added)
    {
        var row = new double[data.Columns.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var c = 0; c < row.Length; c++) row[c] = data.Values[c][rows[i]];
            var before = RowLoss.Of(task, data.Labels[rows[i]], predictor.Predict(row));
            row[column] = data.Values[column][donors[i]];
            added[i] += (RowLoss.Of(task, data.Labels[rows[i]], predictor.Predict(row)) - before) / Repeats;
        }
    }

    private static int[] Shuffled(int[] rows, Philox random)
    {
        var shuffled = (int[])rows.Clone();
        random.Shuffle(shuffled.AsSpan());
        return shuffled;
    }

    /// <summary>Each column's share of the gain of all splits; NaN where the predictor is not made of trees, or never splits.</summary>
    private static double[] Gains(TrainedPredictor predictor)
    {
        var gains = new double[predictor.Columns.Length];
        if (predictor.Predictor is TreeEnsemble ensemble)
        {
            foreach (var node in ensemble.Trees.SelectMany(t => t.Nodes).Where(n => !n.IsLeaf)) gains[node.Feature] += node.Gain;
        }
        var total = gains.Sum();
        return [.. gains.Select(g => total > 0 ? g / total : double.NaN)];
    }
}
