using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Numerics;

namespace Looper.Core.OffPolicy;

/// <summary>q̂(x, a): the mean reward of each option in each context, every row predicted by a fit that has not seen its unit.</summary>
/// <remarks>Fits of a fold: boosted trees with the option as a column, up to 20,000 rows boosted trees an option, a linear model an option, and the mean of the option. They are mixed
/// by the convex weights with the least squared error on unseen rows. Nothing here knows the policy that is to be judged: <see cref="RewardBlend"/> does.</remarks>
public static class RewardModel
{
    /// <summary>Rows a fit learns from at most, evenly spaced over time.</summary>
    public const int MostRows = 50_000;

    private const int LeastRows = 30, OwnOptions = 20; // above, rows of one option are few
    private const int FewRows = 20_000; // above, trees with the option as a column find by themselves what depends on it, and take steps twice as large
    private const int LinearRows = 2_000; // of an option: coefficients settle long before trees do

    /// <summary>One prediction a row and option, row after row.</summary>
    /// <param name="contexts">Features without the option, in time order; labels are the rewards.</param>
    /// <param name="taken">Option of each row, an index; −1 for one that is no longer there: nothing is learned from it.</param>
    /// <param name="options">How many options there are.</param>
    /// <param name="folds">Fold of each row, from 0; rows of one unit share one.</param>
    /// <param name="plan">Weights, bounds and the rest.</param>
    public static double[] CrossFit(DataSet contexts, int[] taken, int options, int[] folds, RewardPlan plan)
    {
        var joint = WithOption(contexts, taken, options, plan.Weights);
        var count = folds.Max() + 1;
        var hasOwn = contexts.Rows <= FewRows && options <= OwnOptions;
        double[] trees = new double[contexts.Rows * options], own = new double[hasOwn ? contexts.Rows * options : 0], linear = new double[contexts.Rows * options];
        var means = new double[count][];
        double[] codes = [.. Enumerable.Range(0, options)];
        for (var fold = 0; fold < count; fold++)
        {
            plan.Cancel.ThrowIfCancellationRequested();
            var rows = joint.Take(Spaced(folds, fold, taken, plan.Weights));
            int[] chosen = Array.ConvertAll(rows.Values[^1], a => (int)a);
            var mean = means[fold] = Means(rows, chosen, options);
            var forest = Trees(rows, plan, plan.Threads, fold) is { } fitted ? new CompiledTrees(fitted, rows.Columns.Length - 1, codes) : null;
            var forests = hasOwn ? EachOption(rows, chosen, options, plan, r => Trees(r, plan, 1, fold)) : [];
            var lines = EachOption(rows, chosen, options, plan, r => new ElasticNet { L1Share = 0.1 }.Fit(Thinned(r), null, Settings(rows, plan, 1), plan.Seed, null, plan.Cancel));
            plan.Progress?.Invoke((fold + 0.6) / count);
            var (f, width) = (fold, joint.Columns.Length);
            new Workers(plan.Threads, plan.Cancel).Stretches(contexts.Rows, (from, to) =>
            {
                var row = new double[width];
                for (var i = from; i < to; i++)
                {
                    if (folds[i] != f) continue;
                    joint.CopyRow(i, row);
                    var first = i * options;
                    if (forest is null) mean.CopyTo(trees, first);
                    else forest.Predict(row, trees.AsSpan(first, options));
                    for (var a = 0; a < options; a++)
                    {
                        var at = first + a;
                        if (hasOwn) own[at] = forests[a]?.Predict(row.AsSpan(0, width - 1)) ?? mean[a];
                        linear[at] = lines[a]?.Predict(row.AsSpan(0, width - 1)) ?? mean[a];
                    }
                }
            });
            plan.Progress?.Invoke((fold + 1.0) / count);
        }
        if (hasOwn) Mix(trees, at => own[at], contexts.Labels, taken, options, plan);
        Mix(trees, at => linear[at], contexts.Labels, taken, options, plan);
        Mix(trees, at => means[folds[at / options]][at % options], contexts.Labels, taken, options, plan);
        if (plan.RewardRange is var (low, high)) for (var i = 0; i < trees.Length; i++) trees[i] = Math.Clamp(trees[i], low, high);
        return trees;
    }

    /// <summary>The model's two numbers a row for one policy.</summary>
    /// <param name="predictions">As from <see cref="CrossFit"/>.</param>
    /// <param name="taken">Option of each row.</param>
    /// <param name="policy">π_e, row after row; each row sums to 1 or nearly so.</param>
    /// <param name="options">How many options there are.</param>
    public static ModelledRewards Apply(double[] predictions, int[] taken, double[] policy, int options)
    {
        double[] predicted = new double[taken.Length], values = new double[taken.Length];
        for (var i = 0; i < taken.Length; i++)
        {
            double sum = 0, total = 0;
            for (var a = i * options; a < (i + 1) * options; a++) (sum, total) = (sum + policy[a] * predictions[a], total + policy[a]);
            (predicted[i], values[i]) = (taken[i] < 0 ? 0 : predictions[i * options + taken[i]], total > 0 ? sum / total : 0);
        }
        return new(predicted, values);
    }

