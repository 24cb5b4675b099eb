using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Testing.Servers;

namespace Looper.EndToEnd.Tests;

/// <summary>Experiments that the simulated shop has none of: by clusters, by slots of time, with shares that follow the outcomes; one that waits for
/// another person, seen from both sides; and a report shared with somebody who has no account.</summary>
internal sealed class DesignedExperiments(LooperServer looper, HttpClient admin)
{
    private const string Password = "nine quiet herons by the canal";

    private static readonly (string Kind, string Design)[] Designs =
        [("cluster", """{ "cluster": "company" }"""), ("switchback", """{ "switchback": { "slotMinutes": 5, "burnInMinutes": 0, "region": "city" } }"""), ("bandit", """{ "bandit": { "floor": 0.1, "renewHours": 1 } }""")];

    private readonly Dictionary<string, string> _experiments = [];

    /// <summary>Starts them and sends what their units do; outcomes are certain a minute later.</summary>
    public async Task StartAsync()
    {
        using var app = looper.WithKey(await admin.CreateKeyAsync("decide", "observe"));
        foreach (var (kind, design) in Designs) _experiments[kind] = await StartAsync(kind, JsonNode.Parse(design)!.AsObject());
        foreach (var (kind, _) in Designs) await UntilServedAsync(app, $"{kind}-banner");
        foreach (var (kind, _) in Designs) await SendAsync(app, $"{kind}-banner");
        await AskAsync();
    }

    /// <summary>Computes the reports and shares one.</summary>
    /// <returns>What to look at, and where.</returns>
    public async Task<List<(string Kind, string Path)>> PagesAsync()
    {
        var pages = _experiments.Where(e => e.Key.StartsWith("approval", StringComparison.Ordinal)).Select(e => (e.Key, $"/experiments/{e.Value}")).ToList();
        foreach (var (kind, _) in Designs)
        {
            var report = await PostAsync(admin, $"/api/experiments/{_experiments[kind]}/reports", new { });
            pages.Add(($"report-{kind}", $"/experiments/{_experiments[kind]}/report"));
            if (kind == "cluster") pages.Add(("shared", $"{(await PostAsync(admin, $"/api/reports/{report["id"]}/shares", new { recipient = "the agency", days = 14 }))["path"]}"));
        }

        return pages;
    }

    private async Task<string> StartAsync(string kind, JsonObject design)
    {
        await admin.PublishAsync($"{kind}-banner", JsonNode.Parse("""
            { "shape": "choice", "options": [{ "key": "none" }, { "key": "free-shipping" }], "default": "none", "policy": { "kind": "random" }, "training": { "isOn": false },
              "features": [{ "name": "company", "kind": "category" }, { "name": "city", "kind": "category" }, { "name": "visits", "kind": "number" }],
              "outcomes": [{ "name": "purchase", "kind": "boolean", "window": "1m", "absent": 0 }, { "name": "revenue", "kind": "number", "window": "1m", "absent": 0, "aggregation": "sum", "unitOfMeasure": "EUR" }],
              "goal": { "terms": [{ "outcome": "purchase" }], "guardrails": [{ "outcome": "revenue", "marginRelative": 0.05 }] } }
            """)!.AsObject());
        var id = await CreateAsync(admin, kind, design);
        await PostAsync(admin, $"/api/experiments/{id}/start", new { reason = "agreed" });
        return id;
    }

    private static async Task<string> CreateAsync(HttpClient who, string kind, JsonObject design, string? point = null)
    {
        design["arms"] = JsonNode.Parse("""[{ "key": "none", "weight": 0.5, "option": "none" }, { "key": "free-shipping", "weight": 0.5, "option": "free-shipping" }]""");
        return $"{(await PostAsync(who, "/api/experiments", new { decisionPoint = point ?? $"{kind}-banner", key = $"{kind}-q4", name = $"Banner, {kind.Replace('-', ' ')}", hypothesis = "We believe that free shipping sells more.", plan = design }))["id"]}";
    }

    // One that a colleague asks for, and one that the visitor asks for: each may only approve the other's.
    private async Task AskAsync()
    {
        await PostAsync(admin, "/api/users", new { email = "bob@example.org", name = "Bob", role = "engineer", password = Password });
        await PostAsync(admin, "/api/users", new { email = "eve@example.org", name = "Eve", role = "approver", password = Password }); // it takes two who may approve
        using (var set = await admin.PutAsJsonAsync("/api/settings/experiments", new { sharesReports = true, asksApproval = true })) await LooperServer.EnsureAsync(set);
        using var bob = looper.Anonymous();
        await PostAsync(bob, "/api/sign-in", new { email = "bob@example.org", password = Password });
        foreach (var (kind, who) in new[] { ("approval-asked", bob), ("approval-own", admin) })
        {
            _experiments[kind] = await CreateAsync(who, kind, [], "taught-banner");
            await PostAsync(who, $"/api/experiments/{_experiments[kind]}/approval", new { reason = "before the season" });
        }
    }

    private static async Task UntilServedAsync(HttpClient app, string point)
    {
        for (var left = 200; ; left--)
        {
            var answer = await PostAsync(app, "/v1/decisions", new { decisionPoint = point, unit = "first", context = new { company = "c0", city = "city0", visits = 1 } });
            if ($"{answer["reason"]}" == "experiment") return;
            Assert.True(left > 0, $"{point} does not serve its experiment: {answer}");
            await Task.Delay(100);
        }
    }

    private static async Task SendAsync(HttpClient app, string point)
    {
        for (var batch = 0; batch < 2; batch++)
        {
            var calls = Enumerable.Range(1_000 * batch, 1_000).Select(i => new { decisionPoint = point, unit = $"visitor-{i}", context = new { company = $"c{i % 60}", city = $"city{i % 24}", visits = i % 9 } });
            var answers = (await PostAsync(app, "/v1/decisions/batch", new { items = calls }))["items"]!.AsArray().Select(item => item!["result"]!).ToArray();
            await PostAsync(app, "/v1/observations/batch", new
            {
                items = answers.Select((answer, i) => (answer, buys: i % 20 < ($"{answer["decision"]}" == "free-shipping" ? 9 : 6) ? 1 : 0))
                    .Select(a => new { decisionId = $"{a.answer["decisionId"]}", outcomes = new { purchase = a.buys, revenue = a.buys * 12.5 } }),
            });
        }
    }

    private static async Task<JsonNode> PostAsync(HttpClient who, string path, object body)
    {
        using var answer = await who.PostAsJsonAsync(path, body);
        await LooperServer.EnsureAsync(answer);
        var text = await answer.Content.ReadAsStringAsync();
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
