using System.Collections.Immutable;

namespace Looper.Core.Learning.Trees;

/// <summary>Going on from an earlier ensemble: its scores are where the first new tree starts.</summary>
internal static class WarmStart
{
    /// <summary>The levels of the merged ensemble: those of the bins, which must be the earlier ones' where there are any.</summary>
    public static ImmutableArray<ImmutableArray<short>> Levels(TreeEnsemble? earlier, BinnedRows binned, int outputs)
    {
        if (earlier is null) return binned.Levels;
        if (earlier.Outputs != outputs || earlier.Levels.Length != binned.Columns)
            throw TrainingChecks.Refused("warm-start-differs", "The earlier model has other columns or classes; start anew.");
        for (var j = 0; j < binned.Columns; j++)
        {
            var (old, now) = (earlier.Levels[j], binned.Bins[j].Levels);
            if (old.IsDefault != now.IsDefault || (!old.IsDefault && !old.SequenceEqual(now)))
                throw TrainingChecks.Refused("warm-start-differs", $"Column {j} has other categories than in the earlier model; start anew.");
        }
        return earlier.Levels;
    }

    public static double[][] Scores(TreeEnsemble? earlier, ImmutableArray<double> start, DataSet data, Workers workers)
    {
        var scores = start.Select(s =>
        {
            var column = new double[data.Rows];
            Array.Fill(column, s);
            return column;
        }).ToArray();
        if (earlier is null) return scores;
        workers.Stretches(data.Rows, (from, to) =>
        {
            Span<double> row = new double[data.Columns.Length], outputs = new double[start.Length];
            for (var i = from; i < to; i++)
            {
                for (var j = 0; j < row.Length; j++) row[j] = data.Values[j][i];
                earlier.Scores(row, outputs);
                for (var k = 0; k < outputs.Length; k++) scores[k][i] = outputs[k];
            }
        });
        return scores;
    }
}
