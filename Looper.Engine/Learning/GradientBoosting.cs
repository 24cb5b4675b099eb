using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>Histogram gradient-boosted trees: the default learner.</summary>
/// <remarks>Friedman 2001 with second derivatives (Chen &amp; Guestrin 2016), histograms and leaf-wise growth (Ke et al. 2017). Bins are made of the
/// training rows alone. The trees are the same, byte for byte, for any number of threads: see <see cref="FixedGradients"/>.</remarks>
public sealed class GradientBoosting : ILearner
{
    /// <inheritdoc/>
    public IPredictor Fit(
        DataSet train, DataSet? validation, LearnerSettings settings, long seed, Action<FitProgress>? progress, CancellationToken cancel)
    {
        TrainingChecks.Demand(train, validation, settings);
        var workers = new Workers(settings.Threads, cancel);
        var binned = BinnedRows.Of(train, settings.Bins, seed, workers);
        if (!binned.Varies.Contains(true))
            throw TrainingChecks.Refused("no-signal", "Every column is constant or empty: there is nothing to learn from.");
        var run = new BoostingRun(train, binned, settings, seed, workers);
        var watch = validation is { Rows: > 0 } ? new ValidationWatch(validation, binned.Bins, run, settings, workers) : null;
        for (var round = 0; round < settings.Rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            var grown = run.Round(round, watch);
            if (!grown) break;
            watch?.Judge(round + 1);
            progress?.Invoke(new(round + 1, settings.Rounds, round % 10 == 9 ? run.TrainLoss() : double.NaN, watch?.Loss ?? double.NaN));
            if (watch is not null && round + 1 - watch.BestRound >= settings.Patience) break;
        }
        if (run.Trees.Count == 0) throw TrainingChecks.Refused("no-signal", "No column tells the examples apart: the best prediction is their average.");
        var kept = watch is null ? run.Trees.Count : Math.Max(1, watch.BestRound) * run.Outputs;
        var earlier = settings.StartFrom?.Trees ?? [];
        return new TreeEnsemble(settings.Objective, run.Start, [.. earlier, .. run.Trees.Take(kept)], run.Levels);
    }
}