    private static DataSet WithOption(DataSet contexts, int[] taken, int options, double[]? weights)
    {
        Column option = new("@option", ColumnKind.Category, [.. Enumerable.Range(0, options).Select(a => $"{a}")]);
        return new([.. contexts.Columns, option], [.. contexts.Values, Array.ConvertAll(taken, a => a < 0 ? double.NaN : a)], contexts.Labels, weights);
    }

    /// <summary>Rows outside the fold that something can be learned from, evenly spaced.</summary>
    private static int[] Spaced(int[] folds, int fold, int[] taken, double[]? weights)
    {
        bool Teaches(int i) => folds[i] != fold && taken[i] >= 0 && weights?[i] is not 0;
        var count = 0;
        for (var i = 0; i < folds.Length; i++) if (Teaches(i)) count++;
        var (rows, seen, kept) = (new int[Math.Min(count, MostRows)], 0L, 0);
        for (var i = 0; i < folds.Length && kept < rows.Length; i++)
        {
            if (!Teaches(i)) continue;
            if (seen++ == (long)kept * count / rows.Length) rows[kept++] = i;
        }
        return rows;
    }

    /// <summary>Mean of each option, drawn towards the mean of all as if ten rows had shown that.</summary>
    private static double[] Means(DataSet rows, int[] taken, int options)
    {
        double[] sums = new double[options], weights = new double[options];
        for (var i = 0; i < taken.Length; i++)
        {
            var weight = rows.Weights?[i] ?? 1;
            sums[taken[i]] += weight * rows.Labels[i];
            weights[taken[i]] += weight;
        }
        var total = weights.Sum();
        var all = total > 0 ? sums.Sum() / total : 0;
        var prior = taken.Length > 0 ? 10 * total / taken.Length : 1;
        return [.. sums.Select((s, a) => (s + prior * all) / (weights[a] + prior))];
    }

    /// <summary>A fit an option, from its own rows and without the option; null where they are too few or there are too many options.</summary>
    private static IPredictor?[] EachOption(DataSet rows, int[] taken, int options, RewardPlan plan, Func<DataSet, IPredictor?> fit)
    {
        var fits = new IPredictor?[options];
        if (rows.Columns.Length < 2 || options > OwnOptions) return fits;
        var contexts = new DataSet(rows.Columns[..^1], rows.Values[..^1], rows.Labels, rows.Weights);
        new Workers(plan.Threads, plan.Cancel).Each(options, a =>
        {
            int[] own = [.. Enumerable.Range(0, taken.Length).Where(i => taken[i] == a)];
            if (own.Length >= LeastRows) fits[a] = Fitted(() => fit(contexts.Take(own)));
        });
        return fits;
    }

    private static DataSet Thinned(DataSet rows) =>
        rows.Rows <= LinearRows ? rows : rows.Take([.. Enumerable.Range(0, LinearRows).Select(i => (int)((long)i * rows.Rows / LinearRows))]);

    private static TreeEnsemble? Trees(DataSet rows, RewardPlan plan, int threads, int fold)
    {
        int[] order = [.. Enumerable.Range(0, rows.Rows)];
        new Philox(plan.Seed, "reward-model", fold).Shuffle<int>(order);
        var cut = rows.Rows / 5;
        if (cut < LeastRows) return null;
        var settings = Settings(rows, plan, threads) with { Rounds = 300, Patience = 20, LearningRate = rows.Rows > FewRows ? 0.2 : 0.1, Leaves = 15, MinLeafRows = Math.Clamp(rows.Rows / 100, 5, 20), RowFraction = 0.8 };
        return (TreeEnsemble?)Fitted(() => new GradientBoosting().Fit(rows.Take(order.AsSpan(cut)), rows.Take(order.AsSpan(0, cut)), settings, plan.Seed, null, plan.Cancel));
    }

    // weighted errors are squared ones by definition; plain yes or no is fitted as such
    private static LearnerSettings Settings(DataSet rows, RewardPlan plan, int threads) => new()
    {
        Objective = plan.Weights is null && rows.Labels.All(y => y is 0 or 1) ? Objective.Binary : Objective.Squared,
        Threads = threads,
    };

    private static IPredictor? Fitted(Func<IPredictor?> fit)
    {
        try
        {
            return fit();
        }
        catch (UnlearnableException)
        {
            return null; // one label or too few rows: the option's mean says all there is
        }
    }

    /// <summary>Draws predictions towards others, by the convex weight with the least squared error on unseen rows.</summary>
    private static void Mix(double[] predictions, Func<int, double> others, double[] rewards, int[] taken, int options, RewardPlan plan)
    {
        double upper = 0, lower = 0;
        for (var i = 0; i < taken.Length; i++)
        {
            if (taken[i] < 0) continue;
            var at = i * options + taken[i];
            var (weight, other) = (plan.Weights?[i] ?? 1, others(at));
            var apart = predictions[at] - other;
            (upper, lower) = (upper + weight * (rewards[i] - other) * apart, lower + weight * apart * apart);
        }
        var share = lower > 0 ? Math.Clamp(upper / lower, 0, 1) : 0;
        if (share == 1) return;
        for (var at = 0; at < predictions.Length; at++) predictions[at] = share * predictions[at] + (1 - share) * others(at);
    }
}
