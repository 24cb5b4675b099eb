namespace Looper.Core.Learning;

/// <summary>Histogram gradient-boosted trees: the default learner.</summary>
public sealed class GradientBoosting : ILearner
{
    /// <inheritdoc/>
    public IPredictor Fit(
        DataSet train, DataSet? validation, LearnerSettings settings, long seed, Action<FitProgress>? progress, CancellationToken cancel) =>
        throw new NotImplementedException();
}
