namespace Looper.Testing;

/// <summary>A clock that stands until turned. Timers are those of the system.</summary>
public sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    private long _ticks = now.UtcTicks;

    public TestClock() : this(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero)) { }

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Turn(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
