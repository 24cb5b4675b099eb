using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>Boosting with the number of rounds found on the newest rows, then fitted once more on all of them.</summary>
public static class BoostedFit
{
    private const double NewestShare = 0.15, MoreRounds = 1.1;

    /// <summary>Fits on the oldest 85 % until the newest 15 % stop improving, then on all rows with 1.1 times as many rounds.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="settings">How to fit; <see cref="LearnerSettings.Rounds"/> bounds both fits.</param>
    /// <param name="seed">Fixes every random choice.</param>
    /// <param name="progress">Called after each round of either fit; null for none.</param>
    /// <param name="cancel">Ends the fit within a round.</param>
    /// <returns>The ensemble fitted on all rows, and the one fitted on the oldest 85 %, whose predictions of the rest are honest.</returns>
    /// <exception cref="UnlearnableException">The rows or settings admit no model.</exception>
    public static (TreeEnsemble All, TreeEnsemble Oldest, DataSet Newest) Fit(
        DataSet data, LearnerSettings settings, long seed, Action<FitProgress>? progress, CancellationToken cancel)
    {
        var cut = Cut(data, NewestShare);
        var (oldest, newest) = (data.Take(Rows(0, cut)), data.Take(Rows(cut, data.Rows)));
        var learner = new GradientBoosting();
        var first = (TreeEnsemble)learner.Fit(oldest, newest, settings, seed, progress, cancel);
        var rounds = Math.Clamp((int)(first.Trees.Length / first.Outputs * MoreRounds), 1, settings.Rounds);
        if (settings.Objective == Objective.Multiclass) settings = settings with { Classes = first.Outputs };
        var all = (TreeEnsemble)learner.Fit(data, null, settings with { Rounds = rounds }, seed, progress, cancel);
        if (settings.Objective != Objective.Quantile) return (all, first, newest);
        var shift = Residual(first, newest, settings.Quantile);
        return (Shifted(all, shift), Shifted(first, shift), newest);
    }

    // A fitted quantile lies too near the middle, for the fit has seen its rows. Unseen rows say by how much (Romano, Patterson & Candès 2019).
    private static double Residual(TreeEnsemble fit, DataSet unseen, double tau)
    {
        var residuals = unseen.Predictions(fit);
        for (var i = 0; i < residuals.Length; i++) residuals[i] = unseen.Labels[i] - residuals[i];
        return WeightedQuantile.Of(residuals, unseen.Weights?.ToArray(), tau);
    }

    private static TreeEnsemble Shifted(TreeEnsemble ensemble, double by) =>
        new(ensemble.Objective, [ensemble.Start[0] + by], ensemble.Trees, ensemble.Levels);

    /// <summary>The first row of the newest share; never in the middle of a query.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="share">Share of the rows after the cut, inside (0, 1).</param>
    public static int Cut(DataSet data, double share)
    {
        var cut = Math.Clamp((int)(data.Rows * (1 - share)), 1, Math.Max(1, data.Rows - 1));
        while (data.Groups is { } groups && cut < data.Rows && cut > 0 && groups[cut] == groups[cut - 1]) cut--;
        return cut;
    }

    /// <summary>The indices [from, to).</summary>
    /// <param name="from">First.</param>
    /// <param name="to">One past the last.</param>
    public static int[] Rows(int from, int to) => [.. Enumerable.Range(from, to - from)];
}
