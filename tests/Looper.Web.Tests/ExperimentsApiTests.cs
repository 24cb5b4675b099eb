using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Web.Console.Shared;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests;

/// <summary>An experiment from draft to stored report, over HTTP, on the real journal.</summary>
public class ExperimentsApiTests
{
    private static async Task<Guid> PointAsync(LooperApp looper, string key = "banner")
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = key, Name = key, CurrentVersion = 1, Salt = 7 };
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
            Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] },
        };
        db.Add(point);
        db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(content), Hash = "h" });
        await db.SaveChangesAsync();
        return point.Id;
    }

    private static async Task<Guid> RunningAsync(HttpClient client)
    {
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        return id;
    }

    [Fact]
    public async Task A_fixed_reading_without_planned_days_is_refused_at_its_field_and_the_editor_asks_for_them()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, client);
        await pages.PointAsync("banner");
        var id = await pages.DraftAsync("banner", """{"reading":"fixed"}""");
        using var refused = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" });
        var problem = (await refused.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal("plannedDays", (string?)problem["field"]);
        Assert.Contains("Give the days, or choose the sequential reading", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.Contains("The fixed reading holds once, when these days are over.", await client.GetStringAsync($"/experiments/{id}"), StringComparison.Ordinal);
    }

    [Theory] // who reads a plan would trip over it: testers, shipping and the pages of a draft
    [InlineData("""{"arms":[null]}""", "arms[0]"), InlineData("""{"metrics":[null]}""", "metrics[0]"), InlineData("""{"guardrails":[null]}""", "guardrails[0]")]
    [InlineData("""{"covariates":[null]}""", "covariates[0]"), InlineData("""{"audience":[null]}""", "audience[0]"), InlineData("""{"ramp":[null]}""", "ramp[0]")]
    [InlineData("""{"metrics":[{"key":"m","kind":"sum","outcome":"purchase","only":[null]}]}""", "metrics[0].only[0]")]
    [InlineData("""{"metrics":[{"key":"m","kind":"funnel","steps":["purchase",null]}]}""", "metrics[0].steps[1]")]
    [InlineData("""{"metrics":[{"key":"m","kind":"retention","outcome":"purchase","from":"10675199d","window":"1d"}]}""", "metrics[0].from")]
    [InlineData("""{"metrics":[{"key":"m","kind":"retention","outcome":"purchase","from":"1d","window":"10675199d"}]}""", "metrics[0].window")]
    public async Task An_empty_entry_of_a_plan_is_refused_at_its_place(string plan, string field)
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        using var made = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "first", name = "First", plan = JsonNode.Parse(plan) });
        Assert.Equal(field, (string?)(await Problem.IsAsync(made, HttpStatusCode.UnprocessableEntity, "experiment.invalid"))["field"]);
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "first", name = "First" });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var changed = await client.PutAsJsonAsync($"/api/experiments/{id}", new { revision = 0, key = "first", name = "First", hypothesis = (string?)null, plan = JsonNode.Parse(plan) });
        Assert.Equal(field, (string?)(await Problem.IsAsync(changed, HttpStatusCode.UnprocessableEntity, "experiment.invalid"))["field"]);
    }

    [Fact]
    public async Task A_field_that_a_plan_lacks_is_named_with_its_place()
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        using var answer = await client.PostAsync("/api/experiments", new StringContent(
            """{"decisionPoint":"banner","key":"x","name":"X","plan":{"arms":[{"key":"a","weight":0.5},{"weight":0.5}]}}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));
        var problem = await Problem.IsAsync(answer, HttpStatusCode.BadRequest, "request.malformed");
        Assert.Equal(("plan.arms[1].key", "'plan.arms[1]' lacks 'key'. Give 'key', or see the API reference."), ((string?)problem["field"], (string?)problem["detail"]));
    }

    [Fact]
    public async Task A_report_is_computed_from_the_journal_stored_and_exported()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await RunningAsync(client);
        var past = looper.Get<TimeProvider>().GetUtcNow().AddDays(-7).AddMinutes(5);
        var journal = looper.Get<Journal>();
        for (var i = 0; i < 400; i++)
        {
            await journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = past.AddMinutes(25 * i), BlueprintVersion = 1, Option = i % 2, Propensity = 0.5,
                Reason = Reason.Experiment, ExperimentId = id, Arm = i % 2, Served = Array.Empty<byte>(),
            }, false, default);
            if (i % 2 == 0 ? i % 10 == 0 : i % 4 == 1)
                await journal.AppendAsync([new ObservationRecord { Id = $"o{i}", DecisionId = $"d{i}", Outcome = "purchase", Value = 1, Time = past.AddMinutes(25 * i).AddSeconds(1), ReceivedAt = past.AddMinutes(25 * i).AddSeconds(1) }], default);
        }

        using var computed = await client.PostAsync($"/api/experiments/{id}/reports", null);
        Assert.Equal(HttpStatusCode.OK, computed.StatusCode);
        var report = (await computed.Content.ReadFromJsonAsync<JsonNode>())!;
        var metric = report["content"]!["metrics"]![0]!;
        Assert.Equal(200, (int)metric["arms"]![0]!["units"]!);
        Assert.Equal(0.2, (double)metric["arms"]![0]!["mean"]!, 1e-12);
        Assert.Equal(0.5, (double)metric["arms"]![1]!["mean"]!, 1e-12);
        Assert.Equal(0.3, (double)metric["comparisons"]![0]!["absolute"]!["estimate"]!, 1e-12);
        Assert.Equal("ship", (string)report["content"]!["recommendation"]!["action"]!);

        var stored = await client.GetFromJsonAsync<JsonNode>($"/api/reports/{report["id"]}");
        Assert.Equal(report["content"]!.ToJsonString(), stored!["content"]!.ToJsonString());
        var csv = await client.GetStringAsync($"/api/reports/{report["id"]}/export?format=csv");
        Assert.Equal(6, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length); // a head, then absolute, relative, and for many units three times
        var impact = (await client.GetFromJsonAsync<JsonNode>($"/api/reports/{report["id"]}/impact?per=day"))!;
        Assert.Equal(400 / 7.0, (double)impact["factor"]!, 0.1); // all of 400 units in seven days take part
        Assert.Equal(0.3 * (double)impact["factor"]!, (double)impact["rows"]![0]!["estimate"]!, 1e-9);
        await Problem.IsAsync(await client.GetAsync($"/api/reports/{report["id"]}/impact?per=week"), HttpStatusCode.UnprocessableEntity, "report-impact.invalid");
        Assert.Contains("<svg", await client.GetStringAsync($"/api/reports/{report["id"]}/export?format=svg"), StringComparison.Ordinal);
        Assert.Equal(4, (int)(await client.GetFromJsonAsync<JsonNode>($"/api/reports/{report["id"]}/export?format=notebook"))!["nbformat"]!);
        var turned = (await client.GetFromJsonAsync<JsonNode>($"/api/reports/{report["id"]}?baseline=looper"))!["content"]!;
        Assert.Equal(("looper", -0.3, -0.6), ((string)turned["arms"]![0]!["key"]!, Math.Round((double)turned["metrics"]![0]!["comparisons"]![0]!["absolute"]!["estimate"]!, 12),
            Math.Round((double)turned["metrics"]![0]!["comparisons"]![0]!["relative"]!["estimate"]!, 12)));
        Assert.Contains(",looper,200,", await client.GetStringAsync($"/api/reports/{report["id"]}/export?format=csv&baseline=looper"), StringComparison.Ordinal);
        var series = (await client.GetFromJsonAsync<JsonNode>($"/api/reports/{report["id"]}/series"))!.AsArray().Single()!;
        Assert.StartsWith("Not enough data: 0 of 100 units in ", (string)series["novelty"]!["sentence"]!, StringComparison.Ordinal); // nobody was followed for a week yet
        Assert.StartsWith("experiment,computed_until,outcome,arm,baseline,view,", await client.GetStringAsync($"/api/reports/{report["id"]}/export?format=series-csv"), StringComparison.Ordinal);
        await Problem.IsAsync(await client.GetAsync($"/api/reports/{report["id"]}?baseline=nobody"), HttpStatusCode.UnprocessableEntity, "report-baseline.invalid");
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.RemoveRange(await db.Set<ReportMoments>().ToListAsync());
            await db.SaveChangesAsync();
        }

        await Problem.IsAsync(await client.GetAsync($"/api/reports/{report["id"]}?baseline=looper"), HttpStatusCode.Conflict, "report.no-moments");
        await Problem.IsAsync(await client.GetAsync($"/api/reports/{report["id"]}/export?format=pdf"), HttpStatusCode.UnprocessableEntity, "report-format.invalid");

        var values = (await client.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/policy-value"))!["policies"]!.AsArray();
        Assert.Equal(0.5, (double)values.Single(p => (string?)p!["option"] == "b")!["snips"]!["value"]!, 1e-12);
    }

    [Theory]
    [InlineData("""{"switchback":{"slotMinutes":60}}""", "each slot of time")]
    [InlineData("""{"cluster":"company"}""", "each company with all of its units")]
    [InlineData("""{"bandit":{"floor":0.1,"renewHours":24}}""", "Shares follow the outcomes")]
    [InlineData("""{"primaryOutcome":"p90","metrics":[{"key":"p90","kind":"quantile","outcome":"purchase","quantile":0.9}]}""", "p90 is a quantile")]
    [InlineData("""{"primaryOutcome":"rate","metrics":[{"key":"rate","kind":"conversion","outcome":"purchase"}]}""", "0 of 200 units")]
    [InlineData("""{"primaryOutcome":"spend","metrics":[{"key":"spend","kind":"sum","outcome":"gone"}]}""", "The plan is not complete yet")]
    [InlineData("""{"primaryOutcome":"rate","metrics":[{"key":"rate","kind":"ratio","outcome":"purchase"}]}""", "The plan is not complete yet")]
    [InlineData("""{"primaryOutcome":"way","metrics":[{"key":"way","kind":"funnel"}]}""", "The plan is not complete yet")]
    [InlineData("""{"primaryOutcome":"gone"}""", "'gone' is neither an outcome nor a metric")]
    public async Task Where_a_size_cannot_be_computed_the_checklist_says_why(string plan, string words)
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var whole = JsonNode.Parse(plan)!.AsObject();
        whole["arms"] = JsonNode.Parse("""[{"key":"control","weight":0.5,"option":"a"},{"key":"b","weight":0.5,"option":"b"}]""");
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner", plan = whole });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        var rows = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/checklist"))!.AsArray();
        Assert.Contains(words, (string)rows.Single(r => (string)r!["name"]! == "power")!["sentence"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Units_shared_with_experiments_elsewhere_are_told_before_the_start()
    {
        await using var looper = new LooperApp();
        var (banner, prices) = (await PointAsync(looper), await PointAsync(looper, "prices"));
        using var client = await looper.SignedInAsync(Role.Engineer);
        await RunningAsync(client);
        var past = looper.Get<TimeProvider>().GetUtcNow().AddHours(-1);
        for (var i = 0; i < 300; i++) // of 200 on prices, 120 came to the banner too
            foreach (var point in new[] { (Id: banner, Seen: i < 120 || i >= 200), (Id: prices, Seen: i < 200) }.Where(p => p.Seen))
                await looper.Get<Journal>().AppendAsync(new DecisionRecord
                {
                    Id = $"{point.Id}{i}", DecisionPointId = point.Id, Unit = $"u{i}", Time = past.AddSeconds(i), BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = Reason.Policy, Arm = -1, Served = Array.Empty<byte>(),
                }, false, default);
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "prices", key = "prices-q4", name = "Prices" });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        var row = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/checklist"))!.AsArray().Single(r => (string)r!["name"]! == "overlap")!;
        Assert.Equal(("amber", 0.6), ((string)row["state"]!, (double)row["share"]!));
        Assert.Contains("'banner-q4' on banner as well: of 200 seen here in the last 28 days, 120 came there too", (string)row["sentence"]!, StringComparison.Ordinal);
        Assert.Contains("exclusive layer", (string)row["fix"]!, StringComparison.Ordinal);
    }

    [Theory] // where units get their arms by slots, or move, they have none of their own that an effect could depend on
    [InlineData("""{"switchback":{"slotMinutes":60}}""", 0), InlineData("""{"bandit":{"floor":0.1,"renewHours":24}}""", 0), InlineData("{}", 1)]
    public async Task An_effect_is_held_against_experiments_whose_units_have_arms_of_their_own(string plan, int expected)
    {
        await using var looper = new LooperApp();
        var (banner, prices) = (await PointAsync(looper), await PointAsync(looper, "prices"));
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await RunningAsync(client);
        var whole = JsonNode.Parse(plan)!.AsObject();
        whole["arms"] = JsonNode.Parse("""[{"key":"control","weight":0.5,"option":"a"},{"key":"b","weight":0.5,"option":"b"}]""");
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "prices", key = "prices-q4", name = "Prices", plan = whole });
        var other = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await client.PostAsJsonAsync($"/api/experiments/{other}/start", new { reason = "a trial" });
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        for (var i = 0; i < 20; i++)
            foreach (var (point, experiment) in new[] { (banner, id), (prices, other) })
                await looper.Get<Journal>().AppendAsync(new DecisionRecord
                {
                    Id = $"{experiment}{i}", DecisionPointId = point, Unit = $"u{i}", Time = looper.Get<TimeProvider>().GetUtcNow(), BlueprintVersion = 1, Option = i % 2, Propensity = 0.5,
                    Reason = Reason.Experiment, ExperimentId = experiment, Arm = i % 2, Served = Array.Empty<byte>(),
                }, false, default);
        using var computed = await client.PostAsync($"/api/experiments/{id}/reports", null);
        Assert.Equal(expected, (await computed.Content.ReadFromJsonAsync<JsonNode>())!["content"]!["interactions"]!.AsArray().Count);
    }

    [Fact] // the revenue of every second pair of units is not known
    public async Task The_page_tells_a_day_of_the_units_that_a_metric_takes()
    {
        await using var looper = new LooperApp();
        using var client = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, client);
        var revenue = new Outcome("revenue", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1), Absent = null, Aggregation = Aggregation.Sum, UnitOfMeasure = "EUR" };
        var point = await pages.PointAsync("banner", ExperimentPages.Content with { Outcomes = [revenue], Goal = new() { Terms = [new("revenue")] } });
        var id = await pages.RunningAsync("banner");
        for (var i = 0; i < 480; i++)
            await pages.UnitAsync(point, id, $"u{i}", i % 2, TimeSpan.FromMinutes(25 * (482 - i)), i % 4 < 2 ? [("revenue", 10 + 5 * (i % 2) + i % 7)] : []);
        var report = await pages.ReportAsync(id);
        var impact = (await client.GetFromJsonAsync<JsonNode>($"/api/reports/{report["id"]}/impact?per=day"))!;
        var row = impact["rows"]!.AsArray().Single()!;
        Assert.Equal((double)impact["factor"]! / 2, (double)row["factor"]!, 1e-9);
        var text = WebUtility.HtmlDecode(await client.GetStringAsync($"/experiments/{id}/report?kind=day"));
        Assert.Contains(Shown.Difference((double)row["estimate"]!, (double)row["low"]!, (double)row["high"]!, "EUR") + " a day", text, StringComparison.Ordinal);
        Assert.Contains("whose value is known (50% in revenue): each is told for those alone.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_twice_is_refused_with_a_stable_code()
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var id = await RunningAsync(client);
        using var stopped = await client.PostAsJsonAsync($"/api/experiments/{id}/stop", new { conclusion = "inconclusive", note = "kept the baseline" });
        Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/experiments/{id}/stop", new { conclusion = "won" }), HttpStatusCode.Conflict, "experiment.already-stopped");
    }

    [Fact]
    public async Task A_start_in_spite_of_an_amber_row_asks_for_a_reason_and_an_arm_is_shipped_and_taken_back()
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner" });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { }), HttpStatusCode.Conflict, "experiment.reason-needed");
        using var started = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "a trial" });
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        var preview = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/ship?arm=baseline"))!;
        Assert.Equal((1, 2, true), ((int)preview["fromVersion"]!, (int)preview["toVersion"]!, (bool)preview["isBaseline"]!));
        using var shipped = await client.PostAsJsonAsync($"/api/experiments/{id}/ship", new { arm = "baseline", note = "no gain" });
        Assert.Equal(HttpStatusCode.OK, shipped.StatusCode);
        using var reverted = await client.PostAsJsonAsync($"/api/experiments/{id}/revert", new { });
        Assert.Equal(HttpStatusCode.NoContent, reverted.StatusCode);
        var steps = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/history"))!.AsArray();
        Assert.Equal(["experiment.created", "experiment.started", "experiment.stopped", "experiment.rolled-back", "experiment.reverted"], steps.Select(s => (string)s!["action"]!));
        Assert.Contains("In spite of", steps[1]!["detail"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traffic_rises_by_itself_only_once_units_came_in_and_testers_change_while_it_runs()
    {
        await using var looper = new LooperApp();
        var point = await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        object plan = new
        {
            ramp = new[] { new { share = 0.1, hours = 1e-6 }, new { share = 0.5, hours = 48.0 } },
            arms = new[] { new { key = "control", weight = 0.5, option = "a" }, new { key = "b", weight = 0.5, option = "b" } },
        };
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner", plan });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var started = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "a trial" });
        Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        var ramps = looper.Get<RampActions>();
        await Task.Delay(10); // the first step lasts 3.6 ms
        await ramps.CheckAsync(default);
        await ramps.CheckAsync(default);
        var held = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}"))!;
        Assert.Equal((0, "No unit has come in at this share yet."), ((int)held["rampStep"]!, (string)held["rampHeld"]!));

        var past = looper.Get<TimeProvider>().GetUtcNow().AddHours(-1);
        for (var i = 0; i < 20; i++)
        {
            await looper.Get<Journal>().AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = past.AddSeconds(i), BlueprintVersion = 1, Option = i % 2, Propensity = 0.5,
                Reason = Reason.Experiment, ExperimentId = id, Arm = i % 2, Served = Array.Empty<byte>(),
            }, false, default);
        }
        await ramps.CheckAsync(default);
        await ramps.CheckAsync(default); // the second step lasts two days
        var risen = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}"))!;
        Assert.Equal((1, (string?)null), ((int)risen["rampStep"]!, (string?)risen["rampHeld"]));
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/experiments/{id}/ramp", new { from = 0 }), HttpStatusCode.PreconditionFailed, "experiment.changed-meanwhile"); // who asks has seen another step
        using var stepped = await client.PostAsJsonAsync($"/api/experiments/{id}/ramp", new { reason = "all is well", from = 1 });
        Assert.Equal(HttpStatusCode.NoContent, stepped.StatusCode);
        await Problem.IsAsync(await client.PostAsJsonAsync($"/api/experiments/{id}/ramp", new { }), HttpStatusCode.Conflict, "experiment.ramp-finished");
        using var tested = await client.PutAsJsonAsync($"/api/experiments/{id}/testers", new { testers = new[] { new { unit = "me", arm = "b" } } });
        Assert.Equal(HttpStatusCode.NoContent, tested.StatusCode);
        await Problem.IsAsync(await client.PutAsJsonAsync($"/api/experiments/{id}/testers", new { testers = new[] { new { unit = "me", arm = "c" } } }), HttpStatusCode.UnprocessableEntity, "experiment.invalid");
        var steps = (await client.GetFromJsonAsync<JsonNode>($"/api/experiments/{id}/history"))!.AsArray().Select(s => ((string)s!["action"]!, (string)s["who"]!)).ToList();
        Assert.Equal(["experiment.ramp-held", "experiment.ramp-stepped", "experiment.ramp-stepped", "experiment.testers-changed"], steps.Skip(2).Select(s => s.Item1));
        Assert.Equal(("Looper", "Looper"), (steps[2].Item2, steps[3].Item2));
    }

    [Fact]
    public async Task A_bad_plan_is_refused_with_its_field()
    {
        await using var looper = new LooperApp();
        await PointAsync(looper);
        using var client = await looper.SignedInAsync(Role.Engineer);
        var plan = new { arms = new[] { new { key = "a", weight = 0.5, option = "a" }, new { key = "b", weight = 0.4, option = "b" } } };
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner", plan });
        var id = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using var refused = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var problem = (await refused.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(("experiment.invalid", "arms"), ((string)problem["code"]!, (string)problem["field"]!));
    }
}
