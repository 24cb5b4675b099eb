using Looper.Core.Events.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Events;

/// <summary>Whether the journal may write. A full disk or an I/O error is waited out; a failed flush is final, since the system may have
/// dropped the pages and the next flush would then succeed without them (PostgreSQL panics for the same reason).</summary>
internal sealed class JournalLife(TimeSpan retryAfter, TimeProvider clock, ILogger log)
{
    private readonly TaskCompletionSource _flushFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _failedAt;

    public JournalState State { get; private set; } = JournalState.Writing;

    public string? Reason { get; private set; }

    public Task FlushFailed => _flushFailed.Task;

    public bool IsOver => State is JournalState.Failed or JournalState.Closed;

    /// <summary>True also when it is time to try again.</summary>
    public bool MayWrite => State == JournalState.Writing || (State == JournalState.CannotWrite && clock.GetElapsedTime(_failedAt) >= retryAfter);

    /// <returns>Whether it could not write before.</returns>
    public bool Succeeded()
    {
        if (State != JournalState.CannotWrite) return false;
        (State, Reason) = (JournalState.Writing, null);
        JournalEvents.Resumed(log);
        return true;
    }

    public void Failed(Exception fault, EventLog events)
    {
        _failedAt = clock.GetTimestamp();
        var isFirst = State == JournalState.Writing;
        (State, Reason) = (LogFlush.IsFailed(fault) ? JournalState.Failed : JournalState.CannotWrite, fault.Message);
        try
        {
            events.Rollback();
        }
        catch (SqliteException second)
        {
            (State, Reason) = (JournalState.Failed, second.Message); // the connection is of no more use
        }
        if (State == JournalState.Failed)
        {
            JournalEvents.FlushFailed(log, fault);
            _flushFailed.TrySetResult();
        }
        else if (isFirst)
        {
            JournalEvents.CannotWrite(log, fault);
        }
    }

    public void Closed()
    {
        if (State != JournalState.Failed) State = JournalState.Closed;
    }
}
