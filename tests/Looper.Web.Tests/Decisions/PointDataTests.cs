using System.Text;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Decisions;

/// <summary>What is logged of a decision point: shown, brought in, and cleared.</summary>
public sealed class PointDataTests
{
    [Fact]
    public async Task Observations_of_one_are_found_behind_any_number_of_another()
    {
        await using var looper = new LooperApp();
        var banner = ServedApp.Banner;
        await looper.PublishAsync("feed", banner with { Outcomes = [new("read", Core.Blueprints.OutcomeKind.Boolean)], Goal = new() { Terms = [new("read")] } });
        var checkout = await looper.PublishAsync("checkout", banner);
        await DecideAsync(looper, checkout, "bought", 1);
        await ObserveAsync(looper, "purchase", 10, "bought-0");
        var other = await looper.PublishAsync("elsewhere", banner);
        await DecideAsync(looper, other, "other", 1);
        await ObserveAsync(looper, "purchase", 250, "other-0"); // an outcome of the same name
        await ObserveAsync(looper, "read", 1_000, null);
        var page = await looper.Get<PointEventQueries>().ObservationsAsync(Caller.System, "checkout", null, null, 100, default);
        Assert.Equal(10, page.Value!.Items.Count);
        var ofRead = await looper.Get<PointEventQueries>().ObservationsAsync(Caller.System, "checkout", "read", null, 100, default);
        Assert.Empty(ofRead.Value!.Items);
    }

