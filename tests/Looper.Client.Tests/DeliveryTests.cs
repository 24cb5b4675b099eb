using Looper.Testing;

namespace Looper.Client.Tests;

public sealed class DeliveryTests
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_batch_goes_when_its_time_has_come_or_it_is_full()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, clock: clock, flushEvery: s_every, batch: 3);
        Observe(client, 0, 2);
        await clock.SomethingWaitsAsync(s_every);
        clock.Turn(s_every - TimeSpan.FromMilliseconds(1));
        await Task.Delay(30);
        Assert.Empty(looper.Calls);
        clock.Turn(TimeSpan.FromMilliseconds(1));
        await BatchesAsync(looper, 1);
        Observe(client, 2, 7);
        await BatchesAsync(looper, 3); // two full ones; the rest waits for company
        await clock.SomethingWaitsAsync(s_every);
        clock.Turn(s_every);
        await BatchesAsync(looper, 4);
        Assert.Equal([2, 3, 3, 1], looper.Calls.Select(c => c.Items.Count));
        Assert.Equal(Enumerable.Range(0, 9), looper.Calls.SelectMany(c => c.Items).Select(Value)); // oldest first
    }

    [Fact]
    public async Task There_is_one_request_at_a_time()
    {
        var go = new TaskCompletionSource();
        await using var looper = new FaultyLooper();
        looper.Before = _ => looper.Calls.IsEmpty ? go.Task : Task.CompletedTask;
        await using var client = Clients.Of(looper.Url, batch: 2);
        Observe(client, 0, 10);
        await Task.Delay(100);
        Assert.Empty(looper.Calls); // the first is under way, and none was answered before it
        go.SetResult();
        Assert.True(await client.DeliversAsync());
        Assert.Equal([2, 2, 2, 2, 2], looper.Calls.Select(c => c.Items.Count));
        Assert.Equal(Enumerable.Range(0, 10), looper.Calls.SelectMany(c => c.Items).Select(Value));
    }

    [Fact]
    public async Task A_batch_stays_below_a_megabyte()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, batch: 1_000, flushEvery: TimeSpan.FromHours(1));
        var large = Enumerable.Range(0, 150).ToDictionary(i => $"outcome-{i}-{new string('x', 390)}", _ => 1); // 60 KB
        for (var i = 0; i < 20; i++) Assert.True(client.Observe($"d-{i}", large));
        Assert.True(await client.DeliversAsync());
        Assert.Equal(2, looper.Calls.Count);
        Assert.All(looper.Calls, c => Assert.InRange(c.Body.Length, 1, 1_000_000));
        Assert.InRange(looper.Calls.First().Body.Length, 930_000, 1_000_000);
        Assert.Equal(20, client.Counters.Delivered);
    }

    [Fact]
    public async Task Each_observation_of_a_batch_meets_its_own_fate()
    {
        var problems = new List<string>();
        await using var looper = new FaultyLooper();
        looper.Answers = c => Answer.Items(c, i => looper.Calls.IsEmpty ? Value(i) switch { 1 => 422, 2 => 429, 3 => 503, 4 => 422, 5 => 409, _ => 202 } : 202);
        await using var client = Clients.Of(looper.Url, batch: 7, onProblem: p => problems.Add(p.Message));
        Observe(client, 0, 7);
        Assert.True(await client.DeliversAsync());
        Assert.Equal(2, looper.Calls.Count);
        Assert.Equal([2, 3], looper.Calls.Last().Items.Select(Value));
        Assert.Equal(new LooperCounters(7, 4, 0, new(3, 0, 0, 0, 0)), client.Counters);
        Assert.Contains(problems, p => p == "3 observations were refused and are dropped. Unprocessable Entity: There is no outcome 'purchse'.");
        Assert.Equal(OfItem(looper.Calls.First(), 2), OfItem(looper.Calls.Last(), 2)); // the same bytes, so the same id
    }

    [Theory, InlineData(400), InlineData(413), InlineData(415)]
    public async Task A_batch_that_cannot_be_taken_is_halved_until_the_one_is_found(int status)
    {
        await using var looper = new FaultyLooper { Answers = c => c.Items.Any(i => Value(i) == 11) ? Answer.Problem(status) : Answer.Healthy(c) };
        await using var client = Clients.Of(looper.Url, batch: 16);
        Observe(client, 0, 16);
        Assert.True(await client.DeliversAsync());
        Assert.Equal([16, 8, 8, 4, 2, 2, 1, 1, 4], looper.Calls.Select(c => c.Items.Count));
        Assert.Equal(new LooperCounters(16, 15, 0, new(1, 0, 0, 0, 0)), client.Counters);
    }

    [Fact]
    public async Task A_wrong_key_keeps_observations_and_is_said_once()
    {
        var problems = new List<string>();
        var isWrong = true;
        await using var looper = new FaultyLooper { Answers = c => isWrong ? Answer.Problem(401) : Answer.Healthy(c) };
        await using var client = Clients.Of(looper.Url, onProblem: p => problems.Add(p.Message));
        Observe(client, 0, 3);
        await BatchesAsync(looper, 4);
        Assert.Equal("Observations are not delivered yet and wait. A title: A reason and a way out.", Assert.Single(problems));
        isWrong = false;
        Assert.True(await client.DeliversAsync());
        Assert.Equal(3, client.Counters.Delivered);
    }

    [Fact]
    public async Task The_oldest_are_dropped_above_the_limit_and_counted()
    {
        var (clock, problems) = (new ManualClock(), new List<string>());
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, clock: clock, flushEvery: s_every, limit: 10, onProblem: p => problems.Add(p.Message));
        Observe(client, 0, 25);
        Assert.Equal(new LooperCounters(25, 0, 10, new(0, 15, 0, 0, 0)), client.Counters);
        Assert.Equal("More than 10 observations wait, so the oldest are dropped: 1 so far.", Assert.Single(problems)); // once a minute at most
        clock.Turn(TimeSpan.FromMinutes(1));
        Assert.True(await client.DeliversAsync());
        Observe(client, 25, 11);
        Assert.Equal("More than 10 observations wait, so the oldest are dropped: 16 so far.", problems[^1]);
        Assert.True(await client.DeliversAsync());
        Assert.Equal([.. Enumerable.Range(15, 10), .. Enumerable.Range(26, 10)], looper.Has.Select(h => Value(h.Item)));
    }

    [Fact]
    public async Task An_observation_that_was_dropped_while_under_way_is_counted_once()
    {
        var go = new TaskCompletionSource();
        await using var looper = new FaultyLooper();
        looper.Before = _ => looper.Calls.IsEmpty ? go.Task : Task.CompletedTask;
        await using var client = Clients.Of(looper.Url, limit: 3, batch: 3, flushEvery: TimeSpan.FromHours(1));
        Observe(client, 0, 3);
        await Task.Delay(50); // under way
        Observe(client, 3, 2);
        go.SetResult();
        Assert.True(await client.DeliversAsync());
        Assert.Equal(new LooperCounters(5, 3, 0, new(0, 2, 0, 0, 0)), client.Counters);
    }

    [Fact]
    public async Task Closing_without_a_spool_counts_what_it_could_not_deliver()
    {
        await using var looper = new FaultyLooper { Answers = _ => Answer.Silent };
        await using var client = Clients.Of(looper.Url);
        Observe(client, 0, 4);
        Assert.False(await client.FlushAsync(TimeSpan.FromMilliseconds(50)));
        Assert.False(await client.CloseAsync(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(new LooperCounters(4, 0, 0, new(0, 0, 0, 0, 4)), client.Counters);
    }

    [Fact]
    public async Task A_flush_waits_for_what_was_taken_before_it_and_no_longer()
    {
        var go = new TaskCompletionSource();
        await using var looper = new FaultyLooper();
        looper.Before = c => c.Items.Any(i => Value(i) >= 2) ? go.Task : Task.CompletedTask;
        await using var client = Clients.Of(looper.Url, batch: 2, flushEvery: TimeSpan.FromHours(1));
        Observe(client, 0, 1);
        var first = client.FlushAsync(Timeout.InfiniteTimeSpan);
        Observe(client, 1, 3);
        Assert.True(await first.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.False(await client.FlushAsync(TimeSpan.FromMilliseconds(20)));
        go.SetResult();
        Assert.True(await client.FlushAsync(TimeSpan.MaxValue));
    }

    internal static void Observe(LooperClient client, int from, int count)
    {
        for (var i = from; i < from + count; i++) Assert.True(client.Observe($"d-{i}", new { purchase = i }));
    }

    internal static int Value(System.Text.Json.Nodes.JsonNode item) => item["outcomes"]!["purchase"]!.GetValue<int>();

    internal static Task BatchesAsync(FaultyLooper looper, int count) => Eventually.IsTrueAsync(() => Task.FromResult(looper.Batches >= count));

    private static string OfItem(Call call, int value) => call.Items.Single(i => Value(i) == value).ToJsonString();
}
