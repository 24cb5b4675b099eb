using System.Collections.Immutable;
using System.Globalization;

namespace Looper.Core.Learning;

/// <summary>One search under way.</summary>
internal sealed class SearchRun(
    DataSet data, LearnerSettings settings, SearchSpace space, long seed, SearchBudget budget, Action<Trial>? progress, CancellationToken cancel)
{
    private const int Points = 27, Patience = 12, MostSteps = 40, FewestRows = 1_000, DefaultPatience = 200;

    private readonly SearchFolds _folds = new(data, space.Interleaved, space.Split);
    private readonly SearchPlan _plan = new(space, settings, seed);
    private readonly List<Contender> _tried = [];
    private readonly ImmutableArray<Trial>.Builder _trials = ImmutableArray.CreateBuilder<Trial>();
    private UnlearnableException? _refused;
    private int _explored = -1; // unknown while looking

    private bool IsOver => _explored < 0 ? _trials.Count > 0 && budget.ExploringIsOver(_trials.Count) : budget.ConfirmingIsOver(_trials.Count - _explored);

    public SearchResult Run()
    {
        var (train, judge) = _folds.Of(0);
        foreach (var family in new[] { "boosting", "linear", "network" })
            if (space.Family is null || space.Family == family) Try(family, space.Fixed(settings), train, judge);
        if (space.Family is null or "boosting") Look(train, judge);
        if (_tried.Count == 0) throw _refused ?? TrainingChecks.Refused("no-signal", "No family can learn these rows.");
        _explored = _trials.Count;
        var chosen = SearchChoice.Of(Check(train, judge), space);
        return new(Refit(chosen.Trial), chosen.Trial, _trials.ToImmutable(), chosen.Predictor, new(_explored, _trials.Count - _explored));
    }

    private void Look(DataSet train, DataSet judge)
    {
        var points = Enumerable.Range(0, Points).Select(_plan.Start).Distinct().ToArray();
        foreach (var of in new[] { 9, 3, 1 })
        {
            if (of > 1 && train.Rows / of < FewestRows) continue;
            var part = _folds.Part(train, of);
            // those that time no longer allowed come last
            var losses = points.Select(p => Try("boosting", p, part, judge, of == 1 ? "" : Text($"on {part.Rows} rows"))?.Trial.Loss ?? double.PositiveInfinity).ToArray();
            if (IsOver) return;
            points = [.. points.Zip(losses).OrderBy(p => p.Second).Select(p => p.First).Take(Math.Max(1, points.Length / 3))];
        }
        for (int step = 0, since = 0; step < MostSteps && since < Patience && !IsOver; step++)
        {
            if (BestTrees() is not { } best) return;
            since = Try("boosting", _plan.Near(best.Trial.Settings, step), train, judge) is { } next && next.Trial.Loss < best.Trial.Loss ? 0 : since + 1;
        }
    }

    /// <summary>Judges the finalists by rows that took no part in looking. A fold that time cut off counts for none of them.</summary>
    private List<Contender> Check(DataSet train, DataSet judge)
    {
        if (_tried.Count == 1) return [.. _tried];
        // half the rate and more patience nearly always predict a little better, and cost twice the trees: the check says whether it is worth it
        if (space.LearningRate is null && space.Rounds is null && BestTrees() is { } best)
            Try("boosting", best.Trial.Settings with { LearningRate = best.Trial.Settings.LearningRate / 2, Rounds = settings.Rounds, Patience = DefaultPatience }, train, judge);
        var finalists = SearchChoice.Finalists(_tried, space);
        for (var fold = 1; fold < _folds.Count && finalists.Count > 1; fold++)
        {
            var (before, other) = _folds.Of(fold);
            var on = space.Interleaved ? Text($"checked by other rows, {fold} of {_folds.Count - 1}") : Text($"checked by earlier rows, {fold} of {_folds.Count - 1}");
            var found = new List<(Contender Finalist, double[] Losses)>();
            foreach (var finalist in finalists)
            {
                if (IsOver) return finalists;
                var given = finalist.Trial.Settings with { Rounds = space.Rounds ?? settings.Rounds };
                if (Try(finalist.Trial.Family, given, before, other, on) is { } one) found.Add((finalist, one.Losses));
                else if (IsOver) return finalists;
            }
            if (found.Count == 0 || found[0].Finalist != finalists[0]) continue; // rows too old for the default judge nobody
            finalists = [.. found.Select(f => f.Finalist)];
            foreach (var (finalist, losses) in found) finalist.Checked.Add(losses);
        }
        return finalists;
    }

    private Contender? BestTrees() => _tried.Where(t => t.Trial.Family == "boosting").MinBy(t => t.Trial.Loss);

    private Contender? Try(string family, LearnerSettings tuned, DataSet train, DataSet judge, string on = "")
    {
        cancel.ThrowIfCancellationRequested();
        if (IsOver) return null;
        var isFirst = _trials.Count == 0;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            var watched = family != "boosting" || space.Rounds is null ? judge : null;
            var predictor = Learners.Of(family).Fit(train, watched, tuned, seed, _ => { if (!isFirst && IsOver) late.Cancel(); }, late.Token);
            if (predictor is TreeEnsemble trees) tuned = tuned with { Rounds = Math.Max(1, trees.Trees.Length / trees.Outputs) };
            var losses = RowLosses.Of(predictor, judge, tuned.Objective, tuned.Quantile);
            var note = Note(family, tuned);
            var one = new Contender(new(family, tuned, losses.Average(), Learners.Cost(predictor), on.Length > 0 ? $"{note}, {on}" : note, on), predictor, losses);
            if (on.Length == 0) _tried.Add(one);
            _trials.Add(one.Trial);
            progress?.Invoke(one.Trial);
            return one;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (UnlearnableException fault)
        {
            _refused ??= fault;
            return null;
        }
    }

    private IPredictor Refit(Trial chosen)
    {
        var used = chosen.Family == "boosting" && space.Rounds is null
            ? chosen.Settings with { Rounds = Math.Min(10_000, (int)(chosen.Settings.Rounds * 1.1) + 1) }
            : chosen.Settings;
        return Learners.Of(chosen.Family).Fit(data, null, used, seed, null, cancel);
    }

    private static string Note(string family, LearnerSettings s) => family != "boosting" ? family : Text($"boosting, {s.Rounds} rounds × {s.Leaves} leaves, rate {s.LearningRate:0.###}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
