using Looper.Testing;
using static Looper.Client.Tests.DeliveryTests;

namespace Looper.Client.Tests;

/// <summary>R19, observe: whatever Looper and the network do, what was taken is kept until it is delivered.</summary>
public sealed class DeliveryFaultsTests
{
    private static readonly Dictionary<string, Func<Call, Answer>> s_faults = new()
    {
        ["500"] = _ => Answer.Problem(500),
        ["half-open, cut body"] = c => Answer.Healthy(c).As(AnswerKind.Cut),
        ["hangs up"] = _ => new(0, "", Kind: AnswerKind.Hangup),
        ["wrong JSON"] = _ => new(200, "{\"items\":["),
        ["other JSON"] = _ => new(200, """{"accepted":3}"""),
        ["too few items"] = _ => new(200, """{"items":[{"status":202,"accepted":1}]}"""),
        ["items without a status"] = _ => new(200, """{"items":[{},{},{}]}"""),
        ["not HTTP"] = _ => new(0, "", Kind: AnswerKind.Noise),
        ["moved"] = _ => new(301, "", "Location: http://127.0.0.1:1/\r\n"),
        ["429"] = _ => Answer.Problem(429),
        ["503"] = _ => Answer.Problem(503),
        ["404"] = _ => Answer.Problem(404),
        ["403"] = _ => Answer.Problem(403),
    };

    public static TheoryData<string> Faults => [.. s_faults.Keys];

    [Theory, MemberData(nameof(Faults))]
    public async Task R19_what_was_taken_is_kept_and_arrives_when_Looper_is_well_again(string fault)
    {
        var problems = new List<string>();
        await using var looper = new FaultyLooper { Answers = s_faults[fault] };
        await using var client = Clients.Of(looper.Url, batch: 3, onProblem: p => problems.Add(p.Message));
        Observe(client, 0, 3);
        await BatchesAsync(looper, 3);
        Assert.Equal(new LooperCounters(3, 0, 3, new(0, 0, 0, 0, 0)), client.Counters);
        looper.Answers = Answer.Healthy;
        Assert.True(await client.DeliversAsync());
        Assert.Equal(new LooperCounters(3, 3, 0, new(0, 0, 0, 0, 0)), client.Counters);
        Assert.Single(problems);
        Assert.Single(looper.Calls.Select(c => c.Body).Distinct()); // the same ids each time
    }

    [Theory, InlineData(400), InlineData(415), InlineData(413)]
    public async Task R19_what_stands_in_front_of_Looper_destroys_nothing(int status)
    {
        var problems = new List<string>();
        await using var looper = new FaultyLooper { Answers = _ => new(status, "<h1>The plain HTTP request was sent to an HTTPS port</h1>") };
        await using var client = Clients.Of(looper.Url, batch: 4, onProblem: p => problems.Add($"{p.Kind}"));
        Observe(client, 0, 4);
        await BatchesAsync(looper, 6);
        Assert.Equal(new LooperCounters(4, 0, 4, new(0, 0, 0, 0, 0)), client.Counters);
        looper.Answers = Answer.Healthy;
        Assert.True(await client.DeliversAsync());
        Assert.Equal(4, client.Counters.Delivered);
        Assert.Equal(["Delivery"], problems);
    }

    [Fact] // half of a pair of surrogates is JSON and no text
    public async Task R19_a_refusal_whose_words_cannot_be_read_is_one()
    {
        await using var looper = new FaultyLooper { Answers = _ => new(400, """{"code":"request.wrong","title":"\ud800"}""") };
        await using var client = Clients.Of(looper.Url);
        Observe(client, 0, 1);
        Assert.True(await client.DeliversAsync());
        Assert.Equal(1, client.Counters.Dropped.Refused);
        looper.Answers = _ => new(503, """{"title":"\ud800"}""");
        Assert.Equal(FallbackReason.Busy, (await client.DecideAsync("p", "u", "none")).Reason);
    }

