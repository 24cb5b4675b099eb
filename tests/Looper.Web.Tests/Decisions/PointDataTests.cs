using System.Text;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Serving;
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
            return before?.Invoke(order) ?? (() => { });
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

    private static async Task DecideAsync(LooperApp looper, Guid point, string id, int count)
    {
        var now = looper.Get<TimeProvider>().GetUtcNow();
        for (var i = 0; i < count; i++)
        {
            await looper.Get<Journal>().AppendAsync(new DecisionRecord
            {
                Id = $"{id}-{i}", DecisionPointId = point, Unit = $"{id}-{i}", Time = now, BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = Reason.Policy, Served = Array.Empty<byte>(),
            }, false, default);
        }
    }

    private static async Task ObserveAsync(LooperApp looper, string outcome, int count, string? decision)
    {
        var now = looper.Get<TimeProvider>().GetUtcNow();
        await looper.Get<Journal>().AppendAsync(
            [.. Enumerable.Range(0, count).Select(i => new ObservationRecord
            {
                Id = $"{outcome}-{decision}-{i}", DecisionId = decision, Unit = decision is null ? $"reader-{i}" : null, Outcome = outcome, Value = 1, Time = now, ReceivedAt = now, RequestHash = (ulong)i + 1,
            })], default);
    }
}
