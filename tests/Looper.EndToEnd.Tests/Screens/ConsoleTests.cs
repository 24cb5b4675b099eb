using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>The frame of the console in a real browser: what every page rests on.</summary>
public sealed class ConsoleTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Barriers_are_found_where_there_are_some()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.Page.SetContentAsync("<html lang='en'><title>t</title><main><h1>t</h1><img src='data:,'><p style='color:#ccc;background:#fff'>pale</p></main></html>");
        var found = await visitor.BarriersAsync();
        Assert.Contains(found, barrier => barrier.StartsWith("critical image-alt: <img", StringComparison.Ordinal));
        Assert.Contains(found, barrier => barrier.StartsWith("serious color-contrast: <p", StringComparison.Ordinal));
        Assert.Equal(2, found.Count);
    }

    [Fact]
    public async Task Setting_up_leads_home_and_signing_out_leads_away()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        var page = visitor.Page;
        await page.GotoAsync($"/setup#{await looper.SetupTokenAsync()}");
        Assert.Equal([], await visitor.BarriersAsync());
        await visitor.PictureAsync("setup-1440-light");
        await page.GetByLabel("Your name").FillAsync("Ada");
        await page.GetByLabel("E-mail").FillAsync(Visitor.Email);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Visitor.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the first account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Home", Level = 1 })).ToBeVisibleAsync();
        await visitor.ReadyAsync();
        await page.GetByLabel("You: Ada").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        Assert.Equal([], await visitor.BarriersAsync());
        await visitor.PictureAsync("sign-in-1440-light");
        await page.GetByLabel("E-mail").FillAsync(Visitor.Email);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Visitor.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Home", Level = 1 })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_keys_search_the_themes_and_the_drawer_work()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        await visitor.OpenAsync("/");
        var page = visitor.Page;
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("d");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Decision points", Level = 1 })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("/");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Search" })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("home");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "Home" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Home", Level = 1 })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "Keys" })).ToBeVisibleAsync();
        Assert.Equal([], await visitor.BarriersAsync());
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Light or dark").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(18, 18, 18)");
        await page.ReloadAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(18, 18, 18)");
        await page.SetViewportSizeAsync(390, 844);
        await visitor.ReadyAsync();
        await Expect(page.Locator("#navigation")).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Navigation" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Decision points" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Decision points", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.Locator("#navigation")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_says_so_with_404_and_keeps_the_frame()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        visitor.Forgives = fault => fault.Contains("404", StringComparison.Ordinal);
        var answer = await visitor.Page.GotoAsync("/no-such-page");
        Assert.Equal(404, answer!.Status);
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("There is nothing here");
        await Expect(visitor.Page.GetByRole(AriaRole.Navigation, new() { Name = "Main" })).ToBeVisibleAsync();
        await visitor.ReadyAsync();
        Assert.Equal([], await visitor.BarriersAsync());
    }

    [Fact] // the script served is 9.0's on a 10.0 server: what pages rest on is tried, not assumed
    public async Task T24_a_lost_connection_says_so_and_comes_back_at_the_same_address()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        var line = await Line.OfAsync(page);
        await visitor.OpenAsync("/decision-points?state=Paused");
        visitor.Forgives = _ => line.WasCut;
        await line.CutAsync();
        await Expect(page.GetByText("Connection lost.").Filter(new() { Visible = true })).ToBeVisibleAsync();
        line.Mend();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("jobs");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "Jobs" })).ToBeVisibleAsync();
        Assert.EndsWith("/decision-points?state=Paused", page.Url);
    }
}
