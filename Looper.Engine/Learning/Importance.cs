using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>How much a predictor leans on one feature: on its column, or on its columns together.</summary>
/// <param name="Column">The feature's name, see <see cref="Column.FeatureOf"/>.</param>
/// <param name="Gain">Share of the fall of the training loss that its splits brought; NaN for other families than trees.</param>
/// <param name="Permutation">Rise of the mean loss when the column is shuffled, in the loss's unit; NaN where not measured.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
public sealed record ColumnImportance(string Column, double Gain, double Permutation, double Low, double High);

/// <summary>Which features a predictor leans on. It says what the model uses, not what causes the outcome.</summary>
public static class Importance
{
    private const int Repeats = 5, MostRows = 20_000;
    private const double TiedRanks = 0.9;

    /// <summary>Gain and permutation importance of every feature, most important first.</summary>
    /// <param name="predictor">Fitted on the columns of <paramref name="test"/>.</param>
    /// <param name="test">Rows that it has not seen; at most the newest 20,000 are used.</param>
    /// <param name="seed">Fixes the permutations.</param>
    /// <param name="cancel">Ends the work between two features.</param>
    /// <param name="units">One per row, where rows of one unit are not independent; null where all are.</param>
    /// <param name="tau">Level of a quantile, which the predictor does not keep.</param>
    /// <remarks>Breiman 2001, section 10: loss after shuffling minus loss before, per row; the interval is that of the mean over rows of the mean
    /// over 5 permutations, each unit counted once. Numbers whose ranks correlate above 0.9 are shuffled together, and share what is found. The columns of one feature (tags, a
    /// vector) are shuffled together and count as one: their gains are added.</remarks>
    public static ImmutableArray<ColumnImportance> Of(IPredictor predictor, DataSet test, long seed, CancellationToken cancel, ulong[]? units = null, double tau = 0.5)
    {
        if (test.Rows > MostRows) (test, units) = (test.Take([.. Enumerable.Range(test.Rows - MostRows, MostRows)]), units?[^MostRows..]);
        var gains = Gains(predictor, test.Columns.Length);
        var found = new Spread[test.Columns.Length];
        var before = Losses(predictor, test, tau);
        foreach (var group in Together(test))
        {
            cancel.ThrowIfCancellationRequested();
            var rise = Rise(predictor, test, group, before, seed, units, tau);
            foreach (var column in group) found[column] = rise;
        }
        return [.. test.Columns.Select((c, j) => (Feature: Column.FeatureOf(c.Name), Column: j)).GroupBy(c => c.Feature)
            .Select(f => (f.Key, Gain: f.Sum(c => gains[c.Column]), Found: found[f.First().Column]))
            .Select(f => new ColumnImportance(f.Key, f.Gain, f.Found.Mean, f.Found.Low, f.Found.High))
            .OrderByDescending(c => c.Permutation).ThenByDescending(c => c.Gain)];
    }

    /// <summary>Per column the share of the gain of all splits; NaN for a predictor without trees.</summary>
    /// <param name="predictor">Any predictor; a wrapped one is looked into.</param>
    /// <param name="columns">Number of columns.</param>
    public static double[] Gains(IPredictor predictor, int columns)
    {
        var gains = new double[columns];
        if (predictor is TrainedPredictor wrapped) predictor = wrapped.Predictor;
        if (predictor is not TreeEnsemble ensemble)
        {
            Array.Fill(gains, double.NaN);
            return gains;
        }
        foreach (var tree in ensemble.Trees) foreach (var node in tree.Nodes) if (!node.IsLeaf) gains[node.Feature] += node.Gain;
        var total = gains.Sum();
        return [.. gains.Select(g => total > 0 ? g / total : 0)];
    }

    private static Spread Rise(IPredictor predictor, DataSet test, ImmutableArray<int> group, double[] before, long seed, ulong[]? units, double tau)
    {
        var rises = new double[before.Length];
        var values = test.Values.ToArray();
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            int[] order = [.. Enumerable.Range(0, test.Rows)];
            new Philox(seed, "permutation", group[0] * (long)Repeats + repeat).Shuffle(order.AsSpan());
            foreach (var column in group) values[column] = Array.ConvertAll(order, i => test.Values[column][i]);
            var after = Losses(predictor, new(test.Columns, values, test.Labels, test.Weights) { Groups = test.Groups }, tau);
            for (var i = 0; i < rises.Length; i++) rises[i] += (after[i] - before[i]) / Repeats;
        }
        return units is null ? Spread.Of(rises) : Spread.Of(rises, units);
    }

    private static double[] Losses(IPredictor predictor, DataSet data, double tau) => RowLosses.Of(predictor, data, ObjectiveOf(predictor, data), tau);

    private static Objective ObjectiveOf(IPredictor predictor, DataSet data) => predictor switch
    {
        TrainedPredictor trained => ObjectiveOf(trained.Predictor, data),
        TreeEnsemble trees => trees.Objective,
        Linear.LinearPredictor linear => linear.Objective,
        Network.NetworkPredictor network => network.Objective,
        _ when predictor.Outputs > 1 => Objective.Multiclass,
        _ => Array.TrueForAll(data.Labels, y => y is 0 or 1) ? Objective.Binary : Objective.Squared,
    };

    private static IEnumerable<ImmutableArray<int>> Together(DataSet data)
    {
        var features = data.Columns.Select(c => Column.FeatureOf(c.Name)).ToArray();
        var several = features.CountBy(f => f).Where(f => f.Value > 1).Select(f => f.Key).ToHashSet();
        var ranks = data.Values.Select((v, j) => data.Columns[j].Kind == ColumnKind.Number && !several.Contains(features[j]) ? Metrics.MidRanks([.. v.Select(x => double.IsNaN(x) ? double.MinValue : x)]) : null).ToArray();
        var taken = new bool[ranks.Length];
        for (var j = 0; j < ranks.Length; j++)
        {
            if (taken[j]) continue;
            var group = ImmutableArray.CreateBuilder<int>();
            for (var k = j; k < ranks.Length; k++)
            {
                if (taken[k] || (k > j && features[j] != features[k] && (ranks[j] is null || ranks[k] is null || !(Math.Abs(Correlation(ranks[j]!, ranks[k]!)) > TiedRanks)))) continue;
                taken[k] = true;
                group.Add(k);
            }
            yield return group.ToImmutable();
        }
    }

    private static double Correlation(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average(), xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            xx += (x[i] - mx) * (x[i] - mx);
            yy += (y[i] - my) * (y[i] - my);
            xy += (x[i] - mx) * (y[i] - my);
        }
        return xy / Math.Sqrt(xx * yy);
    }
}
