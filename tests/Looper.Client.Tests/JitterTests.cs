namespace Looper.Client.Tests;

public sealed class JitterTests
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(0.5), s_most = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 1)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(29, 60)]
    [InlineData(1_000_000, 60)]
    public void R19_a_wait_falls_anywhere_below_a_bound_that_doubles(int failures, double bound)
    {
        Assert.Equal(TimeSpan.Zero, Jitter.Wait(s_first, s_most, failures, 0));
        Assert.Equal(TimeSpan.FromSeconds(bound * 0.25), Jitter.Wait(s_first, s_most, failures, 0.25));
        Assert.Equal(TimeSpan.FromSeconds(bound * 0.75), Jitter.Wait(s_first, s_most, failures, 0.75));
    }

    [Fact]
    public void The_systems_randomness_is_spread_over_its_range()
    {
        var drawn = Enumerable.Range(0, 1_000).Select(_ => Jitter.Uniform()).ToArray();
        Assert.All(drawn, d => Assert.InRange(d, 0, 1 - 1e-12));
        Assert.All(Enumerable.Range(0, 10), part => Assert.InRange(drawn.Count(d => (int)(d * 10) == part), 50, 150)); // 100 ± 5 standard deviations
    }
}
