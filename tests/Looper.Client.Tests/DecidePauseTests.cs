using Looper.Client.Deciding;

namespace Looper.Client.Tests;

/// <summary>R19: a Looper that is gone or busy costs the product next to nothing.</summary>
public sealed class DecidePauseTests
{
    private static readonly Failure s_failed = new(FallbackReason.Unreachable, "It is gone.");

    private readonly ManualClock _clock = new();
    private double _random = 0.5;

    [Fact]
    public void R19_five_failures_in_a_row_begin_a_pause_after_which_one_call_probes()
    {
        var pause = Paused();
        var held = pause.Enter(out _)!;
        Assert.Equal(FallbackReason.Unreachable, held.Reason);
        Assert.EndsWith("It is gone.", held.Problem, StringComparison.Ordinal);
        _clock.Turn(TimeSpan.FromSeconds(0.499));
        Assert.NotNull(pause.Enter(out _));
        _clock.Turn(TimeSpan.FromSeconds(0.001));
        Assert.Null(pause.Enter(out var pass));
        Assert.Equal(Pass.Probe, pass);
        Assert.NotNull(pause.Enter(out _)); // the others go on getting the fallback
        pause.Leave(pass, null);
        Assert.Null(pause.Enter(out pass));
        Assert.Equal(Pass.Ordinary, pass);
    }

    [Fact]
    public void R19_four_failures_and_an_answer_begin_no_pause()
    {
        var pause = new DecidePause(_clock, () => _random);
        for (var i = 0; i < 20; i++) Call(pause, i % 5 == 4 ? null : s_failed);
        Assert.Null(pause.Enter(out _));
    }

    [Fact]
    public void R19_pauses_double_up_to_half_a_minute_and_fall_anywhere_below()
    {
        foreach (var random in new[] { 0.9, 0.1 })
        {
            _random = random;
            var pause = Paused();
            foreach (var bound in new[] { 1, 2, 4, 8, 16, 30, 30 })
            {
                _clock.Turn(random * TimeSpan.FromSeconds(bound) - TimeSpan.FromMilliseconds(1));
                Assert.NotNull(pause.Enter(out _));
                _clock.Turn(TimeSpan.FromMilliseconds(1));
                Call(pause, s_failed);
            }
        }
    }

    [Fact]
    public void R19_after_an_answer_the_next_pause_is_short_again()
    {
        var pause = Paused();
        for (var i = 0; i < 3; i++)
        {
            _clock.Turn(TimeSpan.FromMinutes(1));
            Call(pause, s_failed);
        }
        _clock.Turn(TimeSpan.FromMinutes(1));
        Call(pause, null);
        for (var i = 0; i < 5; i++) Call(pause, s_failed);
        _clock.Turn(TimeSpan.FromSeconds(0.5));
        Assert.Null(pause.Enter(out _));
    }

