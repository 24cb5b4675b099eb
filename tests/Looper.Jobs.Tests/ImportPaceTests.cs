namespace Looper.Jobs.Tests;

public sealed class ImportPaceTests
{
    [Fact]
    public void It_tells_no_pace_before_there_is_one_and_then_that_of_the_last_seconds()
    {
        var clock = new StopWatch();
        var pace = new ImportPace(clock);
        Assert.Equal("1,000 rows", pace.At(1_000)); // resumed here: those before were read by another start
        clock.Seconds = 1;
        Assert.Equal("2,000 rows", pace.At(2_000));
        clock.Seconds = 2;
        Assert.Equal("5,000 rows, 2,000 a second", pace.At(5_000));
        clock.Seconds = 6;
        Assert.Equal("7,000 rows, 500 a second", pace.At(7_000));
    }

    private sealed class StopWatch : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
