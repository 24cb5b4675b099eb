namespace Looper.Core.Learning;

/// <summary>Makes a predictor from examples. A kernel: it knows neither where the rows came from nor what time it is.</summary>
public interface ILearner
{
    /// <summary>A predictor of the label, or the reason why none can be had from these rows.</summary>
    /// <param name="train">Rows in time order; numbers that are not finite count as missing.</param>
    /// <param name="validation">Rows later than the training rows, for early stopping, with the same columns; null fits all rounds.</param>
    /// <param name="settings">How to fit.</param>
    /// <param name="seed">Fixes every random choice: the same input gives the same predictor, byte for byte, for any number of threads.</param>
    /// <param name="progress">Called after each round from the calling thread; null for none.</param>
    /// <param name="cancel">Ends the fit within a round.</param>
    /// <exception cref="UnlearnableException">The rows or settings admit no model; the refusal says why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    IPredictor Fit(DataSet train, DataSet? validation, LearnerSettings settings, long seed, Action<FitProgress>? progress, CancellationToken cancel);
}

/// <summary>These rows or settings admit no model.</summary>
/// <param name="refusal">Why, and what would help.</param>
public sealed class UnlearnableException(Refusal refusal) : Exception(refusal.Reason)
{
    /// <summary>Why there is no model, with a stable code <c>learning.…</c>.</summary>
    public Refusal Refusal { get; } = refusal;
}
