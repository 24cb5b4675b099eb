using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Simulation;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Models;

/// <summary>Alerts about what is not looked at any more end.</summary>
public sealed class UnwatchedAlertsTests
{
    private const string Profile = """{"features":[{"name":"country","edges":[],"levels":["NL","DE","FR"],"counts":[400,400,400,0,0]}],"outcome":null}""";

    [Fact] // the advice was followed: the live model does not read the feature any more; the goal is another; nothing is live; the point is put away
    public async Task An_alert_that_nothing_could_answer_is_cleared()
    {
        await using var looper = new LooperApp();
        Guid[] points = [await looper.PublishAsync("banner", LiveModels.Banner), await looper.PublishAsync("bare", LiveModels.Banner), await looper.PublishAsync("away", LiveModels.Banner)];
        await looper.AddModelAsync(points[0], 1, ModelState.Live, profile: Profile);
        await looper.ChangeAsync("away", p => p.IsArchived = true);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.AddRange(
            Alert(points[0], "drift.feature", "country"), Alert(points[0], "drift.feature", "cartValue"), Alert(points[0], "drift.outcome", "purchase"), Alert(points[0], "model.calibration", "refund"),
            Alert(points[1], "drift.missing", "country"), Alert(points[2], "drift.feature", "country"), Alert(points[1], UnreadableModels.Condition, "purchase"));
        await db.SaveChangesAsync();

        await looper.Get<DriftCheck>().CheckAsync(default);

        var active = await db.Set<Alert>().AsNoTracking().Where(a => a.ClearedAt == null).ToListAsync();
        Assert.Equal( // with too little data nothing is answered; what cannot be read has a look of its own
            [(points[0], "drift.feature", "country"), (points[0], "drift.outcome", "purchase"), (points[1], UnreadableModels.Condition, "purchase")],
            active.Select(a => (a.DecisionPointId, a.Condition, a.Subject)).Order());
        Assert.Equal(4, await db.Set<AuditEntry>().CountAsync(e => e.Action == "alert.cleared"));

        Alert Alert(Guid point, string condition, string subject) =>
            new() { Id = looper.Get<Core.Ids>().Next(), DecisionPointId = point, Condition = condition, Subject = subject, ModelNumber = 1, Sentence = "Something is off.", FiredAt = DateTimeOffset.UnixEpoch, SeenAt = DateTimeOffset.UnixEpoch };
    }

    [Fact] // with too little data of the new one; another outcome's model is still live
    public async Task An_alert_of_a_model_that_has_been_replaced_is_cleared()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", LiveModels.Banner with { Outcomes = [.. LiveModels.Banner.Outcomes, new("refund", OutcomeKind.Boolean) { Absent = null }] });
        await looper.AddModelAsync(point, 2, ModelState.Live, profile: Profile);
        await looper.AddModelAsync(point, 3, ModelState.Live, profile: Profile);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Entry(await db.Set<Model>().SingleAsync(m => m.Number == 3)).Property(m => m.Outcome).CurrentValue = "refund";
        db.AddRange(Alert(1, "drift.feature", "country"), Alert(1, "drift.outcome", "purchase"), Alert(1, "model.calibration", "purchase"), Alert(3, "drift.missing", "country"), Alert(3, "drift.outcome", "refund"));
        await db.SaveChangesAsync();
        var heard = new List<Core.Change>();
        using var subscription = looper.Get<Core.ChangeFeed>().Subscribe(heard.Add);

        await looper.Get<DriftCheck>().CheckAsync(default);

        Assert.Contains(new Core.Change(Core.ChangeKind.DecisionPoint, point), heard); // open pages show it no longer
        Assert.Equal(
            [("drift.missing", "country"), ("drift.outcome", "refund")],
            (await db.Set<Alert>().AsNoTracking().Where(a => a.ClearedAt == null).ToListAsync()).Select(a => (a.Condition, a.Subject)).Order());