    [Theory, InlineData(7, 7), InlineData(600, 60)]
    public void R19_a_busy_Looper_is_left_alone_for_as_long_as_it_asks_up_to_a_minute(int asked, int seconds)
    {
        var pause = new DecidePause(_clock, () => _random);
        Call(pause, new(FallbackReason.Busy, "Full.", TimeSpan.FromSeconds(asked)));
        _clock.Turn(TimeSpan.FromSeconds(seconds - 0.001));
        Assert.Equal(FallbackReason.Busy, pause.Enter(out _)!.Reason);
        _clock.Turn(TimeSpan.FromSeconds(0.001));
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(pause.Enter(out var pass)); // all of them, none has to probe
            Assert.Equal(Pass.Ordinary, pass);
        }
    }

    [Fact]
    public void R19_what_a_busy_Looper_asks_for_outlives_calls_that_were_under_way()
    {
        var pause = new DecidePause(_clock, () => _random);
        Pass[] passes = new Pass[4];
        foreach (ref var pass in passes.AsSpan()) Assert.Null(pause.Enter(out pass));
        pause.Leave(passes[0], new(FallbackReason.Busy, "Full.", TimeSpan.FromSeconds(5)));
        pause.Leave(passes[1], null);
        pause.Leave(passes[2], new(FallbackReason.Busy, "Full."));
        pause.Leave(passes[3], new(FallbackReason.Busy, "Full.", TimeSpan.FromSeconds(1))); // shorter
        _clock.Turn(TimeSpan.FromSeconds(4.9));
        Assert.Equal(FallbackReason.Busy, pause.Enter(out _)!.Reason);
        _clock.Turn(TimeSpan.FromSeconds(0.1));
        Assert.Null(pause.Enter(out _));
    }

    [Fact]
    public void R19_a_busy_answer_ends_no_pause()
    {
        var pause = new DecidePause(_clock, () => _random);
        Assert.Null(pause.Enter(out var early));
        for (var i = 0; i < 5; i++) Call(pause, s_failed);
        pause.Leave(early, new(FallbackReason.Busy, "Full."));
        Assert.NotNull(pause.Enter(out _));
        _clock.Turn(TimeSpan.FromSeconds(0.5));
        Call(pause, new(FallbackReason.Busy, "Full.")); // the probe
        _clock.Turn(TimeSpan.FromSeconds(0.9));
        Assert.NotNull(pause.Enter(out _)); // the second pause, of up to 2 s
        _clock.Turn(TimeSpan.FromSeconds(0.1));
        Call(pause, s_failed); // the next probe
        _clock.Turn(TimeSpan.FromSeconds(1.9));
        Assert.NotNull(pause.Enter(out _)); // the third, of up to 4 s
    }

    [Fact]
    public void R19_a_refusal_or_a_busy_answer_without_a_time_is_no_failure()
    {
        var pause = new DecidePause(_clock, () => _random);
        for (var i = 0; i < 20; i++) Call(pause, i % 2 == 0 ? new(FallbackReason.Refused, "No.", IsOfCall: true) : new(FallbackReason.Busy, "Full."));
        Assert.Null(pause.Enter(out _));
    }

    [Fact]
    public void R19_a_probe_that_could_not_be_sent_leaves_the_next_one_to_probe()
    {
        var pause = Paused();
        _clock.Turn(TimeSpan.FromSeconds(1));
        Call(pause, Failure.Invalid("It cannot be written."));
        Assert.Null(pause.Enter(out var pass));
        Assert.Equal(Pass.Probe, pass);
    }

    [Fact]
    public async Task R19_while_Looper_is_left_alone_no_call_reaches_it()
    {
        await using var looper = new FaultyLooper { Answers = _ => Answer.Problem(500) };
        await using var client = Clients.Of(looper.Url, clock: _clock, random: 0.5);
        for (var i = 0; i < 50; i++) Assert.Equal(FallbackReason.Error, (await client.DecideAsync("p", "u", "none")).Reason);
        Assert.Equal(5, looper.Calls.Count);
        looper.Answers = Answer.Healthy;
        _clock.Turn(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 3; i++) Assert.False((await client.DecideAsync("p", "u", "none")).IsFallback);
        looper.Answers = _ => Answer.Problem(429, "Retry-After: 3\r\n");
        for (var i = 0; i < 3; i++) Assert.Equal(FallbackReason.Busy, (await client.DecideAsync("p", "u", "none")).Reason);
        Assert.Equal(9, looper.Calls.Count);
        looper.Answers = _ => Answer.Problem(503, $"Retry-After: {_clock.GetUtcNow().AddSeconds(20):R}\r\n"); // a date will do as well
        _clock.Turn(TimeSpan.FromSeconds(3));
        for (var i = 0; i < 3; i++) Assert.Equal(FallbackReason.Busy, (await client.DecideAsync("p", "u", "none")).Reason);
        Assert.Equal(10, looper.Calls.Count);
    }

    private DecidePause Paused()
    {
        var pause = new DecidePause(_clock, () => _random);
        for (var i = 0; i < 5; i++) Call(pause, s_failed);
        return pause;
    }

    private static void Call(DecidePause pause, Failure? failure)
    {
        Assert.Null(pause.Enter(out var pass));
        pause.Leave(pass, failure);
    }
}
