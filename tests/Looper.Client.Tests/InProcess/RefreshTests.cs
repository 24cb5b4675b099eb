using Looper.Core.Blueprints;
using Looper.InProcess;
using Looper.Testing;

namespace Looper.Client.Tests.InProcess;

public sealed class RefreshTests
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_new_version_decides_once_it_is_there_and_the_same_one_is_not_sent_again()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        Assert.Equal(1, (await looper.BannerAsync()).BlueprintVersion);
        await RefreshesAsync(deciding, 3);
        deciding.Bytes = Points.Bytes(Points.Choice, version: 2);
        await Eventually.IsTrueAsync(async () => (await looper.BannerAsync()).BlueprintVersion == 2);
        var heads = deciding.Refreshes.Select(c => c.Head.Contains("If-None-Match: \"", StringComparison.Ordinal)).ToArray();
        Assert.False(heads[0]);
        Assert.All(heads[1..], Assert.True);
        Assert.All(deciding.Refreshes, c => Assert.Equal($"/v1/snapshots/{Points.Banner}", c.Path));
        Assert.All(deciding.Refreshes, c => Assert.Equal(Clients.Key, c.Header("X-Api-Key")));
        Assert.Empty(deciding.Problems);
    }

    [Fact]
    public async Task R19_without_Looper_it_goes_on_deciding_says_stale_after_the_bound_and_delivers_everything_later()
    {
        var clock = new ManualClock();
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options(clock: clock, every: s_every, random: 0.5));
        Assert.True(await looper.IsReadyAsync());
        await clock.SomethingWaitsAsync(s_every);
        deciding.Looper.Answers = _ => new(0, "", Kind: AnswerKind.Hangup);
        Assert.Equal("explore", (await looper.BannerAsync()).Reason);
        clock.Turn(TimeSpan.FromSeconds(30));
        Assert.Equal("explore", (await looper.BannerAsync()).Reason);
        Assert.Equal((false, TimeSpan.FromSeconds(30)), (looper.State().IsStale, looper.State().Age));
        clock.Turn(TimeSpan.FromMilliseconds(1));
        var stale = await looper.BannerAsync();
        Assert.Equal(("stale", false, 1.0 / 3), (stale.Reason, stale.IsFallback, stale.Propensity!.Value));
        Assert.True(looper.State().IsStale);
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().Problem is not null));
        Assert.StartsWith("The snapshot of 'checkout-banner' cannot be refreshed, so it is decided with the last one. Looper cannot be reached", looper.State().Problem, StringComparison.Ordinal);
        deciding.Looper.Answers = deciding.Healthy;
        await TurnUntilAsync(clock, () => looper.State() is { IsStale: false });
        Assert.Equal("explore", (await looper.BannerAsync()).Reason);
        Assert.Null(looper.State().Problem);
        await TurnUntilAsync(clock, () => deciding.Looper.Has.Count == 4);
        Assert.Equal(["explore", "explore", "stale", "explore"], deciding.Looper.Has.Select(h => h.Item["reason"]!.GetValue<string>()));
        Assert.Single(deciding.Problems, p => p.Kind == ProblemKind.Snapshot);
    }

    [Fact]
    public async Task A_longer_refresh_makes_the_bound_three_of_them()
    {
        var clock = new ManualClock();
        await using var deciding = new Deciding(Points.Bytes(Points.Choice)) { Snapshots = null };
        await using var looper = new InProcessLooper(deciding.Options(clock: clock, every: TimeSpan.FromMinutes(1)));
        Assert.True(await looper.IsReadyAsync());
        deciding.Snapshots = _ => Answer.Silent;
        clock.Turn(TimeSpan.FromMinutes(3));
        Assert.Equal("explore", (await looper.BannerAsync()).Reason);
        clock.Turn(TimeSpan.FromTicks(1));
        Assert.Equal("stale", (await looper.BannerAsync()).Reason);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_is_not_used_and_the_last_good_one_goes_on()
    {
        var good = Points.Bytes(Points.Choice);
        byte[] changed = [.. Points.Bytes(Points.Choice, version: 2)], another = [.. Points.Bytes(Points.Choice, version: 2)];
        changed[^1] ^= 1;
        another[8]++; // its format
        var bad = new (byte[] Bytes, string Why)[]
        {
            (changed, "its content was changed"), (another, "its format is"), (changed[..^9], "its content was changed"), ([], "it is not a snapshot"), ([1, 2, 3], "it is not a snapshot"),
            (Points.Bytes(Points.Of(Points.Choice, version: 2, key: "another")), "it is not that of this decision point alone"), (Points.Bytes(), "it is not that of this decision point alone"),
            (Points.Bytes(Points.Of(Points.Choice, version: 2), Points.Of(Points.Choice, version: 2, key: "another")), "it is not that of this decision point alone"),
        };
        foreach (var (bytes, why) in bad)
        {
            await using var deciding = new Deciding(good);
            await using var looper = new InProcessLooper(deciding.Options());
            Assert.True(await looper.IsReadyAsync());
            deciding.Bytes = bytes;
            await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().Problem is not null));
            await RefreshesAsync(deciding, deciding.Refreshes.Count() + 2);
            Assert.Equal((1, true), ((await looper.BannerAsync()).BlueprintVersion!.Value, looper.State().IsDecidedHere));
            var said = Assert.Single(deciding.Problems); // once
            Assert.Equal(ProblemKind.Snapshot, said.Kind);
            Assert.StartsWith("The snapshot of 'checkout-banner' cannot be refreshed, so it is decided with the last one.", said.Message, StringComparison.Ordinal);
            Assert.Contains(why, said.Message, StringComparison.Ordinal);
            deciding.Bytes = Points.Bytes(Points.Choice, version: 3);
            await Eventually.IsTrueAsync(() => Task.FromResult(looper.State() is { BlueprintVersion: 3, Problem: null }));
        }
    }

    [Theory, InlineData(403), InlineData(404), InlineData(409)]
    public async Task R19_what_Looper_refuses_to_give_is_asked_of_Looper_until_it_gives_it(int status)
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        deciding.Snapshots = _ => Deciding.Refused(status);
        await Eventually.IsTrueAsync(() => Task.FromResult(!looper.State().IsDecidedHere));
        Assert.Equal(("free-shipping", "d-1", 1), ((await looper.BannerAsync()).Value, (await looper.BannerAsync()).DecisionId, deciding.Problems.Count));
        Assert.Equal("'checkout-banner' is not decided here, but asked of Looper each time. A title: A reason and a way out.", looper.State().Problem);
        await RefreshesAsync(deciding, deciding.Refreshes.Count() + 2);
        Assert.Equal(looper.State().Problem, Assert.Single(deciding.Problems).Message); // once
        deciding.Snapshots = null;
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().IsDecidedHere));
        Assert.Equal("explore", (await looper.BannerAsync()).Reason);
        Assert.Null(looper.State().Problem);
    }

    [Fact]
    public async Task A_refusal_by_something_in_front_of_Looper_changes_nothing()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        deciding.Snapshots = _ => new(404, "<html>Not found</html>");
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().Problem is not null));
        Assert.True(looper.State().IsDecidedHere);
    }

    [Fact]
    public async Task A_refresh_that_hangs_is_given_up_and_made_again()
    {
        var clock = new ManualClock();
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options(clock: clock, every: s_every, random: 0.5));
        Assert.True(await looper.IsReadyAsync());
        await clock.SomethingWaitsAsync(s_every);
        deciding.Snapshots = _ => Answer.Silent;
        clock.Turn(s_every);
        await RefreshesAsync(deciding, 2);
        clock.Turn(TimeSpan.FromMinutes(1));
        await Eventually.IsTrueAsync(() => Task.FromResult(deciding.Looper.Aborted == 1));
        await clock.SomethingWaitsAsync(TimeSpan.FromSeconds(0.25));
        deciding.Snapshots = null;
        clock.Turn(TimeSpan.FromSeconds(0.25));
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State() is { IsStale: false, Problem: null }));
    }

    [Fact]
    public async Task Failed_refreshes_wait_longer_each_time_and_as_long_as_Looper_asks()
    {
        var clock = new ManualClock();
        await using var deciding = new Deciding { Snapshots = _ => Answer.Problem(503) };
        await using var looper = new InProcessLooper(deciding.Options(clock: clock, every: s_every, random: 0.5));
        foreach (var seconds in new[] { 0.25, 0.5, 1, 2, 4, 8, 16, 30, 30 })
        {
            await clock.SomethingWaitsAsync(TimeSpan.FromSeconds(seconds));
            if (seconds == 30) deciding.Snapshots = _ => Answer.Problem(429, "Retry-After: 100\r\n");
            clock.Turn(TimeSpan.FromSeconds(seconds));
            if (seconds == 30) break;
        }
        await clock.SomethingWaitsAsync(TimeSpan.FromSeconds(100));
        Assert.StartsWith("The snapshot of 'checkout-banner' cannot be refreshed, so Looper is asked for each decision.", looper.State().Problem, StringComparison.Ordinal);
        Assert.False(await looper.ReadyAsync(TimeSpan.Zero));
        deciding.Snapshots = null;
        deciding.Bytes = Points.Bytes(Points.Choice);
        clock.Turn(TimeSpan.FromSeconds(100));
        Assert.True(await looper.IsReadyAsync());
        await clock.SomethingWaitsAsync(s_every);
    }

    [Fact]
    public async Task Redirects_are_not_followed_and_an_answer_that_is_too_large_is_not_read()
    {
        await using var elsewhere = new FaultyLooper();
        await using var deciding = new Deciding { Snapshots = _ => new(302, "", $"Location: {elsewhere.Url}/v1/snapshots/x\r\n") };
        await using var looper = new InProcessLooper(deciding.Options());
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().Problem?.EndsWith("Looper answered 302.", StringComparison.Ordinal) == true));
        Assert.Empty(elsewhere.Calls);
        deciding.Snapshots = _ => new(200, "x") { Claims = (256 * 1024 * 1024) + 1 };
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().Problem?.Contains("268435456", StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task What_only_Looper_can_decide_is_asked_of_Looper_even_where_it_gives_the_snapshot()
    {
        var choice = Points.Choice;
        await NotHereAsync(choice with { Durable = true }, "Version 1 is durable");
        await NotHereAsync(choice with { Shape = DecisionShape.Pick, Options = [], Default = "as-sent", Policy = new AsSentPolicy() }, "Version 1 chooses among candidates");
        await NotHereAsync(choice with { Features = [.. choice.Features, new("bought", FeatureKind.Number) { Derived = new HistoryDerivation("purchase", HistoryAggregate.Count, TimeSpan.FromDays(1)) }] }, "'bought' of version 1 looks back");
        await NotHereAsync(choice with { Policy = new FixedPolicy("gone") }, "This program cannot decide it: ");
    }

    private static async Task NotHereAsync(BlueprintContent content, string why)
    {
        await using var deciding = new Deciding(Points.Bytes(content));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.False(await looper.IsReadyAsync());
        Assert.Contains(why, looper.State().Problem, StringComparison.Ordinal);
        Assert.Equal("d-1", (await looper.BannerAsync()).DecisionId);
        await RefreshesAsync(deciding, 3);
        Assert.Equal((false, 1), (looper.State().IsDecidedHere, deciding.Problems.Count));
    }

    private static Task RefreshesAsync(Deciding deciding, int count) => Eventually.IsTrueAsync(() => Task.FromResult(deciding.Refreshes.Count() >= count));

    private static Task TurnUntilAsync(ManualClock clock, Func<bool> isSo) => Eventually.IsTrueAsync(() =>
    {
        if (isSo()) return Task.FromResult(true);
        clock.Turn(TimeSpan.FromSeconds(1));
        return Task.FromResult(false);
    });
}
