using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>The longest names that are allowed, on the narrowest screen.</summary>
public sealed class LongNamesTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly string s_name = new('m', 64), s_metric = new('k', 64);

    [Fact]
    public async Task No_name_pushes_its_page_sideways()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        using var admin = looper.Anonymous();
        using (var signed = await admin.PostAsJsonAsync("/api/sign-in", new { email = Visitor.Email, password = Visitor.Password })) await LooperServer.EnsureAsync(signed);
        await admin.PublishAsync("banner", JsonNode.Parse($$"""
            { "shape": "choice", "options": [{ "key": "a" }, { "key": "b" }], "default": "a", "policy": { "kind": "random" },
              "outcomes": [{ "name": "{{s_name}}", "kind": "number", "aggregation": "sum", "window": "1m" }], "goal": { "terms": [{ "outcome": "{{s_name}}" }] } }
            """)!.AsObject());
        var draft = await MadeAsync(admin, "/api/drafts", new { decisionPoint = "banner" });
        var experiment = await MadeAsync(admin, "/api/experiments", new
        {
            decisionPoint = "banner", key = "q4", name = "Banner",
            plan = new
            {
                arms = new[] { new { key = "a", weight = 0.5, option = "a" }, new { key = "b", weight = 0.5, option = "b" } },
                metrics = new[] { new { key = s_metric, kind = "sum", outcome = s_name } },
            },
        });
        foreach (var (path, button) in new[] { ($"/decision-points/drafts/{draft}/measure", $"Remove {s_name}"), ($"/experiments/{experiment}", $"Remove metric {s_metric}") })
        {
            await visitor.Page.SetViewportSizeAsync(390, 844);
            await visitor.OpenAsync(path);
            var named = visitor.Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true });
            await Expect(named).ToBeVisibleAsync();
            var box = (await named.BoundingBoxAsync())!;
            Assert.InRange(box.X + box.Width, 0, 390);
            Assert.True(await visitor.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{path} scrolls sideways");
        }
    }

    private static async Task<string> MadeAsync(HttpClient admin, string route, object what)
    {
        using var made = await admin.PostAsJsonAsync(route, what);
        await LooperServer.EnsureAsync(made);
        return (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!;
    }
}
