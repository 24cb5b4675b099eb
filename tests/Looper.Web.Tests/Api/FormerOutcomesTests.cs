using System.Net;
using Looper.Core;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Api;

/// <summary>What a new version does not ask for any more, decisions of the version before still wait for: each outcome here for a day.</summary>
public sealed class FormerOutcomesTests
{
    private const string Route = "/v1/observations", Revenue = """{"unit":"u","outcomes":{"revenue":3}}""";

    private static readonly BlueprintContent s_without = ServedApp.Banner with { Outcomes = [new("purchase", OutcomeKind.Boolean)] };

    [Theory, InlineData(-47, true), InlineData(-49, false)]
    public async Task An_outcome_that_was_taken_out_is_heard_until_its_last_window_is_over_and_a_day_longer(int hours, bool heard)
    {
        await using var app = new LooperApp();
        await app.PublishAsync("banner", ServedApp.Banner, Now(app).AddDays(-90));
        await app.PublishAsync("banner", s_without, Now(app).AddHours(hours));
        await app.PublishAsync("banner", s_without with { Default = "ten-percent" }, Now(app));
        using var client = await app.WithKeyAsync();
        if (heard) Assert.Equal(1, (await client.OkAsync(Route, Revenue))["accepted"]!.GetValue<int>());
        else await Problem.IsAsync(await client.SendAsync(Route, Revenue), HttpStatusCode.UnprocessableEntity, "outcome.unknown");
    }

    [Fact]
    public async Task A_version_that_was_an_arm_is_heard_from_its_end_on()
    {
        await using var app = new LooperApp();
        var point = await app.PublishAsync("banner", ServedApp.Banner, Now(app).AddDays(-90));
        await app.PublishAsync("banner", s_without, Now(app).AddDays(-60));
        using var client = await app.WithKeyAsync();
        await Problem.IsAsync(await client.SendAsync(Route, Revenue), HttpStatusCode.UnprocessableEntity, "outcome.unknown");
        var plan = new ExperimentPlan { Arms = [new("now", 0.5), new("before", 0.5) { BlueprintVersion = 1 }] };
        await using (var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new Experiment
            {
                Id = app.Get<Ids>().Next(), Key = "back", DecisionPointId = point, State = ExperimentState.Stopped, Plan = ExperimentJson.Write(plan),
                StartedAt = Now(app).AddDays(-20), StoppedAt = Now(app).AddHours(-1),
            });
            await db.SaveChangesAsync();
        }
        Assert.True(await app.Get<SnapshotRefresher>().RefreshAsync(default));
        Assert.Equal(1, (await client.OkAsync(Route, Revenue))["accepted"]!.GetValue<int>());
    }

    private static DateTimeOffset Now(LooperApp app) => app.Get<TimeProvider>().GetUtcNow();
}
