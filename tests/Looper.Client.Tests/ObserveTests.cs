using System.Text.Json;
using System.Text.Json.Nodes;

namespace Looper.Client.Tests;

public sealed class ObserveTests
{
    [Fact]
    public async Task Outcomes_of_decisions_and_units_are_sent_as_Looper_reads_them()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, clock: clock);
        var decision = await client.DecideAsync("banner", "u", "none");
        Assert.True(client.Observe(decision, new { purchase = true, revenue = 24.9 }));
        Assert.True(client.Observe("d-2", new Dictionary<string, object> { ["clicked"] = true }, candidate: "b"));
        Assert.True(client.ObserveUnit("user-42", new { purchase = 1 }, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1))));
        Assert.True(await client.DeliversAsync());
        var items = looper.Calls.Single(c => !c.IsDecide).Items.Select(i => i.AsObject()).ToArray();
        var ids = items.Select(i => i["observationId"]!.GetValue<Guid>()).ToArray();
        Assert.Equal(3, ids.Distinct().Count());
        foreach (var item in items) item.Remove("observationId");
        Assert.Equal(
        [
            """{"decisionId":"d-1","time":"2026-11-22T12:00:00Z","outcomes":{"purchase":true,"revenue":24.9}}""",
            """{"decisionId":"d-2","candidate":"b","time":"2026-11-22T12:00:00Z","outcomes":{"clicked":true}}""",
            """{"unit":"user-42","time":"2026-01-02T02:04:05Z","outcomes":{"purchase":1}}""",
        ], items.Select(i => i.ToJsonString()));
        Assert.Equal(new LooperCounters(3, 3, 0, new(0, 0, 0, 0, 0)), client.Counters);
    }

    [Fact]
    public async Task What_cannot_be_used_is_said_counted_and_never_sent()
    {
        var problems = new List<Problem>();
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, onProblem: problems.Add);
        bool[] taken =
        [
            client.Observe((Decision)null!, new { a = 1 }), client.Observe("", new { a = 1 }), client.Observe("d", null!), client.Observe("d", new { }), client.Observe("d", 5), client.Observe("d", new[] { 1 }),
            client.Observe("d", new { a = double.NaN }), client.Observe("d", new { a = new string('x', 70_000) }), client.Observe("d", new { a = new Action(() => { }) }), client.ObserveUnit(null!, new { a = 1 }),
            client.Observe("d", JsonNode.Parse("{}")!), client.Observe("d", new { a = "1" }), client.Observe("d", new { a = 1, b = (int?)null }), client.Observe("d", new { a = new { b = 1 } }), client.Observe("d", JsonDocument.Parse("null").RootElement),
        ];
        Assert.DoesNotContain(true, taken);
        Assert.Equal(taken.Length, problems.Count);
        Assert.All(problems, p => Assert.StartsWith("Invalid An observation is left out: ", $"{p.Kind} {p.Message}", StringComparison.Ordinal));
        Assert.Equal(new LooperCounters(0, 0, 0, new(0, 0, 0, taken.Length, 0)), client.Counters);
        Assert.True(await client.DeliversAsync());
        Assert.Empty(looper.Calls);
    }

    [Fact]
    public async Task A_listener_that_throws_harms_nobody()
    {
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, onProblem: _ => throw new InvalidOperationException("of the product"));
        Assert.False(client.Observe("d", new { }));
        Assert.True(client.Observe("d", new { a = 1 }));
        looper.Answers = c => Answer.Items(c, _ => 422);
        Assert.True(client.Observe("d", new { a = 2 }));
        Assert.True(await client.DeliversAsync());
    }

    [Fact]
    public async Task A_closed_client_takes_nothing_and_counts_it()
    {
        await using var looper = new FaultyLooper();
        var client = Clients.Of(looper.Url, flushEvery: TimeSpan.FromHours(1));
        Assert.True(client.Observe("d", new { a = 1 }));
        Assert.True(await client.CloseAsync());
        Assert.False(client.Observe("d", new { a = 2 }));
        Assert.Equal(new LooperCounters(1, 1, 0, new(0, 0, 0, 0, 1)), client.Counters);
        Assert.True(await client.CloseAsync());
    }
}
