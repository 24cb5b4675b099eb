namespace Looper.Jobs.Tests;

public sealed class LeaseWatchTests
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(3);

    private readonly Monotonic _clock = new();
    private readonly LeaseWatch _watch;
    private readonly Guid _run = Guid.CreateVersion7();

    public LeaseWatchTests() => _watch = new(_clock, TimeSpan.FromSeconds(30), s_poll);

    [Fact]
    public void A_start_that_is_silent_for_a_lease_is_lost_and_one_that_speaks_is_not()
    {
        for (var look = 0; look < 10; look++) Assert.False(Looks(s_poll));
        Assert.True(Looks(s_poll));
        Assert.False(Looks(s_poll, beat: 1));
    }

    [Fact] // the database was away, or this process stood still: the other could not be heard
    public void A_time_in_which_nobody_looked_is_no_silence()
    {
        Assert.False(Looks(TimeSpan.Zero));
        Assert.False(Looks(TimeSpan.FromMinutes(10)));
        Assert.False(Looks(s_poll, beat: 1));
    }

    private bool Looks(TimeSpan after, int beat = 0)
    {
        _clock.Turn(after);
        return _watch.IsLost(_run, 1, DateTimeOffset.UnixEpoch.AddSeconds(beat));
    }

    private sealed class Monotonic : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Turn(TimeSpan by) => _ticks += by.Ticks;
    }
}
