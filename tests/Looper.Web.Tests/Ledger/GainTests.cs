using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Ledger;
using Looper.Core.Numerics;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Ledger;

/// <summary>From logged decisions to what they have brought; over HTTP, on the real journal.</summary>
public sealed class GainTests
{
    private static readonly BlueprintContent s_banner = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] }, Rollout = new() { Holdout = 0.2 },
    };

    // Two decisions a unit: bought one time in five with b, one in ten by those held out, who get a.
    private static async Task LogAsync(LooperApp looper, DecisionPoint point, int units, DateTimeOffset from)
    {
        var (journal, random, stream) = (looper.Get<Journal>(), new Philox(7, "gain-log"), Assignment.Stream(point.Salt, "holdout"));
        var pending = new List<Task>();
        for (var i = 0; i < 2 * units; i++)
        {
            var (unit, at) = ($"u{i % units}", from.AddMilliseconds(i));
            var isHeldOut = Assignment.Uniform(stream, unit) < 0.2;
            pending.Add(journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point.Id, Unit = unit, Time = at, BlueprintVersion = 1, Option = isHeldOut ? 0 : 1, Propensity = 1, Reason = isHeldOut ? Reason.Holdout : Reason.Policy, Served = default,
            }, false, default).AsTask());
            if (random.Uniform() >= (isHeldOut ? 0.1 : 0.2)) continue;
            pending.Add(journal.AppendAsync([new ObservationRecord { Id = $"o{i}", DecisionId = $"d{i}", Outcome = "purchase", Value = 1, Time = at, ReceivedAt = at }], default).AsTask());
        }
        await Task.WhenAll(pending);
    }

    private static async Task<DecisionPoint> PointAsync(LooperApp looper)
    {
        await looper.PublishAsync("banner", s_banner);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<DecisionPoint>().SingleAsync(p => p.Key == "banner");
    }

    private static async Task<JsonNode> MeasuredAsync(HttpClient client)
    {
        using var asked = await client.PostAsJsonAsync("/api/decision-points/banner/gain/measurements", new { });
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        await Eventually.IsTrueAsync(async () => (await client.GetFromJsonAsync<JsonNode>(asked.Headers.Location!.OriginalString))!["run"]!["state"]!.ToString() is "done");
        return (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/gain"))!;
    }

    [Fact]
    public async Task What_decisions_have_brought_is_measured_against_those_held_out_and_listed_with_its_sum()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Analyst);
        var none = (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/gain"))!;
        Assert.Null(none["gain"]);
        Assert.Equal("It has not been measured yet: that is done once a day.", none["whyNot"]!.ToString());
        Assert.Empty((await client.GetFromJsonAsync<JsonNode>("/api/ledger"))!["totals"]!.AsArray());

        var from = looper.Get<TimeProvider>().GetUtcNow().AddHours(-2);
        await LogAsync(looper, point, 3_000, from);
        var measured = await MeasuredAsync(client);
        var gain = measured["gain"]!;
        var stretch = Assert.Single(gain["stretches"]!.AsArray())!;
        var held = Enumerable.Range(0, 3_000).Count(i => Assignment.Uniform(Assignment.Stream(point.Salt, "holdout"), $"u{i}") < 0.2);
        Assert.Equal((2L * (3_000 - held), 2L * held, (long)held, "holdout"), ((long)gain["decisions"]!, (long)stretch["keptDecisions"]!, (long)stretch["keptUnits"]!, stretch["source"]!.ToString()));
        double total = (double)gain["total"]!["value"]!, low = (double)gain["total"]!["low"]!, high = (double)gain["total"]!["high"]!, truth = 0.1 * 2 * (3_000 - held);
        var half = (high - low) / 2;
        Assert.InRange(half, 60, 140); // 98: as many decisions as there are, of two a unit that are drawn alone
        Assert.InRange(truth, total - (2 * half), total + (2 * half)); // who is held out is another lot each time: four standard errors
        Assert.Equal(0.1, (double)gain["perDecision"]!["value"]!, 0.04);
        Assert.Contains("purchase more than the baseline would have brought", measured["sentence"]!.ToString(), StringComparison.Ordinal);

        var ledger = (await client.GetFromJsonAsync<JsonNode>("/api/ledger"))!;
        var sum = Assert.Single(ledger["totals"]!.AsArray())!;
        Assert.Equal(("purchase", total, "banner"), (sum["goal"]!.ToString(), (double)sum["total"]!["value"]!, Assert.Single(sum["decisionPoints"]!.AsArray())!.ToString()));
        Assert.Equal("banner", Assert.Single(ledger["entries"]!.AsArray())!["decisionPoint"]!.ToString());
    }

    [Fact]
    public async Task It_is_measured_once_a_day_by_itself_and_what_is_no_longer_kept_is_carried()
    {
        await using var looper = new LooperApp();
        var (point, now) = (await PointAsync(looper), looper.Get<TimeProvider>().GetUtcNow());
        await LogAsync(looper, point, 600, now.AddDays(-500));
        var measuring = looper.Get<GainMeasuring>();
        Assert.Equal(1, await measuring.CheckAsync(default));
        Assert.Equal(0, await measuring.CheckAsync(default));
        var first = (await looper.Get<LedgerQueries>().FindAsync(Caller.System, "banner", default)).Value!.Gain!;
        Assert.True(first.IsMeasured);
        Assert.Null(first.Carried);

        // these are older than events are kept for: measured again without them, as after their removal
        var again = (await measuring.MeasureAsync(point.Id, _ => { }, default)).Gain;
        Assert.Equal(first.Since, again.Carried!.Since);
        Assert.Equal((first.Decisions, first.Total, first.Stretches[0].KeptUnits), (again.Decisions, again.Total, again.Stretches[0].KeptUnits));
    }

    [Fact]
    public async Task After_a_clearing_nothing_of_the_gain_is_shown_or_carried()
    {
        await using var looper = new LooperApp();
        var (point, now) = (await PointAsync(looper), looper.Get<TimeProvider>().GetUtcNow());
        await LogAsync(looper, point, 600, now.AddDays(-500)); // older than events are kept for
        var (measuring, ledger) = (looper.Get<GainMeasuring>(), looper.Get<LedgerQueries>());
        Assert.Equal(1, await measuring.CheckAsync(default));
        Assert.Null((await looper.Get<ClearActions>().ClearAsync(Caller.System, "banner", "banner", default)).Refusal);
        Assert.Null((await ledger.FindAsync(Caller.System, "banner", default)).Value!.Gain);
        var list = (await ledger.ListAsync(Caller.System, default)).Value!;
        Assert.Equal((null, 0), (Assert.Single(list.Entries).Gain, list.Totals.Length));
        var again = (await measuring.MeasureAsync(point.Id, _ => { }, default)).Gain;
        Assert.Equal((0L, null), (again.Decisions, again.Carried));
    }

    [Fact]
    public async Task The_measurement_that_began_last_stays_and_one_that_cannot_be_read_keeps_none_of_the_others_back()
    {
        await using var looper = new LooperApp();
        var (point, now) = (await PointAsync(looper), looper.Get<TimeProvider>().GetUtcNow());
        await LogAsync(looper, point, 600, now.AddHours(-2));
        var measuring = looper.Get<GainMeasuring>();
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var older = await measuring.MeasureAsync(point.Id, _ => { }, default);
        await Task.Delay(5);
        var newer = await measuring.MeasureAsync(point.Id, _ => { }, default);
        foreach (var measured in new[] { newer, older })
        {
            await measuring.KeepAsync(db, point.Id, measured, default);
            await db.SaveChangesAsync();
        }
        Assert.Equal(newer.Gain.MeasuredAt, (await looper.Get<LedgerQueries>().FindAsync(Caller.System, "banner", default)).Value!.Gain!.MeasuredAt);
    }

    [Fact]
    public async Task Units_are_counted_in_parts_where_they_are_too_many_and_come_to_the_same()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        await LogAsync(looper, point, 900, looper.Get<TimeProvider>().GetUtcNow().AddHours(-2));
        GainMeasuring Of(int most) => new(looper.Get<IDbContextFactory<LooperDb>>(), looper.Get<ExampleReader>(), looper.Get<EventActivity>(), looper.Get<Core.Decisions.Retention.Retentions>(), looper.Get<Core.Ids>(), looper.Get<Core.ChangeFeed>(), looper.Get<TimeProvider>()) { MostUnits = most };
        var (whole, parts) = ((await Of(int.MaxValue).MeasureAsync(point.Id, _ => { }, default)).Gain, (await Of(100).MeasureAsync(point.Id, _ => { }, default)).Gain);
        Assert.Equal(whole.Total.Value, parts.Total.Value, 1e-9);
        Assert.Equal(whole.Total.StandardError, parts.Total.StandardError, 1e-9);
        Assert.Equal((whole.Decisions, whole.Stretches[0].KeptUnits), (parts.Decisions, parts.Stretches[0].KeptUnits));
    }

    [Fact]
    public async Task A_decision_point_that_is_not_there_or_a_viewer_is_refused()
    {
        await using var looper = new LooperApp();
        using var analyst = await looper.SignedInAsync(Role.Analyst);
        using var unknown = await analyst.PostAsJsonAsync("/api/decision-points/nothing/gain/measurements", new { });
        Assert.Equal((HttpStatusCode.NotFound, "decision-point.unknown"), (unknown.StatusCode, (await unknown.JsonAsync())["code"]!.ToString()));
        await looper.PublishAsync("banner", s_banner);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        using var refused = await viewer.PostAsJsonAsync("/api/decision-points/banner/gain/measurements", new { });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var seen = (await viewer.GetFromJsonAsync<JsonNode>("/api/ledger"))!;
        Assert.Single(seen["entries"]!.AsArray());
    }
}
