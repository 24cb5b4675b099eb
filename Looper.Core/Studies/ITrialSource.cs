namespace Looper.Core.Studies;

/// <summary>Something that measures the trials of a study.</summary>
public interface ITrialSource
{
    /// <summary>Does the next thing for trials that wait or run, saves it, and may be called again after a fall at any point.</summary>
    /// <returns>Whether something changed; false waits.</returns>
    Task<bool> MeasureAsync(Study study, StudyPlan plan, IReadOnlyList<StudyTrial> open, CancellationToken cancel);

    /// <summary>Ends what still runs for a batch; twice is harmless.</summary>
    /// <returns>Whether nothing runs any more; false asks to try again.</returns>
    Task<bool> EndBatchAsync(Study study, int batch, CancellationToken cancel);
}