    [Fact]
    public async Task What_is_lost_with_a_client_is_said()
    {
        var problems = new List<Problem>();
        var client = Clients.Of(await FaultyLooper.NowhereAsync(), onProblem: problems.Add);
        Observe(client, 0, 3);
        Assert.False(await client.CloseAsync(TimeSpan.Zero));
        Assert.Equal(3, client.Counters.Dropped.Closed);
        Assert.Contains("3 observations are lost", Assert.Single(problems, p => p.Kind == ProblemKind.Closed).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R19_while_Looper_is_down_nothing_is_lost()
    {
        var down = new FaultyLooper();
        await down.DisposeAsync();
        await using var client = Clients.Of(down.Url);
        Observe(client, 0, 5);
        Assert.False(await client.FlushAsync(TimeSpan.FromMilliseconds(200)));
        await using var looper = new FaultyLooper(down.Port);
        Assert.True(await client.DeliversAsync());
        Assert.Equal(Enumerable.Range(0, 5), looper.Has.Select(h => Value(h.Item)));
    }

    [Fact]
    public async Task R19_a_delivery_that_is_not_answered_is_aborted_after_half_a_minute_and_made_again()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper { Answers = _ => Answer.Silent };
        await using var client = Clients.Of(looper.Url, clock: clock, random: 0);
        Observe(client, 0, 1);
        var flushing = client.DeliversAsync();
        await BatchesAsync(looper, 1);
        clock.Turn(TimeSpan.FromSeconds(29.9));
        await Task.Delay(30);
        Assert.Equal((1, 0), (looper.Batches, looper.Aborted));
        looper.Answers = Answer.Healthy;
        clock.Turn(TimeSpan.FromSeconds(0.1));
        Assert.True(await flushing);
        Assert.Equal((2, 1), (looper.Batches, looper.Aborted));
    }

    [Fact]
    public async Task R19_deliveries_back_off_with_full_jitter_and_begin_anew_after_a_success()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper { Answers = _ => Answer.Problem(500) };
        await using var client = Clients.Of(looper.Url, clock: clock, random: 0.3, flushEvery: TimeSpan.FromSeconds(7));
        for (var round = 0; round < 2; round++)
        {
            Observe(client, round, 1);
            await clock.SomethingWaitsAsync(TimeSpan.FromSeconds(7));
            clock.Turn(TimeSpan.FromSeconds(7));
            double[] bounds = round == 0 ? [0.5, 1, 2, 4, 8, 16, 32, 60, 60] : [0.5, 1];
            for (var i = 0; i < bounds.Length; i++)
            {
                var wait = 0.3 * TimeSpan.FromSeconds(bounds[i]);
                await clock.SomethingWaitsAsync(wait);
                var sent = looper.Batches;
                if (i == bounds.Length - 1) looper.Answers = Answer.Healthy;
                clock.Turn(wait - TimeSpan.FromTicks(1));
                Assert.True(clock.IsWaitedFor(TimeSpan.FromTicks(1)));
                Assert.Equal(sent, looper.Batches);
                clock.Turn(TimeSpan.FromTicks(1));
                await BatchesAsync(looper, sent + 1);
            }
            await Eventually.IsTrueAsync(() => Task.FromResult(client.Counters.Waiting == 0));
            looper.Answers = _ => Answer.Problem(500);
        }
    }

    [Theory, InlineData(429, "50"), InlineData(503, "50"), InlineData(500, "50"), InlineData(429, null)]
    public async Task R19_Retry_After_is_the_least_wait(int status, string? asked)
    {
        var clock = new ManualClock();
        asked ??= clock.GetUtcNow().AddSeconds(50).ToString("R"); // a date
        await using var looper = new FaultyLooper { Answers = _ => Answer.Problem(status, $"Retry-After: {asked}\r\n") };
        await using var client = Clients.Of(looper.Url, clock: clock, random: 0.1);
        Observe(client, 0, 1);
        var flushing = client.DeliversAsync();
        await clock.SomethingWaitsAsync(TimeSpan.FromSeconds(50));
        looper.Answers = Answer.Healthy;
        clock.Turn(TimeSpan.FromSeconds(49));
        await Task.Delay(30);
        Assert.Equal(1, looper.Batches);
        clock.Turn(TimeSpan.FromSeconds(1));
        Assert.True(await flushing);
    }

    [Fact]
    public async Task R19_Retry_After_of_a_batch_taken_in_part_is_the_least_wait_for_the_rest()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper { Answers = c => Answer.Items(c, i => Value(i) == 0 ? 202 : 429, "Retry-After: 40\r\n") };
        await using var client = Clients.Of(looper.Url, clock: clock, batch: 2);
        Observe(client, 0, 2);
        await clock.SomethingWaitsAsync(TimeSpan.FromSeconds(40));
        Assert.Equal((1, 1), (client.Counters.Delivered, client.Counters.Waiting));
        looper.Answers = Answer.Healthy;
        clock.Turn(TimeSpan.FromSeconds(40));
        await Eventually.IsTrueAsync(() => Task.FromResult(client.Counters.Delivered == 2));
    }

    [Fact]
    public async Task Closing_tries_once_more_before_its_time_unless_Looper_asked_for_the_wait()
    {
        foreach (var asked in new[] { "", "Retry-After: 50\r\n" })
        {
            var clock = new ManualClock();
            await using var looper = new FaultyLooper { Answers = _ => Answer.Problem(503, asked) };
            await using var client = Clients.Of(looper.Url, clock: clock, batch: 1, random: 0.9);
            Observe(client, 0, 1);
            await clock.SomethingWaitsAsync(asked.Length > 0 ? TimeSpan.FromSeconds(50) : TimeSpan.FromSeconds(0.45));
            looper.Answers = Answer.Healthy;
            var closing = client.CloseAsync(TimeSpan.FromSeconds(5));
            var isBefore = await Task.WhenAny(closing, Task.Delay(asked.Length > 0 ? 100 : 5_000)) == closing;
            clock.Turn(TimeSpan.FromSeconds(5)); // ends it at the latest
            Assert.Equal(asked.Length == 0, isBefore);
            Assert.Equal(asked.Length == 0, await closing.WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Equal(asked.Length == 0 ? 2 : 1, looper.Batches);
        }
    }
}
