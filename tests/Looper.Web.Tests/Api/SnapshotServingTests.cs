using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api;

public sealed class SnapshotServingTests
{
    private const string Call = """{"decisionPoint":"banner","unit":"user-7","decisionId":"d-7"}""";

    [Fact]
    public async Task R8_a_poisoned_version_in_the_tables_costs_its_own_point_only()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("healthy", ServedApp.Banner);
        var client = await app.WithKeyAsync();
        var before = (await client.OkAsync("/v1/decisions", """{"decisionPoint":"healthy","unit":"u","decisionId":"h-1"}"""))["decision"]!.GetValue<string>();
        await app.ForceAsync("readable", BlueprintJson.Write(ServedApp.Banner with { Policy = new FixedPolicy("nowhere") }));
        await app.ForceAsync("unreadable", "{\"shape\":");
        var readable = await client.OkAsync("/v1/decisions", """{"decisionPoint":"readable","unit":"u"}""");
        Assert.Equal(("none", "default-error", true), (readable["decision"]!.GetValue<string>(), readable["reason"]!.GetValue<string>(), readable["isDefault"]!.GetValue<bool>()));
        Assert.Null(readable["recorded"]);
        var unreadable = await client.OkAsync("/v1/decisions", """{"decisionPoint":"unreadable","unit":"u"}""");
        Assert.Equal(("default-error", false), (unreadable["reason"]!.GetValue<string>(), unreadable["recorded"]!.GetValue<bool>()));
        Assert.Null(unreadable["decision"]);
        var batch = await client.OkAsync("/v1/decisions/batch", """{"items":[{"decisionPoint":"unreadable","unit":"u"},{"decisionPoint":"healthy","unit":"u","decisionId":"h-1"}]}""");
        Assert.Equal(before, batch["items"]![1]!["result"]!["decision"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"arms":[null]}""", null)]
    [InlineData("{", null)]
    [InlineData("""{"arms":[{"key":"a","weight":0.5},{"key":"b","weight":0.5}],"blueprintVersion":1}""", "{")]
    public async Task R8_a_poisoned_experiment_in_the_tables_costs_its_own_point_only(string plan, string? testers)
    {
        await using var app = new LooperApp();
        await app.PublishAsync("healthy", ServedApp.Banner);
        var point = await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync();
        await using (var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new Experiment { Id = app.Get<Ids>().Next(), Key = "poison", DecisionPointId = point, State = ExperimentState.Running, Plan = plan, Testers = testers });
            await db.SaveChangesAsync();
        }
        Assert.True(await app.Get<SnapshotRefresher>().RefreshAsync(default));
        Assert.Equal("default-error", (await client.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u"}"""))["reason"]!.GetValue<string>());
        Assert.Equal("explore", (await client.OkAsync("/v1/decisions", """{"decisionPoint":"healthy","unit":"u"}"""))["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task R5_a_node_that_cannot_read_its_database_starts_from_the_last_snapshot_and_says_stale()
    {
        await using var app = new LooperApp(new() { ["Looper:Serving:PollEvery"] = "00:30:00" }); // the next look would replace it
        await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync();
        await app.Get<SnapshotRefresher>().Settled.WaitAsync(TimeSpan.FromSeconds(20)); // or a change that was announced before is served afterwards
        var fresh = ServingSnapshot.Compile((await app.Get<SnapshotBuilder>().ReadAsync(default)));
        var loaded = app.Get<SnapshotFiles>().Load();
        Assert.Empty(loaded.Rejected);
        var stale = ServingSnapshot.Compile(loaded.Source!, isStale: true);
        app.Get<DecisionEngine>().Publish(stale);
        var answer = await client.OkAsync("/v1/decisions", Call);
        Assert.Equal("stale", answer["reason"]!.GetValue<string>());
        var unit = "user-7"u8;
        var live = DecisionEngine.Decide(fresh, fresh.Find("banner")!, new(unit, "d-7"u8, default), new());
        Assert.Equal(ServedApp.Banner.Options[live.Answer.Option].Key, answer["decision"]!.GetValue<string>());
    }

    [Fact]
    public async Task R6_a_snapshot_cut_short_is_set_aside_at_start_and_the_one_before_serves()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner);
        await app.PublishAsync("banner", ServedApp.Banner with { Policy = new FixedPolicy("ten-percent") });
        var folder = Path.Combine(app.DataDirectory, "snapshots");
        var newest = Directory.EnumerateFiles(folder, "*.bin").Order().Last();
        await File.WriteAllBytesAsync(newest, (await File.ReadAllBytesAsync(newest))[..100]);
        var loaded = app.Get<SnapshotFiles>().Load();
        Assert.Equal(newest, Assert.Single(loaded.Rejected).File);
        Assert.True(File.Exists(newest + ".bad"));
        Assert.Equal(1, Assert.Single(loaded.Source!.Points).CurrentVersion);
    }

    [Fact]
    public async Task A_change_that_was_announced_serves_without_waiting_for_the_next_look()
    {
        await using var app = new LooperApp(new() { ["Looper:Serving:PollEvery"] = "00:30:00" });
        var client = await app.WithKeyAsync();
        await app.PublishAsync("banner", ServedApp.Banner);
        await app.ChangeAsync("banner", p => p.IsPaused = true, refresh: false);
        app.Get<ChangeFeed>().Announce(ChangeKind.DecisionPoint, Guid.Empty);
        await app.Get<SnapshotRefresher>().Settled.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("default-paused", (await client.OkAsync("/v1/decisions", Call))["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_change_to_one_decision_point_leaves_the_others_as_they_were_compiled()
    {
        await using var app = new LooperApp();
        await app.PublishAsync("one", ServedApp.Banner);
        await app.PublishAsync("other", ServedApp.Banner);
        var before = app.Get<DecisionEngine>().Current;
        await app.ChangeAsync("other", p => p.IsPaused = true);
        var after = app.Get<DecisionEngine>().Current;
        Assert.Same(before.Find("one"), after.Find("one"));
        Assert.NotSame(before.Find("other"), after.Find("other"));
        Assert.True(after.Find("other")!.IsPaused);
        var loaded = app.Get<SnapshotFiles>().Load();
        Assert.Empty(loaded.Rejected);
        Assert.Equal([("one", false), ("other", true)], loaded.Source!.Points.Select(p => (p.Key, p.IsPaused)));
    }

    [Fact]
    public async Task A_start_takes_what_did_not_change_from_its_files_and_the_rest_from_the_database()
    {
        await using var app = new LooperApp();
        foreach (var key in new[] { "same", "changed" }) await app.PublishAsync(key, ServedApp.Banner);
        await using (var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var text = BlueprintJson.Write(ServedApp.Banner with { Durable = true }); // tells where a version was read
            await db.Set<Blueprint>().ExecuteUpdateAsync(b => b.SetProperty(x => x.Content, text));
        }
        await app.ChangeAsync("changed", p => p.IsPaused = true, refresh: false);
        var engine = new DecisionEngine();
        using var started = ActivatorUtilities.CreateInstance<SnapshotRefresher>(app.Get<IServiceProvider>(), engine);
        Assert.True(await started.RefreshAsync(default));
        Assert.Equal((false, false), (engine.Current.Find("same")!.Current!.Durable, engine.Current.Find("same")!.IsPaused));
        Assert.Equal((true, true), (engine.Current.Find("changed")!.Current!.Durable, engine.Current.Find("changed")!.IsPaused));
        Assert.Equal(2, app.Get<SnapshotFiles>().Load().Source!.Points.Length);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(app.DataDirectory, "snapshots", "points"))) await File.WriteAllTextAsync(file, "spoilt");
        using var again = ActivatorUtilities.CreateInstance<SnapshotRefresher>(app.Get<IServiceProvider>(), engine = new());
        Assert.True(await again.RefreshAsync(default));
        Assert.True(engine.Current.Find("same")!.Current!.Durable);
    }
}
