using System.Collections.Immutable;

namespace Looper.Core;

public enum ChangeKind
{
    DecisionPoint,
    Draft,
    Model,
    Experiment,
    Report,
    Job,

    /// <summary>A run has come further; that it began or ended is a change of the job.</summary>
    JobProgress,
    Key,
    User,
    FirstDecision,
    FirstOutcome,
    Study,
}

/// <param name="Id">Id of the object that changed; of the decision point for a first decision or outcome.</param>
public readonly record struct Change(ChangeKind Kind, Guid Id);

/// <summary>Tells this process what has just been saved: the snapshot is rebuilt and open pages refresh. A hint, never the truth:
/// whoever hears it reads again.</summary>
public sealed class ChangeFeed
{
    private ImmutableArray<Action<Change>> _listeners = [];

    /// <param name="listener">Must return at once and not throw.</param>
    public IDisposable Subscribe(Action<Change> listener)
    {
        ImmutableInterlocked.Update(ref _listeners, (all, one) => all.Add(one), listener);
        return new Subscription(this, listener);
    }

    public void Announce(ChangeKind kind, Guid id)
    {
        foreach (var listener in _listeners) listener(new Change(kind, id));
    }

    private sealed class Subscription(ChangeFeed feed, Action<Change> listener) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref feed._listeners, (all, one) => all.Remove(one), listener);
    }
}