        Alert Alert(int number, string condition, string subject) =>
            new() { Id = looper.Get<Core.Ids>().Next(), DecisionPointId = point, Condition = condition, Subject = subject, ModelNumber = number, Sentence = "Something is off.", FiredAt = DateTimeOffset.UnixEpoch, SeenAt = DateTimeOffset.UnixEpoch };
    }

    [Fact]
    public async Task A_point_that_cannot_be_looked_at_keeps_nobody_from_looking_at_the_others()
    {
        await using var looper = new LooperApp();
        Guid[] points = [await looper.PublishAsync("a", LiveModels.Banner), await looper.PublishAsync("b", LiveModels.Banner), await looper.PublishAsync("c", LiveModels.Banner)];
        await looper.AddModelAsync(points[1], 1, ModelState.Live, profile: "{");
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        foreach (var point in points)
            db.Add(new Alert { Id = looper.Get<Core.Ids>().Next(), DecisionPointId = point, Condition = "drift.missing", Subject = "country", Sentence = "Off.", FiredAt = DateTimeOffset.UnixEpoch, SeenAt = DateTimeOffset.UnixEpoch });
        await db.SaveChangesAsync();
        var fault = await Assert.ThrowsAsync<AggregateException>(() => looper.Get<DriftCheck>().CheckAsync(default));
        Assert.StartsWith("1 of 3 decision points", fault.Message, StringComparison.Ordinal);
        Assert.Equal([points[1]], await db.Set<Alert>().AsNoTracking().Where(a => a.ClearedAt == null).Select(a => a.DecisionPointId).ToListAsync());
    }

    [Fact]
    public async Task A_version_that_cannot_be_read_is_told_until_one_can_be()
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("shop", LiveModels.Banner);
        var point = await looper.ForceAsync("shop", "{\"shape\":");
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Add(new Alert { Id = looper.Get<Core.Ids>().Next(), DecisionPointId = point, Condition = "drift.missing", Subject = "country", Sentence = "Off.", FiredAt = DateTimeOffset.UnixEpoch, SeenAt = DateTimeOffset.UnixEpoch });
        await db.SaveChangesAsync();
        Task<List<Alert>> ActiveAsync() => db.Set<Alert>().AsNoTracking().Where(a => a.ClearedAt == null && a.DecisionPointId == point).OrderBy(a => a.Condition).ToListAsync();

        Assert.Equal(1, await looper.Get<DriftCheck>().CheckAsync(default));
        Assert.Equal(0, await looper.Get<DriftCheck>().CheckAsync(default)); // told once
        var active = await ActiveAsync();
        Assert.Equal([("drift.missing", "country"), (DriftCheck.UnreadableVersion, "version 2")], active.Select(a => (a.Condition, a.Subject))); // nobody looked at the other
        Assert.Equal(AlertWeight.Urgent, active[1].Weight);
        Assert.StartsWith("Version 2 of `shop` cannot be read", active[1].Sentence, StringComparison.Ordinal);

        await looper.ForceAsync("shop", "{");
        Assert.Equal(1, await looper.Get<DriftCheck>().CheckAsync(default));
        Assert.Equal("version 3", (await ActiveAsync())[1].Subject);
        await looper.PublishAsync("shop", LiveModels.Banner);
        Assert.Equal(0, await looper.Get<DriftCheck>().CheckAsync(default));
        Assert.Empty(await ActiveAsync());
    }

    [Fact]
    public async Task What_the_simulator_made_goes_with_everything_that_hangs_on_it()
    {
        await using var looper = new LooperApp();
        var (simulated, real) = (await looper.PublishAsync("banner", LiveModels.Banner), await looper.PublishAsync("mine", LiveModels.Banner));
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Entry(await db.Set<DecisionPoint>().SingleAsync(p => p.Id == simulated)).Property(p => p.IsSimulated).CurrentValue = true;
            foreach (var point in new[] { simulated, real })
            {
                var id = looper.Get<Core.Ids>().Next();
                db.Add(new Alert { Id = id, DecisionPointId = point, Condition = "drift.feature", Subject = "country", Sentence = "Off.", FiredAt = DateTimeOffset.UnixEpoch, SeenAt = DateTimeOffset.UnixEpoch });
                db.Add(new LearnedBandit { Id = id, DecisionPointId = point });
                db.Add(new GateDecision { Id = id, DecisionPointId = point, Outcome = "purchase", ModelNumber = 1, At = DateTimeOffset.UnixEpoch, DecidedBy = "rule" });
            }
            await db.SaveChangesAsync();
        }
        Assert.Equal(1, (await looper.Get<SimulationActions>().RemoveAsync(Caller.System, default)).Value!.DecisionPoints);

        await using var left = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Equal([real], await left.Set<Alert>().Select(a => a.DecisionPointId).ToListAsync());
        Assert.Equal([real], await left.Set<LearnedBandit>().Select(a => a.DecisionPointId).ToListAsync());
        Assert.Equal([real], await left.Set<GateDecision>().Select(a => a.DecisionPointId).ToListAsync());
    }
}
