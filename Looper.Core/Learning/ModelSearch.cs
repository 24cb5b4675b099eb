using System.Collections.Immutable;
using System.Globalization;

namespace Looper.Core.Learning;

/// <summary>One model that a search tried.</summary>
/// <param name="Family"><c>boosting</c>, <c>linear</c> or <c>network</c>.</param>
/// <param name="Settings">As used; for boosting with the rounds that early stopping kept.</param>
/// <param name="Loss">Mean loss on the newest rows; NaN where the family could not learn them.</param>
/// <param name="Cost">Cost of one prediction in steps, roughly: what ties are broken by.</param>
/// <param name="Note">In a few words, for people.</param>
public sealed record Trial(string Family, LearnerSettings Settings, double Loss, double Cost, string Note);

/// <summary>What a search found.</summary>
/// <param name="Predictor">The chosen model, fitted on all rows.</param>
/// <param name="Chosen">Its trial.</param>
/// <param name="Trials">Every trial, in order; those on a part of the rows say so in their note.</param>
/// <param name="Honest">The chosen model fitted on the oldest 85 % alone: its predictions of the newest are honest.</param>
public sealed record SearchResult(IPredictor Predictor, Trial Chosen, ImmutableArray<Trial> Trials, IPredictor Honest);

/// <summary>Looks for a family and settings that predict the newest rows best.</summary>
/// <remarks>First the defaults of each family. Then boosting over the ranges of statistics.md B4 by successive halving (Jamieson &amp; Talwalkar 2016):
/// 27 points on the newest ninth of the training rows, the best 9 on a third, the best 3 on all; then steps around the best so far until nothing
/// has helped for 12. All are judged by the same newest 15 %. The choice: the default boosting stays unless another is better by more than one
/// standard error of the paired difference of the losses, for the least of many losses is partly luck; a model ten times cheaper to serve is
/// taken when it is worse by less than that, or by less than the tolerance.</remarks>
public static class ModelSearch
{
    private const int Points = 27, Patience = 12, MostSteps = 40, FewestRows = 1_000;

    private sealed record Tried(Trial Trial, IPredictor Predictor, double[] Losses);

    /// <summary>Tries models until nothing new helps or <paramref name="timeIsUp"/> says so.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="settings">What is given: objective, threads, and the defaults to start from.</param>
    /// <param name="family">A family that the user fixed, or null to choose.</param>
    /// <param name="seed">Fixes the settings tried and every fit.</param>
    /// <param name="timeIsUp">Asked between trials and between rounds; a fit under way is then dropped.</param>
    /// <param name="progress">Told of every trial; null for none.</param>
    /// <param name="cancel">Ends the search without a result.</param>
    /// <exception cref="UnlearnableException">No family can learn these rows.</exception>
    public static SearchResult Run(
        DataSet data, LearnerSettings settings, string? family, long seed, Func<bool> timeIsUp, Action<Trial>? progress, CancellationToken cancel) =>
        Within(data, settings, new SearchSpace { Family = family }, seed, timeIsUp, progress, cancel);

    /// <summary>The same with any part fixed by the user.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="settings">What is given: objective, threads, and the defaults to start from.</param>
    /// <param name="space">What may vary, and how much quality a cheaper model may cost.</param>
    /// <param name="seed">Fixes the settings tried and every fit.</param>
    /// <param name="timeIsUp">Asked between trials and between rounds; a fit under way is then dropped.</param>
    /// <param name="progress">Told of every trial; null for none.</param>
    /// <param name="cancel">Ends the search without a result.</param>
    /// <exception cref="UnlearnableException">No family can learn these rows, or the space is out of range.</exception>
    public static SearchResult Within(
        DataSet data, LearnerSettings settings, SearchSpace space, long seed, Func<bool> timeIsUp, Action<Trial>? progress, CancellationToken cancel)
    {
        if (space.Fault() is { } fault) throw TrainingChecks.Refused("settings-invalid", $"The setting {fault}.");
        var cut = BoostedFit.Cut(data, 0.15);
        var judge = data.Take(BoostedFit.Rows(cut, data.Rows));
        var tried = new List<Tried>();
        var trials = ImmutableArray.CreateBuilder<Trial>();
        UnlearnableException? refused = null;
        Tried? Try(string kind, LearnerSettings tuned, DataSet train)
        {
            cancel.ThrowIfCancellationRequested();
            if (tried.Count > 0 && timeIsUp()) return null;
            var whole = train.Rows == cut;
            if (Fit(kind, tuned, space, train, judge, seed, tried.Count > 0 ? timeIsUp : () => false, cancel, ref refused) is not { } one) return null;
            if (!whole) one = one with { Trial = one.Trial with { Note = $"{one.Trial.Note}, on {train.Rows} rows" } };
            if (whole) tried.Add(one);
            trials.Add(one.Trial);
            progress?.Invoke(one.Trial);
            return one;
        }
        var oldest = data.Take(BoostedFit.Rows(0, cut));
        foreach (var kind in new[] { "boosting", "linear", "network" })
            if (space.Family is null || space.Family == kind) Try(kind, space.Fixed(settings), oldest);
        if (space.Family is null or "boosting") Boosting(new(space, settings, seed), oldest, tried, Try, timeIsUp);
        if (tried.Count == 0) throw refused ?? TrainingChecks.Refused("no-family", $"There is no family '{space.Family}'; the families are boosting, linear and network.");
        var chosen = Choose(tried, space);
        return new(Refit(chosen.Trial, space, data, seed, cancel), chosen.Trial, trials.ToImmutable(), chosen.Predictor);
    }

