using Looper.Testing;

namespace Looper.Core.Tests;

public class IdsTests
{
    [Fact]
    public void Ids_rise_one_after_the_other_within_a_millisecond_and_when_the_clock_goes_back()
    {
        var clock = new TestClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var ids = new Ids(clock);
        var made = Enumerable.Range(0, 10_000).Select(_ => ids.Next().ToString()).ToList();
        clock.Turn(TimeSpan.FromHours(-1));
        made.AddRange(Enumerable.Range(0, 100).Select(_ => ids.Next().ToString()));
        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.Equal(made.Count, made.Distinct().Count());
        Assert.All(made, id => Assert.True(id[14] == '7' && id[19] is '8' or '9' or 'a' or 'b', id));
    }

    [Fact]
    public void Ids_tell_the_time_they_were_made_at()
    {
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);
        var id = new Ids(new TestClock(at)).Next().ToString();
        Assert.Equal(at.ToUnixTimeMilliseconds(), Convert.ToInt64(id[..8] + id[9..13], 16));
    }

    [Fact]
    public void No_id_is_given_twice_to_threads_that_ask_at_once()
    {
        var ids = new Ids(TimeProvider.System);
        var made = new Guid[8][];
        Parallel.For(0, made.Length, thread => made[thread] = [.. Enumerable.Range(0, 5_000).Select(_ => ids.Next())]);
        Assert.Equal(40_000, made.SelectMany(m => m).Distinct().Count());
    }
}
