using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Models;

/// <summary>Alerts about what is reported, trained and guarded: from the journal and the tables to what is active, and back.</summary>
public sealed class AlertConditionsTests
{
    private static readonly BlueprintContent Banner = LiveModels.Banner with
    {
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }],
        Training = new() { FirstModelAt = 0, RetrainEvery = TimeSpan.FromHours(1) },
    };

    [Fact]
    public async Task An_outcome_that_is_not_reported_any_more_is_told_until_it_is()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", Banner);
        var now = looper.Get<TimeProvider>().GetUtcNow();
        for (var ago = 1; ago <= 14; ago++)
        {
            var time = now.AddDays(-ago).AddHours(-2);
            await DecideAsync(looper, point, $"d{ago}", 60, time);
            await ObserveAsync(looper, $"d{ago}", 30, time, time.AddSeconds(10));
        }
        await DecideAsync(looper, point, "now", 250, now.AddHours(-2));
        Assert.Equal([("join.low", "purchase")], await ActiveAsync(looper));
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var alert = await db.Set<Alert>().SingleAsync();
            Assert.Equal((0.0, null, AlertWeight.Urgent), (alert.Value, alert.ModelNumber, alert.Weight));
            Assert.Equal(0, await db.Set<JobRun>().CountAsync(r => r.Kind == JobKinds.TrainModel)); // no training would mend it
        }
        await ObserveAsync(looper, "now", 120, now.AddHours(-2), now);
        for (var ago = 1; ago <= 14; ago++) await ObserveAsync(looper, $"d{ago}", 60, now.AddDays(-ago).AddHours(-2), now); // what comes long after is not held against the last day
        Assert.Empty(await ActiveAsync(looper));
    }

    [Fact] // an outage of three days is none of what is usual, and the next one is told again
    public async Task An_outage_is_told_to_its_end_and_hides_no_other()
    {
        var clock = new TestClock();
        await using var looper = new LooperApp(services: s => s.AddSingleton<TimeProvider>(clock), recurs: false);
        var point = await looper.PublishAsync("banner", Banner);
        async Task DayAsync(int day, int reported)
        {
            var time = clock.GetUtcNow().AddHours(-2);
            await DecideAsync(looper, point, $"d{day}", 250, time);
            if (reported > 0) await ObserveAsync(looper, $"d{day}", reported, time, time.AddSeconds(10));
        }
        for (var day = 0; day < 15; day++)
        {
            await DayAsync(day, 125);
            if (day < 14) clock.Turn(TimeSpan.FromDays(1));
        }
        Assert.Empty(await ActiveAsync(looper));
        for (var day = 15; day < 22; day++)
        {
            clock.Turn(TimeSpan.FromDays(1));
            await DayAsync(day, day is 18 or 19 ? 125 : 0);
            Assert.Equal(day is 18 or 19 ? [] : [("join.low", "purchase")], await ActiveAsync(looper));
        }
    }

    [Fact]
    public async Task A_model_for_which_none_is_trained_is_told_until_none_is_due()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", Banner);
        var now = looper.Get<TimeProvider>().GetUtcNow();
        await AddModelAsync(looper, point, 1, ModelState.Live, now.AddHours(-50));
        await AddModelAsync(looper, point, 2, ModelState.Candidate, now.AddHours(-2)); // the gate has refused it, and yet models are made
        await DecideAsync(looper, point, "new", 3, now.AddMinutes(-30));
        Assert.Empty(await ActiveAsync(looper));
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Remove(await db.Set<Model>().SingleAsync(m => m.Number == 2));
            await db.SaveChangesAsync();
        }
        Assert.Equal([("model.stale", "purchase")], await ActiveAsync(looper));
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
            Assert.StartsWith("No model of `purchase` has been trained for 2 days, though one is due every hour and 3 decisions are new.", (await db.Set<Alert>().SingleAsync(a => a.Condition == "model.stale")).Sentence, StringComparison.Ordinal);
        await looper.PublishAsync("banner", Banner with { Training = Banner.Training with { RetrainEvery = null } });
        Assert.Empty(await ActiveAsync(looper));
    }

    [Fact]
    public async Task A_model_that_has_nothing_new_to_learn_is_not_stale()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", Banner);
        await AddModelAsync(looper, point, 1, ModelState.Live, looper.Get<TimeProvider>().GetUtcNow().AddHours(-50));
        Assert.Empty(await ActiveAsync(looper));
    }

    [Fact] // the last decisions of an app that is gone: a training has read them, and nothing came of them
    public async Task What_was_read_to_no_avail_is_not_new()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", Banner with { Outcomes = [Banner.Outcomes[0] with { Absent = null }] });
        var trained = looper.Get<TimeProvider>().GetUtcNow().AddHours(-50);
        await AddModelAsync(looper, point, 1, ModelState.Live, trained);
        await DecideAsync(looper, point, "silent", 3, trained.AddHours(1));
        Assert.Equal([("model.stale", "purchase")], await ActiveAsync(looper));
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Entry(await db.Set<Model>().SingleAsync()).Property(m => m.Settings).CurrentValue = $$"""{"why":"schedule","readAt":"{{trained.AddHours(2):O}}"}""";
            await db.SaveChangesAsync();
        }
        Assert.Empty(await ActiveAsync(looper));
    }

    [Fact]
    public async Task A_guardrail_that_an_experiment_harms_is_told_until_it_ends()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, client);
        var point = await pages.PointAsync("guarded");
        var id = await pages.RunningAsync("guarded");
        for (var i = 0; i < 400; i++)
            await pages.UnitAsync(point, id, $"u{i}", i % 2, TimeSpan.FromMinutes(2 * (402 - i)), ("purchase", i / 2 % 2), ("revenue", (i % 2 == 0 ? 20 : 5) + (i % 7)));
        Assert.Empty(await ActiveAsync(looper)); // no report says so yet
        await pages.ReportAsync(id);
        Assert.Equal([("guardrail.harmed", "revenue in guarded-q4")], await ActiveAsync(looper));
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
            Assert.Contains("arm `treatment` harms the guardrail `revenue` (−", (await db.Set<Alert>().SingleAsync()).Sentence, StringComparison.Ordinal);
        using var stopped = await client.PostAsJsonAsync($"/api/experiments/{id}/stop", new { conclusion = "lost" });
        Assert.True(stopped.IsSuccessStatusCode, await stopped.Content.ReadAsStringAsync());
        Assert.Empty(await ActiveAsync(looper));
    }

    private static async Task<List<(string, string)>> ActiveAsync(LooperApp looper)
    {
        await looper.Get<DriftCheck>().CheckAsync(default);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return [.. (await db.Set<Alert>().AsNoTracking().Where(a => a.ClearedAt == null && a.Condition != UnreadableModels.Condition).ToListAsync()).Select(a => (a.Condition, a.Subject))];
    }

    private static async Task AddModelAsync(LooperApp looper, Guid point, int number, ModelState state, DateTimeOffset trained)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Add(new Model
        {
            Id = looper.Get<Core.Ids>().Next(), DecisionPointId = point, Number = number, Outcome = "purchase", State = state, BlueprintVersion = 1, Family = "trees", TrainedAt = trained, DataFrom = trained, DataUntil = trained, Profile = "{}",
        });
        await db.SaveChangesAsync();
    }

    private static async Task DecideAsync(LooperApp looper, Guid point, string id, int count, DateTimeOffset time) => await looper.Get<Journal>().AppendAsync(
        [.. Enumerable.Range(0, count).Select(i => new DecisionRecord
        {
            Id = $"{id}-{i}", DecisionPointId = point, Unit = $"{id}-{i}", Time = time, BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = Reason.Policy, Served = Array.Empty<byte>(),
        })], false, default);

    private static async Task ObserveAsync(LooperApp looper, string id, int count, DateTimeOffset time, DateTimeOffset received) => await looper.Get<Journal>().AppendAsync(
        [.. Enumerable.Range(0, count).Select(i => new[] { new ObservationRecord { Id = $"{id}-{i}", DecisionId = $"{id}-{i}", Outcome = "purchase", Value = 1, Time = time, ReceivedAt = received, RequestHash = 1 } })], default);
}
