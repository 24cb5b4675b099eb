using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>The rows of a decision point: what is asked for is what is shown.</summary>
public sealed class RowsTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Older_rows_are_of_the_view_that_is_shown_and_filters_are_cleared_with_the_unit()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        using var admin = looper.Anonymous();
        using (var signed = await admin.PostAsJsonAsync("/api/sign-in", new { email = Visitor.Email, password = Visitor.Password })) await LooperServer.EnsureAsync(signed);
        await admin.PublishAsync("banner", JsonNode.Parse("""
            { "shape": "choice", "options": [{ "key": "a" }, { "key": "b" }], "default": "a", "policy": { "kind": "random" }, "features": [{ "name": "country", "kind": "category" }],
              "outcomes": [{ "name": "purchase", "kind": "boolean", "window": "1m" }], "goal": { "terms": [{ "outcome": "purchase" }] } }
            """)!.AsObject());
        using var app = looper.WithKey(await admin.CreateKeyAsync("decide"));
        using (var decided = await app.PostAsJsonAsync("/v1/decisions/batch", new { items = Enumerable.Range(0, 120).Select(i => new { decisionPoint = "banner", unit = $"u-{i}", context = new { country = "NL" } }) }))
            await LooperServer.EnsureAsync(decided);
        var page = visitor.Page;
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

        await visitor.OpenAsync("/decision-points/banner/data");
        await Expect(Button("Older rows")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Features", Exact = true }).ClickAsync();
        await Expect(page.GetByText("of the last 24 hours")).ToBeVisibleAsync();
        await Expect(Button("Older rows")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "Decisions", Exact = true }).ClickAsync();
        await Expect(page.GetByText("100 newest decisions")).ToBeVisibleAsync();
        await Button("Older rows").ClickAsync();
        await Expect(page.GetByText("120 decisions")).ToBeVisibleAsync();

        await page.GetByLabel("Unit").FillAsync("nobody");
        await Button("Look up").ClickAsync();
        await Expect(page.GetByText("Nothing matches these filters.")).ToBeVisibleAsync();
        await Button("Clear filters").ClickAsync();
        await Expect(page.GetByText("100 newest decisions")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Unit")).ToHaveValueAsync("");
    }
}
