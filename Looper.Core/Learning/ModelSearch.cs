using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Numerics;

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
/// <param name="Trials">Every trial, in order.</param>
/// <param name="Honest">The chosen model fitted on the oldest 85 % alone: its predictions of the newest are honest.</param>
public sealed record SearchResult(IPredictor Predictor, Trial Chosen, ImmutableArray<Trial> Trials, IPredictor Honest);

/// <summary>Looks for a family and settings that predict the newest rows best.</summary>
/// <remarks>The default boosting comes first and stays unless another is better by more than one standard error of the paired difference of the
/// losses; among those as good as the best, the one that is cheapest to serve is taken. Settings are drawn from statistics.md B4's ranges.</remarks>
public static class ModelSearch
{
    private const int MostTrials = 37;

    private sealed record Tried(Trial Trial, IPredictor Predictor, double[] Losses);

    /// <summary>Tries models until the work is done, <paramref name="timeIsUp"/> says so, or nothing new has helped for 12 trials.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="settings">What is given: objective, threads, and the defaults to start from.</param>
    /// <param name="family">A family that the user fixed, or null to choose.</param>
    /// <param name="seed">Fixes the settings drawn and every fit.</param>
    /// <param name="timeIsUp">Asked between trials and between rounds; a fit under way is then dropped.</param>
    /// <param name="progress">Told of every trial; null for none.</param>
    /// <param name="cancel">Ends the search without a result.</param>
    /// <exception cref="UnlearnableException">No family can learn these rows.</exception>
    public static SearchResult Run(
        DataSet data, LearnerSettings settings, string? family, long seed, Func<bool> timeIsUp, Action<Trial>? progress, CancellationToken cancel)
    {
        var cut = BoostedFit.Cut(data, 0.15);
        var (oldest, newest) = (data.Take(BoostedFit.Rows(0, cut)), data.Take(BoostedFit.Rows(cut, data.Rows)));
        var tried = new List<Tried>();
        var (best, since) = (double.PositiveInfinity, 0);
        UnlearnableException? refused = null;
        foreach (var (kind, tuned) in Candidates(settings, family, seed))
        {
            cancel.ThrowIfCancellationRequested();
            if (tried.Count > 0 && (timeIsUp() || since >= 12)) break;
            if (Try(kind, tuned, oldest, newest, seed, tried.Count > 0 ? timeIsUp : () => false, cancel, ref refused) is not { } one) continue;
            tried.Add(one);
            progress?.Invoke(one.Trial);
            (best, since) = one.Trial.Loss < best ? (one.Trial.Loss, 0) : (best, since + 1);
        }
        if (tried.Count == 0) throw refused ?? TrainingChecks.Refused("no-family", "No family of models can learn these rows.");
        var chosen = Choose(tried);
        return new(Refit(chosen.Trial, data, seed, cancel), chosen.Trial, [.. tried.Select(t => t.Trial)], chosen.Predictor);
    }

    private static Tried Choose(List<Tried> tried)
    {
        var best = tried.MinBy(t => t.Trial.Loss)!;
        // losses may be as good by chance: the first trial stays, then the cheapest, unless the best beats it beyond one standard error
        foreach (var other in tried.Take(1).Concat(tried.Skip(1).OrderBy(t => t.Trial.Cost)))
        {
            var difference = Spread.Of([.. other.Losses.Zip(best.Losses, (a, b) => a - b)]);
            if (ReferenceEquals(other.Losses, best.Losses) || difference.Mean <= (difference.High - difference.Mean) / 1.96) return other;
        }
        return best;
    }

    private static IEnumerable<(string Family, LearnerSettings Settings)> Candidates(LearnerSettings settings, string? family, long seed)
    {
        if (family is null or "boosting") yield return ("boosting", settings);
        if (family is null or "linear") yield return ("linear", settings);
        if (family is null or "network") yield return ("network", settings);
        if (family is not (null or "boosting")) yield break;
        for (var t = 0; t < MostTrials; t++)
        {
            var random = new Philox(seed, "search", t);
            double Log(double low, double high) => low * Math.Pow(high / low, random.Uniform());
            yield return ("boosting", settings with
            {
                LearningRate = Log(0.02, 0.2), Leaves = (int)Math.Round(Log(8, 127)), MinLeafRows = (int)Math.Round(Log(5, 200)),
                L2 = Log(0.01, 100), FeatureFraction = 0.4 + 0.6 * random.Uniform(), Patience = 50,
            });
        }
    }

    private static Tried? Try(
        string family, LearnerSettings settings, DataSet oldest, DataSet newest, long seed, Func<bool> timeIsUp, CancellationToken cancel,
        ref UnlearnableException? refused)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            var predictor = Learners.Of(family).Fit(oldest, newest, settings, seed, _ => { if (timeIsUp()) late.Cancel(); }, late.Token);
            if (predictor is TreeEnsemble trees) settings = settings with { Rounds = Math.Max(1, trees.Trees.Length / trees.Outputs) };
            var losses = RowLosses.Of(predictor, newest, settings.Objective, settings.Quantile);
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

    private static IPredictor Refit(Trial chosen, DataSet data, long seed, CancellationToken cancel)
    {
        var settings = chosen.Family == "boosting" ? chosen.Settings with { Rounds = Math.Min(10_000, (int)(chosen.Settings.Rounds * 1.1) + 1) } : chosen.Settings;
        return Learners.Of(chosen.Family).Fit(data, null, settings, seed, null, cancel);
    }

    private static string Note(string family, LearnerSettings s) => family != "boosting" ? family : string.Create(CultureInfo.InvariantCulture,
        $"boosting, {s.Rounds} rounds × {s.Leaves} leaves, rate {s.LearningRate:0.###}");
}
