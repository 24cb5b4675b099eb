using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Web.Hosting;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Api.InProcess;

/// <summary>What was cleared or erased does not come back with an app that was away.</summary>
public sealed class GoneDecisionsTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly TestClock _clock = new();

    private LooperApp App() => new(services: s => s.AddSingleton<TimeProvider>(_clock), recurs: false);

    private JsonObject Made(string id, string unit, TimeSpan ago = default, string point = "banner") => new()
    {
        ["decisionPoint"] = point, ["decisionId"] = id, ["unit"] = unit, ["time"] = (_clock.GetUtcNow() - ago).ToString("O"),
        ["blueprintVersion"] = 1, ["decision"] = "none", ["propensity"] = 0.25, ["reason"] = "policy",
    };

    private static async Task<List<string>> StoredAsync(LooperApp app, Guid point) =>
        [.. (await app.Get<EventReader>().DecisionsAsync(new(point), null, 100, default)).Items.Select(d => d.Id).Order()];

    [Fact]
    public async Task What_was_decided_before_its_decision_point_was_cleared_is_refused_for_good_and_what_came_later_is_taken()
    {
        await using var app = App();
        var banner = await app.PublishAsync("banner", ServedApp.Banner);
        var other = await app.PublishAsync("other", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.TakesAsync(client, Made("d-1", "u-1"));
        using (var admin = await app.SignedInAsync()) await admin.OkAsync("/api/decision-points/banner/clear", """{"confirm":"banner"}""");
        var problem = await AppAside.RefusesAsync(client, Made("late", "u-1", s_hour), 422, "decision.cleared", "time");
        Assert.Equal("time: this was decided before the data of 'banner' were cleared at 2026-11-22T12:00:00Z. Nothing was stored. Drop this decision: what was cleared stays cleared.", (string?)problem["detail"]);
        await AppAside.RefusesAsync(client, Made("d-1", "u-1"), 422, "decision.cleared", "time"); // whose answer got lost
        await AppAside.TakesAsync(client, Made("elsewhere", "u-1", s_hour, "other"));
        _clock.Turn(s_hour);
        await AppAside.TakesAsync(client, Made("after", "u-1", s_hour / 2));
        await app.RestartAsync();
        using var later = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.RefusesAsync(later, Made("late", "u-1", s_hour * 2), 422, "decision.cleared", "time");
        await AppAside.TakesAsync(later, Made("after-2", "u-1"));
        Assert.Equal(["after", "after-2"], await StoredAsync(app, banner));
        Assert.Equal(["elsewhere"], await StoredAsync(app, other));
    }

    [Fact]
    public async Task What_was_decided_for_a_unit_before_it_was_erased_is_refused_for_good_and_it_may_come_back_itself()
    {
        await using var app = App();
        var banner = await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.TakesAsync(client, Made("d-1", "anna"));
        using (var admin = await app.SignedInAsync()) await admin.OkAsync("/api/erasures", """{"unit":"anna","confirm":"anna"}""");
        var problem = await AppAside.RefusesAsync(client, Made("late", "anna", s_hour), 422, "decision.erased", "unit");
        Assert.Equal("unit: this was decided before the unit was erased at 2026-11-22T12:00:00Z. Nothing was stored. Drop this decision: what was erased stays erased.", (string?)problem["detail"]);
        await AppAside.RefusesAsync(client, Made("d-1", "anna"), 422, "decision.erased", "unit");
        await AppAside.TakesAsync(client, Made("of-ben", "ben", s_hour));
        _clock.Turn(s_hour);
        await AppAside.TakesAsync(client, Made("after", "anna", s_hour / 2));
        await app.RestartAsync();
        using var later = await app.WithKeyAsync(KeyScopes.Decide);
        await AppAside.RefusesAsync(later, Made("late", "anna", s_hour * 2), 422, "decision.erased", "unit");
        await AppAside.TakesAsync(later, Made("after-2", "anna"));
        Assert.Equal(["after", "after-2", "of-ben"], await StoredAsync(app, banner));
    }

    [Fact]
    public async Task What_another_node_cleared_is_known_with_the_next_look()
    {
        await using var app = App();
        await app.PublishAsync("banner", ServedApp.Banner);
        using var client = await app.WithKeyAsync(KeyScopes.Decide);
        await using (var db = await app.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            // ended ten minutes after it had been asked for
            db.Add(AuditEntry.Of(Caller.System, "decision-point.cleared", "banner", _clock.GetUtcNow(), before: new { asked = _clock.GetUtcNow() - (s_hour / 6) }));
            await db.SaveChangesAsync();
        }
        await app.Get<SnapshotRefresher>().RefreshAsync(default);
        await AppAside.RefusesAsync(client, Made("late", "u-1", s_hour / 6), 422, "decision.cleared", "time");
        await AppAside.TakesAsync(client, Made("meanwhile", "u-1", s_hour / 12));
    }
}
