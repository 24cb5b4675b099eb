using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

/// <summary>What changes while a batch is worked on begins with the next one.</summary>
public sealed class BatchSnapshotTests
{
    private const int Items = 20;

    // Looking back, so that the clock is read for every item: that is where the change comes.
    private static readonly BlueprintContent s_content = ServedApp.Banner with
    {
        Features = [new("spent", FeatureKind.Number) { Derived = new HistoryDerivation("revenue", HistoryAggregate.Sum, TimeSpan.FromHours(1)) }],
        Policy = new FixedPolicy("none"), Training = new() { IsOn = false }, Rollout = new() { Holdout = 0, Share = 1 },
    };

    [Fact]
    public async Task An_experiment_that_starts_in_the_middle_of_a_batch_decides_none_of_it_and_all_of_the_next()
    {
        var clock = new ChangingClock();
        await using var app = new LooperApp(services: s => s.AddSingleton<TimeProvider>(clock));
        await app.PublishAsync("banner", s_content);
        using var client = await app.WithKeyAsync();
        var engine = app.Get<DecisionEngine>();
        var before = engine.Current;
        await StartAsync(app);
        var started = engine.Current;
        Assert.NotSame(before, started);

        engine.Publish(before);
        clock.Change = reads => { if (reads == Items / 2) engine.Publish(started); };
        var during = await DecideAsync(client);
        clock.Change = null;
        Assert.Same(started, engine.Current);
        Assert.Equal(Enumerable.Repeat("policy", Items), during.Select(i => (string?)i!["result"]!["reason"]));
        Assert.Equal(Enumerable.Repeat("experiment", Items), (await DecideAsync(client)).Select(i => (string?)i!["result"]!["reason"]));
    }

    private static async Task<JsonArray> DecideAsync(HttpClient client) => (await client.OkAsync("/v1/decisions/batch",
        "{\"items\":[" + string.Join(',', Enumerable.Range(0, Items).Select(i => $$"""{"decisionPoint":"banner","unit":"u-{{i}}"}""")) + "]}"))["items"]!.AsArray();

    private static async Task StartAsync(LooperApp app)
    {
        using var engineer = await app.SignedInAsync();
        var arms = new[] { new { key = "a", weight = 0.5, option = "none" }, new { key = "b", weight = 0.5, option = "ten-percent" } };
        using var created = await engineer.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "trial", name = "Trial", plan = new { arms } });
        using var answer = await engineer.PostAsJsonAsync($"/api/experiments/{(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]}/start", new { reason = "agreed" });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        await app.Get<Journal>().Histories.Settled;
    }

    /// <summary>Stands, and tells how often the thread that reads it has read it: the one that works on a batch does so for every item, others now and then.</summary>
    private sealed class ChangingClock : TimeProvider
    {
        private readonly ThreadLocal<int> _reads = new();

        public Action<int>? Change { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            if (Change is { } change) change(++_reads.Value);
            return new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
        }
    }
}
