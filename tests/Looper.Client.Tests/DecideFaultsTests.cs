using Looper.Testing;

namespace Looper.Client.Tests;

/// <summary>R19, decide: whatever Looper and the network do, the product has its default within its budget.</summary>
public sealed class DecideFaultsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, Func<Call, Answer>> s_faults = new()
    {
        ["slow"] = _ => Answer.Silent,
        ["500"] = _ => Answer.Problem(500),
        ["502"] = _ => new(502, "<html>Bad gateway</html>"),
        ["half-open, no answer"] = _ => new(200, Answer.Decided, Kind: AnswerKind.Stall),
        ["half-open, cut body"] = _ => new(200, Answer.Decided, Kind: AnswerKind.Cut),
        ["hangs up"] = _ => new(0, "", Kind: AnswerKind.Hangup),
        ["wrong JSON"] = _ => new(200, "{\"hello\":"),
        ["other JSON"] = _ => new(200, """{"decisionId":"d-1","decision":"x"}"""),
        ["null"] = _ => new(200, "null"),
        ["a page"] = _ => new(200, "<html>Sign in</html>"),
        ["not HTTP"] = _ => new(0, "", Kind: AnswerKind.Noise),
        ["moved"] = _ => new(302, "", "Location: http://127.0.0.1:1/\r\n"),
        ["429"] = _ => Answer.Problem(429),
        ["503"] = _ => Answer.Problem(503, "Retry-After: 5\r\n"),
        ["401"] = _ => Answer.Problem(401),
        ["404"] = _ => Answer.Problem(404),
        ["422"] = _ => Answer.Problem(422),
    };

    [Theory]
    [InlineData("down", FallbackReason.Unreachable)]
    [InlineData("slow", FallbackReason.Timeout)]
    [InlineData("500", FallbackReason.Error)]
    [InlineData("502", FallbackReason.Error)]
    [InlineData("half-open, no answer", FallbackReason.Timeout)]
    [InlineData("half-open, cut body", FallbackReason.Unreachable)]
    [InlineData("hangs up", FallbackReason.Unreachable)]
    [InlineData("wrong JSON", FallbackReason.Unreadable)]
    [InlineData("other JSON", FallbackReason.Unreadable)]
    [InlineData("null", FallbackReason.Unreadable)]
    [InlineData("a page", FallbackReason.Unreadable)]
    [InlineData("not HTTP", FallbackReason.Unreadable)]
    [InlineData("moved", FallbackReason.Unreadable)]
    [InlineData("429", FallbackReason.Busy)]
    [InlineData("503", FallbackReason.Busy)]
    [InlineData("401", FallbackReason.Refused)]
    [InlineData("404", FallbackReason.Refused)]
    [InlineData("422", FallbackReason.Refused)]
    public async Task R19_decide_gives_the_fallback_with_the_reason(string fault, string reason)
    {
        await using var looper = new FaultyLooper { Answers = s_faults.GetValueOrDefault(fault) ?? Answer.Healthy };
        var url = fault == "down" ? await FaultyLooper.NowhereAsync() : looper.Url;
        await using var client = Clients.Of(url, budget: reason == FallbackReason.Timeout ? TimeSpan.FromMilliseconds(200) : null);
        var given = await client.DecideAsync("banner", "u", "none");
        Assert.Equal(("none", reason, true, true), (given.Value, given.Reason, given.IsFallback, given.IsDefault));
        Assert.Equal((null, null, null, null, false), (given.DecisionId, given.Propensity, given.Ranking, given.BlueprintVersion, given.Recorded));
        Assert.True(given.Problem!.Length > 10, given.Problem);
        if (reason == FallbackReason.Refused) Assert.Equal("A title: A reason and a way out.", given.Problem);
        Assert.False(client.Observe(given, new { purchase = true }));
        Assert.Equal((0, 1), (client.Counters.Taken, client.Counters.Dropped.Fallback));
    }

    [Fact]
    public async Task R19_a_request_is_aborted_at_the_end_of_the_budget_and_not_before()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper { Answers = _ => Answer.Silent };
        await using var client = Clients.Of(looper.Url, TimeSpan.FromMilliseconds(250), clock: clock);
        var deciding = client.DecideAsync("banner", "u", "none");
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.Calls.Count == 1));
        clock.Turn(TimeSpan.FromMilliseconds(249));
        await Task.Delay(50);
        Assert.Equal((false, 0), (deciding.IsCompleted, looper.Aborted));
        clock.Turn(TimeSpan.FromMilliseconds(1));
        Assert.Equal(FallbackReason.Timeout, (await deciding.WaitAsync(s_patience)).Reason);
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.Aborted == 1));
    }

    [Fact]
    public async Task R19_the_budget_holds_while_a_value_is_still_being_written()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, TimeSpan.FromMilliseconds(250), clock: clock);
        using var written = new ManualResetEventSlim();
        var context = new Slow(written);
        var deciding = client.DecideAsync("banner", "u", "none", context);
        await clock.SomethingWaitsAsync(TimeSpan.FromMilliseconds(250));
        clock.Turn(TimeSpan.FromMilliseconds(250));
        var given = await deciding.WaitAsync(s_patience);
        Assert.Equal((FallbackReason.Timeout, false), (given.Reason, context.IsWritten));
        written.Set();
    }

    [Fact]
    public async Task R19_a_budget_of_the_call_goes_before_that_of_the_client()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper { Answers = _ => Answer.Silent };
        await using var client = Clients.Of(looper.Url, TimeSpan.FromMilliseconds(250), clock: clock);
        var deciding = client.DecideAsync("banner", "u", "none", budget: TimeSpan.FromMilliseconds(40));
        await clock.SomethingWaitsAsync(TimeSpan.FromMilliseconds(40));
        await Eventually.IsTrueAsync(() => Task.FromResult(!looper.Calls.IsEmpty));
        clock.Turn(TimeSpan.FromMilliseconds(40));
        Assert.Equal("Looper did not answer within 40 ms.", (await deciding.WaitAsync(s_patience)).Problem);
    }

    private sealed class Slow(ManualResetEventSlim written)
    {
        internal volatile bool IsWritten;

        public int Value
        {
            get
            {
                written.Wait(s_patience);
                IsWritten = true;
                return 1;
            }
        }
    }
}
