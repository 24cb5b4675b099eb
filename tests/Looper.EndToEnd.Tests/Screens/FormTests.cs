using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>What forms and panels owe whoever uses them: faults that are found, words that are not lost, nothing beyond the edge of a phone.</summary>
public sealed class FormTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Red = "rgb(179, 38, 30)";

    [Fact]
    public async Task A_refused_form_takes_the_focus_to_what_is_wrong_and_marks_it()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/access/keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).First.ClickAsync();
        var create = page.GetByRole(AriaRole.Button, new() { Name = "Create key" });
        await create.ClickAsync();
        await Expect(page.Locator(".error-summary")).ToBeFocusedAsync();
        await Expect(page.Locator("#name")).ToHaveCSSAsync("border-top-color", Red);
        await page.Locator(".error-summary a").First.ClickAsync();
        await Expect(page.Locator("#name")).ToBeFocusedAsync();
        await create.ClickAsync(); // the same refusal again
        await Expect(page.Locator(".error-summary")).ToBeFocusedAsync();

        await visitor.OpenAsync("/decision-points/new");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pick a variant" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Next: What you send" }).ClickAsync();
        await Expect(page.Locator("#name")).ToBeFocusedAsync();
        await Expect(page.Locator("#name")).ToHaveAttributeAsync("aria-invalid", "true");
    }

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
