using Looper.InProcess;
using Looper.Testing;

namespace Looper.Client.Tests.InProcess;

public sealed class MadeDeliveryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task R19_a_decision_arrives_before_the_observations_that_name_it()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        var go = new TaskCompletionSource();
        deciding.Looper.Before = c => c.IsMade ? go.Task : Task.CompletedTask;
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.BannerAsync();
        Assert.True(looper.Observe(decision, new { purchase = true }));
        Assert.True(looper.ObserveUnit("user-42", new { purchase = true }));
        await Task.Delay(200);
        Assert.Empty(deciding.Delivered);
        go.SetResult();
        Assert.True(await looper.DeliversAsync());
        Assert.Equal([true, false], deciding.Delivered.Select(c => c.IsMade));
        Assert.Equal(decision.DecisionId, deciding.Looper.Has.First().Id); // an observation has an id of its own
        Assert.Equal(decision.DecisionId, deciding.Looper.Has.ElementAt(1).Item["decisionId"]!.GetValue<string>());
        Assert.Equal((1, 2), (looper.DecisionCounters.Delivered, looper.Counters.Delivered));
    }

    [Fact]
    public async Task An_observation_waits_for_no_decision_that_was_taken_after_it()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options(flushEvery: TimeSpan.FromMilliseconds(200)));
        Assert.True(await looper.IsReadyAsync());
        var decision = await looper.BannerAsync();
        Assert.True(await looper.DeliversAsync());
        var go = new TaskCompletionSource();
        deciding.Looper.Before = c => c.IsMade ? go.Task : Task.CompletedTask;
        Assert.True(looper.Observe(decision, new { purchase = true }));
        Assert.False((await looper.BannerAsync()).IsFallback);
        await Eventually.IsTrueAsync(() => Task.FromResult(looper.Counters.Delivered == 1));
        Assert.Equal(1, looper.DecisionCounters.Waiting);
        go.SetResult();
        Assert.True(await looper.DeliversAsync());
    }

    [Fact]
    public async Task R19_in_a_storm_each_observation_finds_its_decision()
    {
        var (random, gate) = (new Core.Numerics.Philox(20, "storm"), new Lock());
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        deciding.Looper.Answers = c =>
        {
            lock (gate)
            {
                if (c.IsSnapshot) return deciding.Healthy(c);
                return (int)(random.Uniform() * 6) switch
                {
                    0 => Answer.Problem(503),
                    1 => Answer.Items(c, _ => 202).As(AnswerKind.Cut),
                    2 => Answer.Items(c, _ => random.Uniform() < 0.5 ? 429 : 202),
                    _ => Answer.Healthy(c),
                };
            }
        };
        await using (var looper = new InProcessLooper(deciding.Options(spool: _directory.Path)))
        {
            Assert.True(await looper.IsReadyAsync());
            await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(async () =>
            {
                for (var i = 0; i < 500; i++) Assert.True(looper.Observe(await looper.BannerAsync($"user-{t}-{i}"), new { purchase = i }));
            })));
            Assert.True(await looper.DeliversAsync());
            Assert.Equal((2_000, 2_000), (looper.DecisionCounters.Delivered, looper.Counters.Delivered));
        }
        var (known, unknown) = (new HashSet<string>(), 0);
        foreach (var (id, item) in deciding.Looper.Has)
        {
            if (item["observationId"] is null) known.Add(id);
            else if (!known.Contains(item["decisionId"]!.GetValue<string>())) unknown++;
        }
        Assert.Equal((2_000, 0), (known.Count, unknown));
        Assert.Empty(Directory.EnumerateFiles(_directory.Path, "*.jsonl", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Each_decision_meets_its_own_fate_and_is_sent_again_byte_for_byte()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        deciding.Looper.Answers = c => !c.IsMade ? deciding.Healthy(c) : Answer.Items(c, i => deciding.Delivered.Any() ? 202 : i["decisionId"]!.GetValue<string>() switch { "d-1" => 422, "d-2" => 503, _ => 202 });
        await using var looper = new InProcessLooper(deciding.Options(flushEvery: TimeSpan.FromHours(1)));
        Assert.True(await looper.IsReadyAsync());
        for (var i = 0; i < 4; i++) await looper.BannerAsync(decisionId: $"d-{i}");
        Assert.True(await looper.DeliversAsync());
        Assert.Equal([4, 1], deciding.Delivered.Select(c => c.Items.Count));
        Assert.Equal(deciding.Delivered.First().Items[2].ToJsonString(), deciding.Delivered.Last().Items[0].ToJsonString());
        Assert.Equal(new LooperCounters(4, 3, 0, new(1, 0, 0, 0, 0)), looper.DecisionCounters);
        Assert.Contains(deciding.Problems, p => p is { Kind: ProblemKind.Refused, Message: "A decision made here was refused and is dropped. Unprocessable Entity: There is no outcome 'purchse'." });
    }

    [Fact]
    public async Task R19_what_waits_on_disk_is_delivered_by_the_next_process_before_its_observations()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        deciding.Looper.Answers = c => c.IsSnapshot ? deciding.Healthy(c) : Answer.Problem(503);
        var (ids, spool) = (new List<string>(), _directory.File("spool"));
        await using (var first = new InProcessLooper(deciding.Options(spool: spool, clock: new ManualClock())))
        {
            Assert.True(await first.IsReadyAsync());
            for (var i = 0; i < 3; i++)
            {
                var decision = await first.BannerAsync($"user-{i}");
                ids.Add(decision.DecisionId!);
                Assert.True(first.Observe(decision, new { purchase = true }));
            }
            Assert.False(await first.CloseAsync());
            Assert.Equal(0, first.DecisionCounters.Dropped.Closed);
        }
        deciding.Looper.Answers = deciding.Healthy;
        deciding.Looper.Before = c => c.IsMade ? Task.Delay(200) : Task.CompletedTask; // long enough for the observations to overtake, were they not held
        await using var second = new InProcessLooper(deciding.Options(spool: spool));
        Assert.True(await second.DeliversAsync());
        Assert.Equal([.. ids, .. ids], deciding.Looper.Has.Select(h => h.Item["decisionId"]!.GetValue<string>()));
        Assert.Equal([true, true, true, false, false, false], deciding.Looper.Has.Select(h => h.Item["observationId"] is null));
        Assert.Equal((3, 3), (second.DecisionCounters.Delivered, second.Counters.Delivered));
        if (OperatingSystem.IsWindows()) return;
        foreach (var directory in new[] { spool, Path.Combine(spool, "decisions") })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
    }

    [Fact]
    public async Task Above_the_limit_the_oldest_decisions_are_dropped_and_counted()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        deciding.Looper.Answers = c => c.IsSnapshot ? deciding.Healthy(c) : Answer.Silent;
        await using var looper = new InProcessLooper(deciding.Options(limit: 3, flushEvery: TimeSpan.FromHours(1)));
        Assert.True(await looper.IsReadyAsync());
        for (var i = 0; i < 5; i++) Assert.False((await looper.BannerAsync()).IsFallback);
        Assert.Equal(new LooperCounters(5, 0, 3, new(0, 2, 0, 0, 0)), looper.DecisionCounters);
        Assert.Equal("More than 3 decisions made here wait, so the oldest are dropped: 1 so far.", Assert.Single(deciding.Problems).Message);
        Assert.False(await looper.CloseAsync(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(3, looper.DecisionCounters.Dropped.Closed);
        Assert.Equal("The client was closed before they were delivered, so 3 decisions made here are lost.", deciding.Problems[^1].Message);
    }

    [Fact]
    public async Task While_threads_decide_snapshots_change_and_it_closes_every_decision_given_is_counted()
    {
        await using var deciding = new Deciding(Points.Bytes(Points.Choice));
        await using var looper = new InProcessLooper(deciding.Options());
        Assert.True(await looper.IsReadyAsync());
        var (version, given) = (1, 0);
        var threads = Enumerable.Range(0, 6).Select(t => Task.Run(async () =>
        {
            while (true)
            {
                var decision = await looper.BannerAsync($"user-{t}");
                if (decision.IsFallback) return decision.Problem;
                Assert.InRange(decision.BlueprintVersion!.Value, 1, 6);
                Assert.Equal(1.0 / 3, decision.Propensity);
                Interlocked.Increment(ref given);
            }
        })).ToArray();
        while (version < 6)
        {
            deciding.Bytes = Points.Bytes(Points.Choice, ++version);
            await Eventually.IsTrueAsync(() => Task.FromResult(looper.State().BlueprintVersion == version));
        }
        await looper.CloseAsync();
        Assert.All(await Task.WhenAll(threads), p => Assert.Equal("This client is closed.", p));
        Assert.Equal(given, looper.DecisionCounters.Taken);
        Assert.False(looper.Observe("d-1", new { purchase = true }));
    }
}
