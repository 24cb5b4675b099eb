using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Decisions;

/// <summary>A published version whose stored content cannot be read: each route and each page says so, and going back is the way out.</summary>
public sealed class UnreadableVersionTests
{
    private const string Later = """{"shape":"choice","default":"none","fromTheFuture":1}""";

    private const string Reason = "Version 2 of `shop` cannot be read";

    [Fact] // every route of a decision point that the matrix of callers knows, with the body it has there
    public async Task No_route_or_page_of_a_decision_point_fails_where_its_version_cannot_be_read()
    {
        await using var looper = new LooperApp();
        using var admin = await BrokenAsync(looper);
        var failed = new List<string>();
        foreach (var (method, route, body) in Rows())
        {
            using var request = new HttpRequestMessage(method, route);
            if (method != HttpMethod.Get) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await admin.SendAsync(request);
            if (answer.StatusCode >= HttpStatusCode.InternalServerError || (await answer.Content.ReadAsStringAsync()).Contains("Something failed", StringComparison.Ordinal)) failed.Add($"{method} {route}: {answer.StatusCode}");
        }
        Assert.Empty(failed);
    }

    [Theory]
    [InlineData("GET", "/api/decision-points/shop/overview", "")]
    [InlineData("GET", "/api/decision-points/shop/policy-value", "")]
    [InlineData("GET", "/api/decision-points/shop/bandit", "")]
    [InlineData("GET", "/api/decision-points/shop/drift", "")]
    [InlineData("GET", "/api/decision-points/shop/features", "")]
    [InlineData("GET", "/api/decision-points/shop/metric-baseline", "")]
    [InlineData("PUT", "/api/decision-points/shop/training", """{"version":2,"training":{}}""")]
    [InlineData("PUT", "/api/decision-points/shop/apprentice", """{"policy":{"kind":"bandit"}}""")]
    [InlineData("POST", "/api/decision-points/shop/policy-evaluations", "{}")]
    [InlineData("POST", "/api/drafts", """{"decisionPoint":"shop"}""")]
    [InlineData("POST", "/api/experiments", """{"decisionPoint":"shop","key":"x-1","name":"X"}""")]
    [InlineData("POST", "/api/studies", """{"decisionPoint":"shop","name":"X"}""")]
    public async Task What_needs_the_version_is_refused_with_which_it_is_and_what_to_do(string method, string route, string body)
    {
        await using var looper = new LooperApp();
        using var admin = await BrokenAsync(looper);
        using var request = new HttpRequestMessage(new(method), route) { Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await admin.SendAsync(request);
        var problem = await Problem.IsAsync(answer, HttpStatusCode.Conflict, "blueprint.unreadable");
        Assert.StartsWith(Reason, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/blueprint")]
    [InlineData("/data")]
    [InlineData("/models")]
    [InlineData("/models/training")]
    [InlineData("/policy")]
    [InlineData("/experiments")]
    [InlineData("/snippets")]
    [InlineData("/settings")]
    public async Task Each_tab_says_so_in_its_frame_and_the_others_are_beside_it(string tab)
    {
        await using var looper = new LooperApp();
        using var admin = await BrokenAsync(looper);
        var html = await admin.GetStringAsync("/decision-points/shop" + tab);
        Assert.Contains(Reason, html.Replace("&#x60;", "`", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("href=\"/decision-points/shop/blueprint\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/decision-points/shop/settings\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Something failed", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<span>a choice</span>", html, StringComparison.Ordinal); // nobody knows what it is
        Assert.DoesNotContain("<span>goal ", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/experiments/new?point=shop")]
    [InlineData("/studies/new?point=shop")]
    [InlineData("/experiments/size")]
    public async Task A_new_experiment_or_study_can_be_made_elsewhere(string page)
    {
        await using var looper = new LooperApp();
        using var admin = await BrokenAsync(looper);
        await looper.PublishAsync("tip", ServedApp.Banner);
        var html = await admin.GetStringAsync(page);
        Assert.DoesNotContain("Something failed", html, StringComparison.Ordinal);
        Assert.Contains("value=\"tip\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"shop\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Going_back_makes_everything_work_again()
    {
        await using var looper = new LooperApp();
        using var admin = await BrokenAsync(looper);
        using (var back = await admin.PostAsJsonAsync("/api/decision-points/shop/blueprints/1/restore", new { })) Assert.Equal(HttpStatusCode.Created, back.StatusCode);
        foreach (var route in new[] { "overview", "policy-value", "training", "features", "metric-baseline", "drift", "decisions" })
        {
            using var answer = await admin.GetAsync($"/api/decision-points/shop/{route}");
            Assert.True(answer.IsSuccessStatusCode, $"{route}: {await answer.Content.ReadAsStringAsync()}");
        }
        using var asked = await admin.GetAsync("/api/decision-points/shop/policy-value?version=2");
        await Problem.IsAsync(asked, HttpStatusCode.Conflict, "blueprint.unreadable");
        using var evaluated = await admin.PostAsJsonAsync("/api/decision-points/shop/policy-evaluations", new { });
        Assert.Equal(HttpStatusCode.Accepted, evaluated.StatusCode);
    }

    [Fact]
    public async Task A_draft_with_content_of_its_own_is_a_way_out_too()
    {
        await using var looper = new LooperApp();
        using var admin = await BrokenAsync(looper);
        var content = JsonNode.Parse(BlueprintJson.Write(ServedApp.Banner));
        Guid id;
        using (var made = await admin.PostAsJsonAsync("/api/drafts", new { decisionPoint = "shop", content })) id = (Guid)(await made.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using (var seen = await admin.PostAsync($"/api/drafts/{id}/preview", null)) Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        Assert.Contains(Reason, (await admin.GetStringAsync($"/decision-points/drafts/{id}/review")).Replace("&#x60;", "`", StringComparison.Ordinal), StringComparison.Ordinal);
        using var published = await admin.PostAsJsonAsync($"/api/drafts/{id}/publish", new { });
        Assert.Equal(HttpStatusCode.Created, published.StatusCode);
    }

    [Fact]
    public async Task A_training_that_was_asked_for_says_so_at_its_run()
    {
        await using var looper = new LooperApp();
        using var admin = await BrokenAsync(looper);
        using var asked = await admin.PostAsJsonAsync("/api/decision-points/shop/models", new { });
        var job = (await asked.Content.ReadFromJsonAsync<JsonNode>())!["jobId"];
        JsonNode? run = null;
        await Eventually.IsTrueAsync(async () => (string?)(run = (await admin.GetFromJsonAsync<JsonNode>($"/api/jobs/{job}"))!["run"])!["state"] == "failed");
        Assert.StartsWith(Reason, (string?)run!["result"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_is_made_beside_a_version_that_cannot_be_read_and_refused_where_its_units_met_one()
    {
        await using var looper = new LooperApp();
        using var admin = await looper.SignedInAsync();
        await looper.ForceAsync("shop", Later);
        var point = await looper.PublishAsync("shop", ServedApp.Banner);
        Guid id;
        using (var made = await admin.PostAsJsonAsync("/api/experiments", new { decisionPoint = "shop", key = "banner", name = "Banner" })) id = (Guid)(await made.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using (var started = await admin.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "agreed" })) Assert.Equal(HttpStatusCode.NoContent, started.StatusCode);
        async Task MeetAsync(int version) => await looper.Get<Journal>().AppendAsync(new DecisionRecord
        {
            Id = $"d-{version}", DecisionPointId = point, Unit = $"u-{version}", Time = looper.Get<TimeProvider>().GetUtcNow(), BlueprintVersion = version, Option = 0, Propensity = 0.5,
            Reason = Core.Serving.Reason.Experiment, ExperimentId = id, Arm = 0, Served = Array.Empty<byte>(),
        }, durable: true, default);
        await MeetAsync(2);
        using (var computed = await admin.PostAsync($"/api/experiments/{id}/reports", null)) Assert.Equal(HttpStatusCode.OK, computed.StatusCode);
        await looper.ForceAsync("shop", Later);
        await MeetAsync(3);
        using var refused = await admin.PostAsync($"/api/experiments/{id}/reports", null);
        Assert.Contains("Version 3 of `shop`", (string?)(await Problem.IsAsync(refused, HttpStatusCode.Conflict, "blueprint.unreadable"))["detail"], StringComparison.Ordinal);
    }

    private static async Task<HttpClient> BrokenAsync(LooperApp looper)
    {
        await looper.PublishAsync("shop", ServedApp.Banner with { Durable = true });
        await looper.ForceAsync("shop", Later);
        return await looper.SignedInAsync();
    }

    private static IEnumerable<(HttpMethod Method, string Route, string Body)> Rows() =>
        from line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Access", "routes.tsv")).Skip(1)
        let cells = line.Split('\t')
        let route = cells[0].Split(' ')
        where route.Length == 2 && route[1].Contains("decision-points/{key}", StringComparison.OrdinalIgnoreCase) && !route[1].EndsWith("/archive", StringComparison.Ordinal)
        select (new HttpMethod(route[0] == "ANY" ? "GET" : route[0]), Filled(route[1]), cells[^1]);

    private static string Filled(string pattern) => Regex.Replace(pattern, @"\{(\w+)(:\w+)?\}", part => part.Groups[1].Value.Equals("key", StringComparison.OrdinalIgnoreCase) ? "shop"
        : part.Groups[2].Value == ":int" ? "1" : part.Groups[2].Value == ":guid" ? Guid.Empty.ToString() : "none");
}
