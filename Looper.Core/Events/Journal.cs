namespace Looper.Core.Events;

/// <summary>Everything that was decided and observed, in one append-mostly database written by one thread in groups.</summary>
public sealed class Journal(JournalOptions options, EventActivity activity, TimeProvider clock) : IAsyncDisposable
{
    public JournalOptions Options { get; } = options;

    /// <summary>Appends one decision and answers once it is committed; flushed too when <paramref name="durable"/>.</summary>
    public ValueTask<Appended> AppendAsync(DecisionRecord record, bool durable, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Appends decisions in one group; one answer each, in order.</summary>
    public ValueTask<Appended[]> AppendAsync(DecisionRecord[] records, bool durable, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Appends the observations of one call, all or none, and answers once they are committed and flushed:
    /// a conflict on any stores none of them; replayed when every one of them was there.</summary>
    public ValueTask<Appended> AppendAsync(ObservationRecord[] call, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Appends several calls in one group; one answer for each call, in order.</summary>
    public ValueTask<Appended[]> AppendAsync(ObservationRecord[][] calls, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Removes every event of a decision point with its observations.</summary>
    public Task<Removed> RemoveAsync(Guid decisionPointId, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Removes every event marked as simulated.</summary>
    public Task<Removed> RemoveSimulatedAsync(CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>How the journal is, for health and metrics.</summary>
    public JournalCondition Condition => throw new NotImplementedException();

    /// <summary>Ends when a flush has failed: the process must end (exit code 75) and start again.</summary>
    public Task FlushFailed => throw new NotImplementedException();

    /// <summary>Writes what waits, flushes, folds the log into the database and closes.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();

    internal (EventActivity, TimeProvider) Parts => (activity, clock);
}
