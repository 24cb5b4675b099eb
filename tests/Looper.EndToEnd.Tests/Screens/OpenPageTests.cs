using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>What a page that is open owes whoever looks at it while things happen elsewhere.</summary>
public sealed class OpenPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Who_is_signed_out_elsewhere_is_told_so_on_the_page_that_is_open()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/jobs?open=true");
        await page.EvaluateAsync("() => fetch('/api/sign-out', { method: 'POST' })"); // as another tab would
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" })).ToBeVisibleAsync(new() { Timeout = 60_000 }); // an open page hears of it within half a minute
        await Expect(page.Locator("header.top")).ToHaveCountAsync(0);
        Assert.Empty(await visitor.BarriersAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByLabel("E-mail").FillAsync(Visitor.Email);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Visitor.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(new Regex("/jobs\\?open=true$"));
    }

    [Fact] // the page counts on while the key is being copied
    public async Task A_key_that_is_shown_once_stays_when_the_first_decision_comes()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        using var admin = looper.Anonymous();
        using (var signedIn = await admin.PostAsJsonAsync("/api/sign-in", new { email = Visitor.Email, password = Visitor.Password })) await LooperServer.EnsureAsync(signedIn);
        await admin.PublishAsync("banner", JsonNode.Parse("""
            { "shape": "choice", "options": [{ "key": "none" }, { "key": "free-shipping" }], "default": "none",
              "outcomes": [{ "name": "purchase", "kind": "boolean", "window": "1m", "absent": 0 }], "goal": { "terms": [{ "outcome": "purchase" }] }, "policy": { "kind": "random" } }
            """)!.AsObject());
        await visitor.OpenAsync("/decision-points/banner");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a key" }).ClickAsync();
        var key = page.GetByRole(AriaRole.Region, new() { Name = "Environment" });
        await Expect(key).ToContainTextAsync("lpr_");
        using var app = looper.WithKey((await key.TextContentAsync())!.Split('=')[1].Trim());
        using (var decided = await app.PostAsJsonAsync("/v1/decisions", new { decisionPoint = "banner", unit = "u-1" })) await LooperServer.EnsureAsync(decided);
        await Expect(page.Locator("ol.loop")).ToContainTextAsync("1 decisions");
        await Expect(key).ToContainTextAsync("lpr_");
    }

    [Fact]
    public async Task A_charts_file_has_numbers_as_numbers_and_no_formula()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/profile");
        await page.EvaluateAsync("""
            () => document.querySelector('main').insertAdjacentHTML('beforeend', `<figure data-name="shares"><button type="button" data-act="chart-csv">Save</button>
              <table><tr><th>Option</th><th>Share</th></tr><tr><td>-2+3|x</td><td>−0.12</td></tr><tr><td>+1+1</td><td>1,234</td></tr><tr><td>=1+1</td><td>−3.1%</td></tr><tr><td>—</td><td>+4</td></tr></table></figure>`)
            """);
        var file = await page.RunAndWaitForDownloadAsync(() => page.Locator("figure[data-name=shares] button").ClickAsync());
        Assert.Equal("Option,Share\r\n'-2+3|x,-0.12\r\n'+1+1,\"1,234\"\r\n'=1+1,-3.1%\r\n—,+4\r\n", await File.ReadAllTextAsync(await file.PathAsync(), TestContext.Current.CancellationToken));
    }
}
