using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>One step of a selection.</summary>
/// <param name="Dropped">The feature left out by this step, with all its columns; null for the start with all.</param>
/// <param name="Loss">Mean loss on the newest rows without it and all dropped before.</param>
/// <param name="Worse">Paired rise of the loss against all columns, with interval.</param>
/// <param name="Cost">Cost of the columns that are left, in the unit given.</param>
/// <param name="Why">In words.</param>
public sealed record SelectionStep(string? Dropped, double Loss, Spread Worse, double Cost, string Why);

/// <summary>What a selection proposes.</summary>
/// <param name="Kept">Features to keep, in the data's order.</param>
/// <param name="Steps">The frontier of loss against cost, from all columns down; the last accepted step is the proposal.</param>
/// <param name="Saved">Cost saved.</param>
public sealed record Selection(ImmutableArray<string> Kept, ImmutableArray<SelectionStep> Steps, double Saved);

/// <summary>The fewest and cheapest features whose loss on the newest rows stays within a tolerance.</summary>
/// <remarks>A feature's columns (<see cref="Column.FeatureOf"/>) go or stay together. Backward: the feature with the least (upper end of its permutation importance)/cost goes first, the rest is fitted anew, and a step
/// stands unless the paired loss rises by more than the tolerance plus one standard error.</remarks>
public static class FeatureSelection
{
    private const int Refused = 3;

    /// <summary>Drops features one by one.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="costs">Cost per column, one feature's added up, above 0 where it costs anything.</param>
    /// <param name="pinned">Features that stay.</param>
    /// <param name="settings">How to fit.</param>
    /// <param name="tolerance">Rise of the mean loss that is accepted, as a share of it. In [0, 1].</param>
    /// <param name="seed">Fixes every fit and permutation.</param>
    /// <param name="cancel">Ends the work.</param>
    public static Selection Run(
        DataSet data, ReadOnlySpan<double> costs, IReadOnlySet<string> pinned, LearnerSettings settings, double tolerance, long seed, CancellationToken cancel)
    {
        var cut = BoostedFit.Cut(data, 0.25);
        var (oldest, newest) = (data.Take(BoostedFit.Rows(0, cut)), data.Take(BoostedFit.Rows(cut, data.Rows)));
        var cost = costs.ToArray();
        var kept = Enumerable.Range(0, data.Columns.Length).ToList();
        var (start, losses) = Fit(oldest, newest, kept, settings, seed, cancel);
        var steps = ImmutableArray.CreateBuilder<SelectionStep>();
        steps.Add(new(null, losses.Average(), default, kept.Sum(j => cost[j]), "All columns."));
        string[] features = [.. data.Columns.Select(c => Column.FeatureOf(c.Name))];
        var stays = new HashSet<string>(features.Where(pinned.Contains));
        var (current, refused) = (start, 0);
        while (kept.Exists(j => !stays.Contains(features[j])) && kept.Select(j => features[j]).Distinct().Count() > 1 && refused < Refused)
        {
            var weak = Weakest(current, Only(newest, kept), kept, features, stays, cost, settings.Quantile, seed, cancel);
            List<int> rest = [.. kept.Where(j => features[j] != weak)];
            var (fit, after) = FitOrNone(oldest, newest, rest, settings, seed, cancel);
            var worse = Spread.Of([.. after.Zip(losses, (a, b) => a - b)]);
            var limit = tolerance * losses.Average() + (worse.High - worse.Mean) / 1.96;
            if (fit is null || worse.Mean > limit)
            {
                stays.Add(weak);
                refused++;
                continue;
            }
            (kept, current) = (rest, fit);
            steps.Add(new(weak, after.Average(), worse, kept.Sum(j => cost[j]),
                $"Without '{weak}' the loss changes by {worse.Mean:G3} (limit {limit:G3}); it costs {CostOf(weak, features, cost):G3}."));
        }
        return new([.. kept.Select(j => features[j]).Distinct()], steps.ToImmutable(), steps[0].Cost - steps[^1].Cost);
    }

    private static string Weakest(
        IPredictor fit, DataSet newest, List<int> kept, string[] features, HashSet<string> stays, double[] cost, double tau, long seed, CancellationToken cancel)
    {
        var importance = Importance.Of(fit, newest, seed, cancel, tau: tau).ToDictionary(c => c.Column);
        return kept.Select(j => features[j]).Distinct().Where(f => !stays.Contains(f)).MinBy(f => Math.Max(importance[f].High, 0) / Math.Max(CostOf(f, features, cost), 1e-9))!;
    }

    private static double CostOf(string feature, string[] features, double[] cost) => cost.Where((_, j) => features[j] == feature).Sum();

    private static (IPredictor Fit, double[] Losses) Fit(
        DataSet oldest, DataSet newest, List<int> kept, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        var (train, judge) = (Only(oldest, kept), Only(newest, kept));
        var fit = BoostedFit.Fit(train, settings, seed, null, cancel).All;
        return (fit, RowLosses.Of(fit, judge, settings.Objective, settings.Quantile));
    }

    // Nothing where what is left admits no model, as where the option alone is left and it never varied: then the feature stays.
    private static (IPredictor? Fit, double[] Losses) FitOrNone(
        DataSet oldest, DataSet newest, List<int> kept, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        try
        {
            return Fit(oldest, newest, kept, settings, seed, cancel);
        }
        catch (UnlearnableException)
        {
            return (null, []);
        }
    }

    private static DataSet Only(DataSet data, List<int> kept) =>
        new([.. kept.Select(j => data.Columns[j])], [.. kept.Select(j => data.Values[j])], data.Labels, data.Weights) { Groups = data.Groups };
}
