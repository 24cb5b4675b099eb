using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Looper.Core.Metering;

/// <summary>What the processor is busy with. Stored by name: never renamed.</summary>
public enum WorkKind
{
    /// <summary>Deciding: reading the context, scoring, choosing.</summary>
    Serving,

    /// <summary>Writing decisions and observations, and removing old ones.</summary>
    Storage,

    /// <summary>Fitting models, bandits among them, and following those that learn beside.</summary>
    Training,

    /// <summary>Reports, effects, values of policies, gains, drift, studies.</summary>
    Analysis,

    /// <summary>Everything that the process took, whatever for; of no decision point.</summary>
    Process,
}

/// <summary>Work done for a decision point since it was last taken.</summary>
/// <param name="Point">Of the decision point; <see cref="WorkMeter.Shared"/> for what was for none or for all.</param>
/// <param name="Bytes">Of decisions as they were written, without indexes.</param>
public readonly record struct WorkDone(Guid Point, WorkKind Kind, long Nanoseconds, long Decisions = 0, long Outcomes = 0, long Bytes = 0);

/// <summary>Adds up processor time and events by decision point and kind until somebody takes them.</summary>
/// <remarks>What runs between <see cref="Begin"/> and its end is counted wherever it runs: on every thread that it goes on or is spread over, by the thread's own processor time, and while it waits
/// nothing is. Threads that are started without the flow of execution are not seen.</remarks>
public sealed class WorkMeter
{
    /// <summary>Stands for no decision point.</summary>
    public static readonly Guid Shared = Guid.Empty;

    private static readonly AsyncLocal<Span?> s_span = new(Changed);

    [ThreadStatic]
    private static long t_since;

    private readonly ConcurrentDictionary<(Guid Point, WorkKind Kind), Cell> _cells = new();

    /// <summary>Counts what is done from here on, until it is disposed of.</summary>
    public IDisposable Begin(Guid point, WorkKind kind) => Enter(new(this, point, kind));

    /// <summary>What is being counted is for this decision point, until it is disposed of. Nothing where nothing is being counted.</summary>
    public static IDisposable? For(Guid point) => s_span.Value is { } span ? Enter(span with { Point = point }) : null;

    public void Add(in WorkDone done)
    {
        if (!_cells.TryGetValue((done.Point, done.Kind), out var cell)) cell = _cells.GetOrAdd((done.Point, done.Kind), static _ => new());
        cell.Add(done);
    }

    /// <summary>What came since it was last taken; begins anew. What goes on is in it as far as its threads have come to a pause.</summary>
    public ImmutableArray<WorkDone> Take() => [.. _cells.Select(c => c.Value.Take(c.Key.Point, c.Key.Kind)).Where(d => d.Nanoseconds != 0 || d.Decisions + d.Outcomes != 0)];

    private static Left Enter(Span span)
    {
        var before = s_span.Value;
        s_span.Value = span;
        return new(before);
    }

    // Called on a thread whenever what it works on becomes something else, at its begin and its end among them.
    private static void Changed(AsyncLocalValueChangedArgs<Span?> change)
    {
        var now = ThreadProcessor.Nanoseconds;
        if (change.PreviousValue is { } before) before.Meter.Add(new(before.Point, before.Kind, now - t_since));
        t_since = now;
    }

    private sealed record Span(WorkMeter Meter, Guid Point, WorkKind Kind);

    private sealed class Left(Span? before) : IDisposable
    {
        public void Dispose() => s_span.Value = before;
    }

    private sealed class Cell
    {
        private long _nanoseconds, _decisions, _outcomes, _bytes;

        public void Add(in WorkDone done)
        {
            Interlocked.Add(ref _nanoseconds, done.Nanoseconds);
            if (done.Decisions != 0) Interlocked.Add(ref _decisions, done.Decisions);
            if (done.Outcomes != 0) Interlocked.Add(ref _outcomes, done.Outcomes);
            if (done.Bytes != 0) Interlocked.Add(ref _bytes, done.Bytes);
        }

        public WorkDone Take(Guid point, WorkKind kind) => new(
            point, kind, Interlocked.Exchange(ref _nanoseconds, 0), Interlocked.Exchange(ref _decisions, 0), Interlocked.Exchange(ref _outcomes, 0), Interlocked.Exchange(ref _bytes, 0));
    }
}
