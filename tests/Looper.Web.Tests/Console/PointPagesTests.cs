using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Console;

public sealed class PointPagesTests
{
    [Theory]
    [InlineData("/policy", "Policy")]
    [InlineData("/experiments", "Experiments")]
    [InlineData("/data", "Data")]
    public async Task Every_tab_of_a_decision_point_bears_its_name(string address, string tab)
    {
        await using var looper = new LooperApp();
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        await new ExperimentPages(looper, viewer).PointAsync("shop", name: "Banner of the shop");
        var html = await viewer.GetStringAsync("/decision-points/shop" + address);
        Assert.Contains("<h1 tabindex=\"-1\">Banner of the shop</h1>", html, StringComparison.Ordinal);
        Assert.Contains($"<title>Banner of the shop · {tab}", html.Replace("&#xB7;", "·", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("<a href=\"/decision-points/shop\">Banner of the shop</a>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/decision-points/shop/snippets\"", html, StringComparison.Ordinal); // the other tabs
    }

    [Fact]
    public async Task The_page_of_data_says_how_past_decisions_come_in_to_whoever_may_bring_them()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        await new ExperimentPages(looper, engineer).PointAsync("shop");
        var html = await engineer.GetStringAsync("/decision-points/shop/data");
        Assert.Contains("--decision-point shop", html, StringComparison.Ordinal);
        Assert.Contains("/api/imports", html, StringComparison.Ordinal);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        Assert.DoesNotContain("/api/imports", await viewer.GetStringAsync("/decision-points/shop/data"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_cannot_be_read_is_told_on_the_page_of_versions_and_keeps_nothing_else_back()
    {
        await using var looper = new LooperApp();
        using var viewer = await looper.SignedInAsync(Role.Analyst);
        await looper.ForceAsync("shop", """{"shape":"choice","default":"none","fromTheFuture":1}""");
        await looper.PublishAsync("shop", ServedApp.Banner);
        await looper.PublishAsync("shop", ServedApp.Banner); // so that the two newest, which are compared without being asked, can be read
        await looper.ForceAsync("broken", "{");
        Assert.Contains("Its data cannot be used: a version cannot be read", await viewer.GetStringAsync("/decision-points/shop/blueprint"), StringComparison.Ordinal);
        Assert.Contains("a later Looper wrote it, or it is damaged", await viewer.GetStringAsync("/decision-points/shop/blueprint?version=1"), StringComparison.Ordinal);
        foreach (var address in new[] { "/decision-points", "/decision-points/shop/data", "/decision-points/broken/blueprint" })
        {
            using var page = await viewer.GetAsync(address);
            Assert.True(page.IsSuccessStatusCode, $"{address}: {page.StatusCode}");
        }
        foreach (var address in new[] { "/api/decision-points/shop/blueprints/1", "/api/decision-points/shop/blueprints/1/diff/2", "/api/decision-points/broken/blueprint.yaml", "/api/decision-points/broken/decisions" })
        {
            using var answer = await viewer.GetAsync(address);
            await Problem.IsAsync(answer, System.Net.HttpStatusCode.Conflict, "blueprint.unreadable");
        }
    }

    [Theory]
    [InlineData("/experiments/new")]
    [InlineData("/studies/new")]
    public async Task Nothing_is_begun_on_another_decision_point_than_the_address_names(string page)
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        await new ExperimentPages(looper, engineer).PointAsync("shop");
        var html = await engineer.GetStringAsync($"{page}?point=gone");
        Assert.Contains("cannot be used: there is no such decision point, or it is archived", html, StringComparison.Ordinal);
        Assert.Matches("<option value(=\"\")?( selected(=\"\")?)?>Choose", html);
        Assert.DoesNotContain("cannot be used", await engineer.GetStringAsync($"{page}?point=shop"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_report_is_told_as_such()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, engineer);
        await pages.PointAsync("shop");
        var experiment = await pages.RunningAsync("shop");
        Assert.Contains("No report has been computed yet.", await engineer.GetStringAsync($"/experiments/{experiment}/report"), StringComparison.Ordinal);
        var unknown = await engineer.GetStringAsync($"/experiments/{experiment}/report?report={Guid.CreateVersion7()}");
        Assert.Contains("There is no such report of this experiment.", unknown, StringComparison.Ordinal);
        Assert.DoesNotContain("No report has been computed yet.", unknown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_arm_of_a_third_is_not_shown_with_nine_threes()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, engineer);
        await pages.PointAsync("shop");
        var draft = await pages.DraftAsync("shop", """{"arms":[{"key":"a","weight":0.3333333333333333},{"key":"b","weight":0.3333333333333333},{"key":"c","weight":0.3333333333333333}]}""");
        var html = await engineer.GetStringAsync($"/experiments/{draft}");
        Assert.Contains("value=\"33.333\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("33.3333", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_from_before_the_stop_does_not_recommend_for_after_it()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, engineer);
        await pages.PointAsync("shop");
        var experiment = await pages.RunningAsync("shop");
        await pages.ReportAsync(experiment);
        const string late = "The experiment was stopped after this report was computed.";
        Assert.DoesNotContain(late, await engineer.GetStringAsync($"/experiments/{experiment}/report"), StringComparison.Ordinal);
        using (await engineer.PostAsJsonAsync($"/api/experiments/{experiment}/stop", new { conclusion = "won" })) { }
        Assert.Contains(late, await engineer.GetStringAsync($"/experiments/{experiment}/report"), StringComparison.Ordinal);
        await pages.ReportAsync(experiment);
        Assert.DoesNotContain(late, await engineer.GetStringAsync($"/experiments/{experiment}/report"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_review_of_a_draft_names_an_experiment_that_goes_on_deciding()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, engineer);
        await pages.PointAsync("shop", name: "The shop");
        using var created = await engineer.PostAsJsonAsync("/api/drafts", new { decisionPoint = "shop" });
        var review = $"/decision-points/drafts/{(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]}/review";
        const string goesOn = "is running and decides for 100% of eligible";
        var first = await engineer.GetStringAsync(review);
        Assert.DoesNotContain(goesOn, first, StringComparison.Ordinal);
        Assert.Matches("href=\"/decision-points/shop\"[^>]*>The shop<", first); // the way back is by name
        var experiment = await pages.RunningAsync("shop");
        Assert.Contains(goesOn, await engineer.GetStringAsync(review), StringComparison.Ordinal);
        using (await engineer.PostAsJsonAsync($"/api/experiments/{experiment}/stop", new { conclusion = "won" })) { }
        Assert.DoesNotContain(goesOn, await engineer.GetStringAsync(review), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_shows_what_was_changed_and_computed_reports_only_when_asked()
    {
        await using var looper = new LooperApp();
        using var admin = await looper.SignedInAsync(Role.Admin);
        var pages = new ExperimentPages(looper, admin);
        await pages.PointAsync("shop");
        await pages.ReportAsync(await pages.RunningAsync("shop"));
        var whole = await admin.GetStringAsync("/audit?all=true");
        Assert.Contains("report.computed", whole, StringComparison.Ordinal);
        var page = await admin.GetStringAsync("/audit");
        Assert.Contains("experiment.started", page, StringComparison.Ordinal);
        Assert.DoesNotContain("report.computed", page, StringComparison.Ordinal);
        Assert.Contains(">report.computed<", await admin.GetStringAsync("/audit?action=report.computed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stages_of_the_loop_count_in_thousands()
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("shop", ServedApp.Banner);
        var app = await looper.WithKeyAsync();
        for (var batch = 0; batch < 2; batch++)
            await app.OkAsync("/v1/decisions/batch", $$"""{"items":[{{string.Join(',', Enumerable.Range(0, 600).Select(i => $$"""{"decisionPoint":"shop","unit":"u-{{batch}}-{{i}}"}"""))}}]}""");
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        async Task<string> StageAsync(int stage) => (string)(await viewer.GetFromJsonAsync<JsonNode>("/api/decision-points/shop/overview"))!["loop"]![stage]!["number"]!;
        // until both batches are stored, and counted by the hour
        await Eventually.IsTrueAsync(async () => (await StageAsync(1)).EndsWith("200 decisions", StringComparison.Ordinal) && (await StageAsync(0)).Replace(",", "", StringComparison.Ordinal).StartsWith("1200 ", StringComparison.Ordinal));
        Assert.Equal("1,200 decisions", await StageAsync(1));
        Assert.Matches(@"^1,200 since \d\d:00 UTC$", await StageAsync(0)); // the hour that runs and the whole one before, since that is how they are counted
    }

    [Fact]
    public async Task A_run_says_how_far_it_is_to_a_tenth_of_a_percent()
    {
        await using var looper = new LooperApp();
        var run = new JobRun { Id = Guid.CreateVersion7(), Kind = JobKinds.Import, State = JobState.Failed, Percent = 24.137500000000003 };
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(run);
            await db.SaveChangesAsync();
        }
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        Assert.Equal("24.1", (await viewer.GetFromJsonAsync<JsonNode>($"/api/jobs/{run.Id}"))!["run"]!["percent"]!.ToJsonString());
    }

    [Fact]
    public void An_arm_that_explores_says_so_as_every_other_percent_is_written() =>
        Assert.Equal("the best predicted option, exploring 10%", new Arm("a", 1) { Policy = new EpsilonGreedyPolicy(0.1) }.Does);
}