    private static void Boosting(SearchPlan plan, DataSet oldest, List<Tried> tried, Func<string, LearnerSettings, DataSet, Tried?> fit, Func<bool> timeIsUp)
    {
        var points = Enumerable.Range(0, Points).Select(plan.Start).Distinct().ToArray();
        foreach (var part in new[] { 9, 3, 1 })
        {
            if (part > 1 && oldest.Rows / part < FewestRows) continue;
            var train = part == 1 ? oldest : oldest.Take(BoostedFit.Rows(BoostedFit.Cut(oldest, 1.0 / part), oldest.Rows));
            // those that time no longer allowed come last
            var losses = points.Select(p => fit("boosting", p, train)?.Trial.Loss ?? double.PositiveInfinity).ToArray();
            if (timeIsUp()) return;
            points = [.. points.Zip(losses).OrderBy(p => p.Second).Select(p => p.First).Take(Math.Max(1, points.Length / 3))];
        }
        for (int step = 0, since = 0; step < MostSteps && since < Patience && !timeIsUp(); step++)
        {
            if (tried.Where(t => t.Trial.Family == "boosting").MinBy(t => t.Trial.Loss) is not { } best) return;
            since = fit("boosting", plan.Near(best.Trial.Settings, step), oldest) is { } next && next.Trial.Loss < best.Trial.Loss ? 0 : since + 1;
        }
    }

    private static Tried Choose(List<Tried> tried, SearchSpace space)
    {
        var best = tried.MinBy(t => t.Trial.Loss)!;
        var stays = Worse(tried[0], best) is var first && first.Mean <= first.Error ? tried[0] : best;
        foreach (var other in tried.OrderBy(t => t.Trial.Cost).TakeWhile(t => t.Trial.Cost < stays.Trial.Cost))
        {
            var (mean, error) = Worse(other, best);
            if (mean <= space.Tolerance * Math.Abs(best.Trial.Loss) || (mean <= error && other.Trial.Cost * space.Cheaper <= stays.Trial.Cost)) return other;
        }
        return stays;
    }

    private static (double Mean, double Error) Worse(Tried one, Tried than)
    {
        if (ReferenceEquals(one, than)) return (0, 0);
        var difference = Spread.Of([.. one.Losses.Zip(than.Losses, (a, b) => a - b)]);
        return (difference.Mean, (difference.High - difference.Mean) / 1.96);
    }

    private static Tried? Fit(
        string family, LearnerSettings settings, SearchSpace space, DataSet train, DataSet judge, long seed, Func<bool> timeIsUp, CancellationToken cancel,
        ref UnlearnableException? refused)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            var watched = family != "boosting" || space.Rounds is null ? judge : null;
            var predictor = Learners.Of(family).Fit(train, watched, settings, seed, _ => { if (timeIsUp()) late.Cancel(); }, late.Token);
            if (predictor is TreeEnsemble trees) settings = settings with { Rounds = Math.Max(1, trees.Trees.Length / trees.Outputs) };
            var losses = RowLosses.Of(predictor, judge, settings.Objective, settings.Quantile);
            return new(new(family, settings, losses.Average(), Learners.Cost(predictor), Note(family, settings)), predictor, losses);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (UnlearnableException fault)
        {
            refused ??= fault;
            return null;
        }
    }

    private static IPredictor Refit(Trial chosen, SearchSpace space, DataSet data, long seed, CancellationToken cancel)
    {
        var settings = chosen.Family == "boosting" && space.Rounds is null
            ? chosen.Settings with { Rounds = Math.Min(10_000, (int)(chosen.Settings.Rounds * 1.1) + 1) }
            : chosen.Settings;
        return Learners.Of(chosen.Family).Fit(data, null, settings, seed, null, cancel);
    }

    private static string Note(string family, LearnerSettings s) => family != "boosting" ? family : string.Create(CultureInfo.InvariantCulture,
        $"boosting, {s.Rounds} rounds × {s.Leaves} leaves, rate {s.LearningRate:0.###}");
}