    [Fact] // an index means another option in each version
    public async Task Options_go_by_their_name_in_the_version_that_decided()
    {
        await using var looper = new LooperApp();
        var banner = ServedApp.Banner with { Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }] };
        var point = await looper.PublishAsync("checkout", banner with { Options = [new("none"), new("red"), new("blue")] });
        await looper.PublishAsync("checkout", banner with { Options = [new("blue"), new("none")] });
        var old = looper.Get<TimeProvider>().GetUtcNow().AddMinutes(-2);
        await DecideAsync(looper, point, "red", 40, old, version: 1, option: 1);
        await DecideAsync(looper, point, "blue", 30, old, version: 1, option: 2);
        await DecideAsync(looper, point, "none", 30, old, version: 2, option: 1);
        await ObserveAsync(looper, "purchase", 1, "red-1");
        PointOverview? view = null;
        await Eventually.IsTrueAsync(async () => (view = await looper.Get<OverviewQueries>().FindAsync(Caller.System, "checkout", TimeSpan.FromDays(1), default))?.DecisionsInRange == 100);
        Assert.Equal([("blue", 30L), ("none", 30), ("red", 40)], view!.Options.Select(o => (o.Option, o.Decisions)));
        Assert.Equal([("blue", 30L), ("none", 30), ("red", 40)], view.Outcomes[0].ByOption.Select(o => (o.Option, o.Decisions)));
        foreach (var (option, count) in new[] { ("red", 40), ("blue", 30), ("none", 30) })
        {
            var rows = (await looper.Get<PointEventQueries>().DecisionsAsync(Caller.System, "checkout", new() { Option = option }, null, 100, default)).Value!.Items;
            Assert.Equal((count, true), (rows.Count, rows.All(r => r.Decision == option)));
        }
    }

    [Fact] // what came since does not hide the decisions whose window is over, nor do those that never waited for the outcome count as not joined
    public async Task The_join_rate_is_that_of_closed_windows_of_versions_that_waited()
    {
        await using var looper = new LooperApp();
        var banner = ServedApp.Banner with { Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(30) }] };
        var point = await looper.PublishAsync("checkout", banner with { Outcomes = [new("visit", OutcomeKind.Boolean)], Goal = new() { Terms = [new("visit")] } });
        await looper.PublishAsync("checkout", banner);
        var now = looper.Get<TimeProvider>().GetUtcNow();
        await DecideAsync(looper, point, "before", 70, now.AddDays(-31), version: 1);
        await DecideAsync(looper, point, "closed", 60, now.AddDays(-31), version: 2);
        await DecideAsync(looper, point, "open", 20_001, now, version: 2);
        await ObserveAsync(looper, "purchase", 1, "closed-1", now.AddDays(-31));
        var view = (await looper.Get<OverviewQueries>().FindAsync(Caller.System, "checkout", TimeSpan.FromDays(1), default))!;
        var purchase = Assert.Single(view.Outcomes);
        Assert.Equal((60, 1, 20_001L, 1.0 / 60), (purchase.Closed, purchase.Joined, purchase.Open, purchase.JoinRate));
        Assert.EndsWith("joined", view.Loop.Single(s => s.Name == "Join").Number, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clearing_is_asked_for_by_what_is_there()
    {
        await using var looper = new LooperApp(recurs: false);
        var point = await looper.PublishAsync("checkout", ServedApp.Banner);
        var now = looper.Get<TimeProvider>().GetUtcNow();
        await DecideAsync(looper, point, "old", 50, now.AddDays(-40));
        await DecideAsync(looper, point, "new", 10, now.AddDays(-1));
        await looper.Get<Journal>().PurgeAsync(new(new Dictionary<Guid, DateTimeOffset>(), now.AddDays(-30)), default);
        Assert.Equal(10, await looper.Get<ClearActions>().CountAsync(point, default));
    }

    [Fact] // a guardrail that takes a month keeps nobody from learning the goal
    public async Task The_count_to_the_first_model_is_that_of_the_training_that_it_waits_for()
    {
        await using var looper = new LooperApp(recurs: false);
        var banner = ServedApp.Banner with
        {
            Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }, new("refund", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(30) }],
            Goal = new() { Terms = [new("purchase")], Guardrails = [new("refund", 0.1)] }, Training = new() { FirstModelAt = 60 },
        };
        var point = await looper.PublishAsync("checkout", banner);
        async Task<(long? Count, string Train)> LookAsync() =>
            (await looper.Get<OverviewQueries>().FindAsync(Caller.System, "checkout", TimeSpan.FromDays(1), default))! is var view ? (view.ClosedExamples, view.Loop.Single(s => s.Name == "Train").Number) : default;
        await DecideAsync(looper, point, "d", 50, looper.Get<TimeProvider>().GetUtcNow().AddMinutes(-2));
        Assert.Equal((50, "50 of 60 examples"), await LookAsync());
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        Assert.Contains("50 of 60 closed examples", await viewer.GetStringAsync("/decision-points/checkout"), StringComparison.Ordinal);
        await DecideAsync(looper, point, "e", 50, looper.Get<TimeProvider>().GetUtcNow().AddMinutes(-2));
        Assert.Equal((60, "60 of 60 examples"), await LookAsync());
        Assert.DoesNotContain("closed examples", await viewer.GetStringAsync("/decision-points/checkout"), StringComparison.Ordinal); // there are enough
        await looper.PublishAsync("checkout", banner with { Training = banner.Training with { IsOn = false } });
        Assert.Equal((null, "no model"), await LookAsync());
    }

    [Fact] // what is absent from a decision that never waited for it is not the value when absent
    public async Task An_example_says_which_outcomes_its_decision_was_not_asked_for()
    {
        await using var looper = new LooperApp();
        var banner = ServedApp.Banner with { Outcomes = [new("visit", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }], Goal = new() { Terms = [new("visit")] } };
        var point = await looper.PublishAsync("checkout", banner);
        await looper.PublishAsync("checkout", banner with { Outcomes = [.. banner.Outcomes, new("refund", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 }] });
        var old = looper.Get<TimeProvider>().GetUtcNow().AddMinutes(-10);
        await DecideAsync(looper, point, "before", 1, old, version: 1);
        await DecideAsync(looper, point, "since", 1, old.AddMinutes(1), version: 2);
        var examples = (await looper.Get<PointEventQueries>().ExamplesAsync(Caller.System, "checkout", 10, default)).Value!;
        Assert.Equal(
            [("since-0", "visit", 0.0, "absent"), ("since-0", "refund", 0.0, "absent"), ("before-0", "visit", 0.0, "absent"), ("before-0", "refund", (double?)null, "not asked")],
            examples.SelectMany(e => e.Outcomes.Select(o => (e.DecisionId, o.Outcome, o.Value, o.State))));
    }

    [Fact]
    public async Task A_clearing_that_its_caller_stops_waiting_for_goes_to_its_end_and_is_in_the_audit()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("checkout", ServedApp.Banner);
        await DecideAsync(looper, point, "d", 50);
        using var gone = new CancellationTokenSource();
        var journal = looper.Get<Journal>();
        var before = journal.Removing;
        journal.Removing = order =>
        {
            gone.Cancel();
            return before?.Invoke(order) ?? (_ => { });
        };
        var cleared = await looper.Get<ClearActions>().ClearAsync(Caller.System, "checkout", "checkout", gone.Token);
        Assert.Equal(50, cleared.Value?.Decisions);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Equal(1, await db.Set<AuditEntry>().CountAsync(e => e.Action == "decision-point.cleared"));
    }

    [Fact]
    public async Task An_import_takes_and_refuses_what_a_call_does()
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("checkout", ServedApp.Banner);
        var (fits, tooLong) = (new string('u', 256), new string('u', 257));
        var csv = $"""
            user,when,shown,seconds
            {fits},2025-04-03,none,5
            {tooLong},2025-04-03,none,5
            ann,03/04/2025,none,5
            ben,13/04/2025,none,5
            cor,2025-04-03T10:00:00+02:00,none,-5
            dan,2025-04-03 10:00,none,0

            """;
        var imported = await looper.Get<Importer>().RunAsync(
            new() { DecisionPoint = "checkout", Option = "shown", Unit = "user", Time = "when" }, new MemoryStream(Encoding.UTF8.GetBytes(csv)), Guid.CreateVersion7(), "test", null, _ => { }, default);
        Assert.Null(imported.Refusal);
        Assert.Equal((2, 4), (imported.Value.Result.Stored, imported.Value.Result.Refused));
        var stored = await looper.Get<PointEventQueries>().DecisionsAsync(Caller.System, "checkout", new(), null, 100, default);
        Assert.Equal(2, stored.Value!.Items.Count);
    }

    [Fact]
    public async Task The_form_that_erases_a_unit_takes_every_name_that_may_be_stored()
    {
        await using var looper = new LooperApp();
        using var admin = await looper.SignedInAsync();
        var html = await admin.GetStringAsync("/settings/data");
        Assert.Contains($"maxlength=\"{Core.Decisions.Erasure.ErasureActions.MostUnit}\"", html, StringComparison.Ordinal);
        Assert.InRange(DecisionRecord.MostUnit, 1, Core.Decisions.Erasure.ErasureActions.MostUnit);
    }

    private static async Task DecideAsync(LooperApp looper, Guid point, string id, int count, DateTimeOffset? time = null, int version = 1, int option = 0)
    {
        var now = time ?? looper.Get<TimeProvider>().GetUtcNow();
        var records = Enumerable.Range(0, count).Select(i => new DecisionRecord
        {
            Id = $"{id}-{i}", DecisionPointId = point, Unit = $"{id}-{i}", Time = now, BlueprintVersion = version, Option = option, Propensity = 1, Reason = Reason.Policy, Served = Array.Empty<byte>(),
        });
        foreach (var some in records.Chunk(1_000)) await looper.Get<Journal>().AppendAsync(some, false, default);
    }

    private static async Task ObserveAsync(LooperApp looper, string outcome, int count, string? decision, DateTimeOffset? time = null)
    {
        var now = time ?? looper.Get<TimeProvider>().GetUtcNow();
        await looper.Get<Journal>().AppendAsync(
            [.. Enumerable.Range(0, count).Select(i => new ObservationRecord
            {
                Id = $"{outcome}-{decision}-{i}", DecisionId = decision, Unit = decision is null ? $"reader-{i}" : null, Outcome = outcome, Value = 1, Time = now, ReceivedAt = now, RequestHash = (ulong)i + 1,
            })], default);
    }
}
