using Looper.Testing;

namespace Looper.Client.Tests;

/// <summary>A clock that stands until turned, and whose timers go with it.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiters = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate) return _now.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero) + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var waiter = new Waiter(this, callback, state);
        waiter.Change(dueTime, period);
        return waiter;
    }

    /// <summary>Turns it, and rings whatever is due on the way.</summary>
    public void Turn(TimeSpan by)
    {
        List<Waiter> due;
        lock (_gate)
        {
            _now += by;
            due = [.. _waiters.Where(w => w.At <= _now).OrderBy(w => w.At)];
            _waiters.RemoveAll(due.Contains);
        }
        foreach (var waiter in due) waiter.Ring();
    }

    /// <summary>Completes when something waits for exactly as long.</summary>
    public Task SomethingWaitsAsync(TimeSpan time) => Eventually.IsTrueAsync(() => Task.FromResult(IsWaitedFor(time)));

    public bool IsWaitedFor(TimeSpan time)
    {
        lock (_gate) return _waiters.Exists(w => w.At - _now == time);
    }

    private sealed class Waiter(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan At { get; private set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._waiters.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                At = clock._now + dueTime;
                clock._waiters.Add(this);
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock._gate) clock._waiters.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
