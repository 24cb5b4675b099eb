using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>What forms and panels owe whoever uses them: faults that are found, words that are not lost, nothing beyond the edge of a phone.</summary>
public sealed class FormTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Panels_of_the_top_bar_stay_on_a_phone()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper, width: 390);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/");
        await page.Locator(".bell > summary").ClickAsync();
        await InsideAsync(page.Locator(".bell .menu-list"));
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Search" }).FillAsync("decision");
        await InsideAsync(page.GetByRole(AriaRole.Listbox, new() { Name = "Found" }));
    }

    private static async Task InsideAsync(ILocator panel)
    {
        await panel.WaitForAsync();
        var box = (await panel.BoundingBoxAsync())!;
        Assert.InRange(box.X, 0, 390);
        Assert.InRange(box.X + box.Width, 300, 390);
        Assert.InRange(box.Y + box.Height, 0, 844);
    }
}
