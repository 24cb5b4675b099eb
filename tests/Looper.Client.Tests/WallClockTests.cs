using System.Diagnostics;

namespace Looper.Client.Tests;

/// <summary>By itself: a neighbour that works beside it would be measured too.</summary>
[CollectionDefinition(nameof(WallClockTests), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(WallClockTests))]
public sealed class WallClockTests
{
    [Fact]
    public async Task R19_by_the_clock_on_the_wall_the_median_call_is_within_a_tenth_of_the_budget()
    {
        await using var looper = new FaultyLooper { Answers = _ => Answer.Silent };
        var took = new List<double>();
        for (var turn = 0; turn < 3; turn++)
        {
            await using var client = new LooperClient(new() { Url = looper.Url, ApiKey = Clients.Key });
            await Task.WhenAll(Enumerable.Range(0, 7).Select(async _ =>
            {
                var since = Stopwatch.GetTimestamp();
                Assert.Equal(FallbackReason.Timeout, (await client.DecideAsync("banner", "u", "none")).Reason);
                lock (took) took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }));
        }
        Assert.InRange(took.Order().ElementAt(took.Count / 2), 245, 275);
    }
}
