using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Costs;
using Looper.Core.Ledger;
using Looper.Core.Metering;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Costs;

/// <summary>From calls to what they cost, beside what they brought; over HTTP and on the pages.</summary>
public sealed class CostsTests
{
    private static readonly BlueprintContent s_banner = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("cart", FeatureKind.Number) { CostPerThousand = 2 }],
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] }, Rollout = new() { Holdout = 0.2 },
    };

    private static async Task<Guid> PointAsync(LooperApp looper, string key = "banner")
    {
        await looper.PublishAsync(key, s_banner);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        return await db.Set<Core.Decisions.DecisionPoint>().Where(p => p.Key == key).Select(p => p.Id).SingleAsync();
    }

    private static async Task<string> ReadAsync(HttpClient client, string path) => WebUtility.HtmlDecode(await client.GetStringAsync(path));

    [Fact]
    public async Task Calls_are_counted_with_what_they_take_and_told_in_money_once_there_are_prices()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        using (var data = await looper.WithKeyAsync())
        {
            for (var i = 0; i < 5; i++)
            {
                using var answer = await data.PostAsJsonAsync("/v1/decisions/batch", new { items = Enumerable.Range(0, 200).Select(u => new { decisionPoint = "banner", unit = $"u{u}", context = new { cart = 3 } }) });
                answer.EnsureSuccessStatusCode();
            }
        }
        var keeping = looper.Get<WorkKeeping>();
        await keeping.KeepAsync(default);
        await keeping.KeepAsync(default); // adds nothing but its own time
        using var admin = await looper.SignedInAsync(Role.Admin);
        var costs = (await admin.GetFromJsonAsync<JsonNode>("/api/costs"))!;
        var entry = Assert.Single(costs["entries"]!.AsArray())!;
        Assert.Equal(("banner", 1_000L, 2.0, 2.0), (entry["decisionPoint"]!.ToString(), (long)entry["decisions"]!, (double)entry["featuresPerThousand"]!, (double)entry["amounts"]!["features"]!));
        double serving = (double)entry["seconds"]!["serving"]!, storage = (double)entry["seconds"]!["storage"]!, process = (double)costs["processSeconds"]!;
        Assert.InRange(storage, 1e-6, process);
        Assert.InRange(serving + storage + (double)costs["notAttributedSeconds"]!, process * 0.999, process * 1.001);
        Assert.True((long)entry["bytes"]! > 1_000);
        Assert.Equal((long)entry["bytes"]!, (double)entry["storedBytes"]!);
        Assert.Null(entry["amounts"]!["processor"]);
        Assert.Equal(2.0, (double)entry["amounts"]!["total"]!);
        Assert.Contains("Neither processor time nor storage has a price", await ReadAsync(admin, "/costs"), StringComparison.Ordinal);

        using (var set = await admin.PutAsJsonAsync("/api/settings/prices", new { currency = "USD", processorHour = 3_600, gigabyteMonth = 0, worths = new[] { new { goal = "purchase", each = 10 } } })) Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        var priced = (await admin.GetFromJsonAsync<JsonNode>("/api/costs"))!["entries"]![0]!;
        Assert.Equal(serving + storage, (double)priced["amounts"]!["processor"]!, 1e-9); // a second costs one
        Assert.Equal(2 + serving + storage, (double)priced["perThousand"]!, 1e-9);
        var page = await ReadAsync(admin, "/costs");
        foreach (var shown in new[] { "USD", "1,000", "What did each week cost?", "/decision-points/banner" }) Assert.Contains(shown, page, StringComparison.Ordinal);
        Assert.Contains("One purchase", await ReadAsync(admin, "/settings/prices"), StringComparison.Ordinal);

        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var day = DateOnly.FromDateTime(looper.Get<TimeProvider>().GetUtcNow().UtcDateTime);
        var entryOf = new LedgerEntry { Id = Guid.CreateVersion7(), DecisionPointId = point };
        var now = looper.Get<TimeProvider>().GetUtcNow();
        entryOf.Measured(new(new() { Method = "m", MeasuredAt = now, Goal = "purchase", Since = now, Until = now, Decisions = 900, Total = new(30, 5, 20, 40), PerDecision = new(0.03, 0.005, 0.02, 0.04) }));
        db.Add(entryOf);
        db.Add(new WorkDay { Id = Guid.CreateVersion7(), Day = day.AddDays(-3), DecisionPointId = Guid.CreateVersion7(), Kind = WorkKind.Training, Nanoseconds = 2_000_000_000 });
        await db.SaveChangesAsync();
        var money = (await admin.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/gain"))!["money"]!;
        var cost = 2 + serving + storage;
        Assert.Equal(("USD", 300.0), (money["currency"]!.ToString(), (double)money["gain"]!["value"]!));
        Assert.InRange((double)money["cost"]!, cost - 1e-9, cost + 60); // what was decided and looked at since is in it too
        Assert.Equal(300 - (double)money["cost"]!, (double)money["net"]!["value"]!, 1e-9);
        Assert.Contains("In USD", await ReadAsync(admin, "/ledger"), StringComparison.Ordinal);
        Assert.Contains("Decision points that are gone", await ReadAsync(admin, "/costs"), StringComparison.Ordinal); // what they took was taken
    }

    [Fact]
    public async Task A_gain_from_before_costs_were_counted_has_no_net_and_a_goal_without_worth_no_money()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        var now = looper.Get<TimeProvider>().GetUtcNow();
        await looper.Get<WorkKeeping>().KeepAsync(default);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var entry = new LedgerEntry { Id = Guid.CreateVersion7(), DecisionPointId = point };
        entry.Measured(new(new() { Method = "m", MeasuredAt = now, Goal = "purchase", Since = now.AddDays(-40), Until = now, Decisions = 900, Total = new(30, 5, 20, 40) }));
        db.Add(entry);
        db.Add(new WorkDay { Id = Guid.CreateVersion7(), Day = DateOnly.FromDateTime(now.UtcDateTime), DecisionPointId = point, Kind = WorkKind.Storage, Nanoseconds = 1, Decisions = 500 });
        await db.SaveChangesAsync();
        using var admin = await looper.SignedInAsync(Role.Admin);
        async Task<JsonNode?> MoneyAsync() => (await admin.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/gain"))!["money"];
        Assert.Null(await MoneyAsync());
        using (var set = await admin.PutAsJsonAsync("/api/settings/prices", new { currency = "EUR", worths = new[] { new { goal = "purchase", each = 10 } } })) set.EnsureSuccessStatusCode();
        var money = (await MoneyAsync())!;
        Assert.Equal((300.0, 1.0, null), ((double)money["gain"]!["value"]!, (double)money["cost"]!, money["net"]!["value"])); // of 500 decisions, whose feature costs 2 a thousand
        Assert.StartsWith("Costs are counted since", money["whyNoNet"]!.ToString(), StringComparison.Ordinal);

        // counted for longer than the gain: what was spent before it is not taken off
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        foreach (var ago in new[] { 40, 60 })
            db.Add(new WorkDay { Id = Guid.CreateVersion7(), Day = today.AddDays(-ago), DecisionPointId = point, Kind = WorkKind.Storage, Nanoseconds = 1, Decisions = 1_000 });
        await db.SaveChangesAsync();
        var net = (await MoneyAsync())!;
        Assert.Equal((3.0, 297.0, null), ((double)net["cost"]!, (double)net["net"]!["value"]!, net["whyNoNet"]));
    }

    [Theory]
    [InlineData("""{"currency":"EUR","processorHour":-1}""", 422, "prices.invalid")]
    [InlineData("""{"currency":""}""", 422, "prices.invalid")]
    [InlineData("""{}""", 400, null)]
    [InlineData("""{"currency":"EUR","worths":[{"goal":"a","each":1},{"goal":"a","each":2}]}""", 422, "prices.invalid")]
    [InlineData("""{"currency":"EUR","price":3}""", 400, null)]
    public async Task Prices_that_cannot_be_are_refused(string body, int status, string? code)
    {
        await using var looper = new LooperApp();
        using var admin = await looper.SignedInAsync(Role.Admin);
        using var refused = await admin.PutAsync("/api/settings/prices", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(status, (int)refused.StatusCode);
        if (code is not null) Assert.Equal(code, (await refused.JsonAsync())["code"]!.ToString());
        Assert.Equal("EUR", (await admin.GetFromJsonAsync<JsonNode>("/api/settings/prices"))!["currency"]!.ToString());
    }

    [Fact]
    public async Task Days_that_cannot_be_are_refused_and_a_time_without_any_is_empty()
    {
        await using var looper = new LooperApp();
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        foreach (var (query, status) in new[] { ("from=2026-05-02&to=2026-05-01", 422), ("from=1900-01-01", 422), ("from=yesterday", 400), ("from=2020-01-01&to=2020-02-01", 200) })
        {
            using var answer = await viewer.GetAsync($"/api/costs?{query}");
            Assert.Equal(status, (int)answer.StatusCode);
        }
        Assert.Empty((await viewer.GetFromJsonAsync<JsonNode>("/api/costs?from=2020-01-01&to=2020-02-01"))!["entries"]!.AsArray());
        Assert.Contains("Nothing was counted in this time", await ReadAsync(viewer, "/costs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_years_are_told_at_once_and_a_day_more_is_refused_by_its_field()
    {
        await using var looper = new LooperApp();
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        using (var longest = await viewer.GetAsync("/api/costs?from=2020-01-01&to=2022-12-31")) Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        using var refused = await viewer.GetAsync("/api/costs?from=2019-12-31&to=2022-12-31");
        var problem = await Problem.IsAsync(refused, HttpStatusCode.UnprocessableEntity, "costs.invalid");
        Assert.Equal("from", (string?)problem["field"]);
        Assert.Equal("From: 2019-12-31 to 2022-12-31 is more than 1,096 days. Give a later day, and ask for each part of a longer time by itself.", (string?)problem["detail"]);
        Assert.Contains("Nothing was counted in this time", await ReadAsync(viewer, "/costs?range=1095d"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_many_days_add_up_by_decision_point_and_by_week_in_whatever_order_they_lie()
    {
        await using var looper = new LooperApp();
        Guid[] points = [await PointAsync(looper, "one"), await PointAsync(looper, "two"), Guid.CreateVersion7()]; // the last is gone
        var monday = new DateOnly(2025, 6, 2);
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            foreach (var day in Enumerable.Range(-7, 35).OrderBy(d => d * 13 % 35))
            {
                db.Add(new WorkDay { Id = Guid.CreateVersion7(), Day = monday.AddDays(day), DecisionPointId = WorkMeter.Shared, Kind = WorkKind.Process, Nanoseconds = 10_000_000_000 });
                for (var p = 0; p < points.Length; p++)
                    db.Add(new WorkDay { Id = Guid.CreateVersion7(), Day = monday.AddDays(day), DecisionPointId = points[p], Kind = WorkKind.Storage, Nanoseconds = (p + 1) * 1_000_000_000L, Decisions = 1_000, Bytes = 50 });
            }
            await db.SaveChangesAsync();
        }
        var costs = (await looper.Get<CostQueries>().ListAsync(Caller.System, monday, monday.AddDays(20), default)).Value!;
        Assert.Equal([("one", 21_000L, 21.0, 42.0), ("two", 21_000, 42, 42), ("", 21_000, 63, double.NaN)], costs.Entries.Select(e => (e.DecisionPoint ?? "", e.Decisions, e.Seconds.Total, e.Amounts.Features ?? double.NaN)));
        Assert.Equal([(monday, 42.0), (monday.AddDays(7), 42.0), (monday.AddDays(14), 42.0)], costs.Weeks.Select(w => (w.From, w.Seconds.Total)));
        Assert.Equal(210, costs.ProcessSeconds);
    }

    [Fact]
    public async Task Prices_that_somebody_changed_meanwhile_are_not_overwritten()
    {
        await using var looper = new LooperApp();
        var (settings, shown) = (looper.Get<PriceSettings>(), Prices.None);
        Assert.Null(await settings.ChangeAsync(Caller.System, new("USD"), default, shown));
        Assert.Equal("prices.changed-meanwhile", (await settings.ChangeAsync(Caller.System, new("GBP"), default, shown))!.Code);
        Assert.Null(await settings.ChangeAsync(Caller.System, new("GBP"), default, new("USD")));
    }
}
