using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>On a slow line the next edit is sent before the page shows what the last one did. Sent in one turn of the page's script, it always is.</summary>
public sealed class QuickHandsTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Change = "const change = (of, value) => { const field = find(of); field.value = value; field.dispatchEvent(new Event('change', { bubbles: true })); };";
    private const string Find = "const find = (name) => [...document.querySelectorAll('label')].find((one) => one.textContent.trim().startsWith(name)).control;";

    [Fact]
    public async Task Both_of_two_edits_are_kept_where_the_second_was_sent_before_the_first_was_shown()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name });

        await visitor.OpenAsync("/decision-points/new");
        await Button("Pick a variant").ClickAsync();
        await page.Locator("#name").FillAsync("Checkout");
        await Button("Next: What you send").ClickAsync();
        await Button("Add by hand").ClickAsync();
        await page.GetByLabel("Name of feature 1").FillAsync("cart");
        await Button("Derive a feature").ClickAsync();
        await page.GetByLabel("Name of feature 2").FillAsync("band");
        await Expect(page.GetByLabel("Edges of band")).ToBeVisibleAsync();
        await page.EvaluateAsync($"() => {{ {Find} {Change} change('band is derived from', 'cart'); change('Edges of band', '4, 10'); }}");
        await Expect(page.GetByLabel("Edges of band")).ToHaveValueAsync("4, 10");
        await Expect(page.GetByLabel("band is derived from")).ToHaveValueAsync("cart");

        await Button("Next: What you measure").ClickAsync();
        var first = page.GetByRole(AriaRole.Group, new() { Name = "Outcome 1" });
        await Expect(first).ToBeVisibleAsync();
        await page.EvaluateAsync($"() => {{ {Find} {Change} change('Kind', 'Number'); change('Better when', 'Lower'); change('Unit', 'EUR'); }}");
        await Expect(page.GetByText("It learns to lower converted")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "UTC" })).ToBeVisibleAsync();
        await page.ReloadAsync(); // shows what was stored, not what the browser kept
        await visitor.ReadyAsync();
        await Expect(first.GetByLabel("Kind")).ToHaveValueAsync("Number");
        await Expect(first.GetByLabel("Better when")).ToHaveValueAsync("Lower");
        await Expect(first.GetByLabel("Unit (optional)")).ToHaveValueAsync("EUR");
    }

    [Fact]
    public async Task Letters_typed_while_the_first_is_on_its_way_stay()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/decision-points/new");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pick a variant" }).ClickAsync();
        await page.Locator("#name").FillAsync("Checkout");
        var key = page.GetByLabel("Key of option 1");
        await key.EvaluateAsync("field => { field.value = 'qu'; field.dispatchEvent(new Event('input', { bubbles: true })); field.value = 'quick'; }"); // the rest has not been sent yet
        await Expect(page.GetByText("asks checkout for qu, variant-b or none")).ToBeVisibleAsync();
        await Expect(key).ToHaveValueAsync("quick");
    }

    [Fact]
    public async Task The_heading_takes_the_focus_of_a_page_that_was_opened_but_not_from_a_field_that_is_being_filled_in()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/decision-points");
        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Experiments" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Experiments" })).ToBeFocusedAsync();
        await visitor.OpenAsync("/experiments/size");
        var field = page.Locator("main input").First;
        await field.FocusAsync();
        await page.EvaluateAsync("() => looper.seekHeading()"); // as what the server asks for when the page has opened, late
        await Expect(field).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_button_pressed_twice_before_the_page_answers_removes_one()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name });
        async Task TwiceAsync(ILocator button) => await button.EvaluateAsync("button => { button.click(); button.click(); }");

        await visitor.OpenAsync("/access/keys");
        await Button("New key").First.ClickAsync();
        await page.Locator("#name").FillAsync("shop");
        await page.Locator("#name").BlurAsync();
        await TwiceAsync(Button("Create key"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your new key" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "shop", Exact = true })).ToHaveCountAsync(1);

        await visitor.OpenAsync("/decision-points/new");
        await TwiceAsync(Button("Pick a variant"));
        await page.Locator("#name").FillAsync("Checkout");
        await Button("Add an option").ClickAsync();
        var keys = page.Locator(".option-row input.mono");
        await Expect(keys).ToHaveCountAsync(4);
        await keys.Last.FillAsync("c");
        await TwiceAsync(Button("Remove option variant-a"));
        await Expect(keys).ToHaveCountAsync(3);
        await Expect(keys.Nth(0)).ToHaveValueAsync("variant-b");
        await Expect(keys.Nth(2)).ToHaveValueAsync("c");
        await Button("Next: What you send").ClickAsync();
        await Button("Add by hand").ClickAsync();
        await page.GetByLabel("Name of feature 1").FillAsync("cart");
        await TwiceAsync(Button("Remove cart"));
        await Expect(page.GetByLabel("Name of feature 1")).ToHaveCountAsync(0);
        await Button("Next: What you measure").ClickAsync();
        await TwiceAsync(Button("Remove the guardrail on revenue"));
        await TwiceAsync(Button("Remove converted from the goal"));
        await Expect(page.GetByLabel("Outcome of goal")).ToHaveCountAsync(0);
        await TwiceAsync(Button("Add to the goal"));
        await Expect(page.GetByLabel("Outcome of goal")).ToHaveCountAsync(1);
        var outcomes = page.GetByRole(AriaRole.Group, new() { NameRegex = new("^Outcome [0-9]$") });
        await TwiceAsync(page.GetByRole(AriaRole.Button, new() { Name = "Remove revenue", Exact = true }));
        await Expect(outcomes).ToHaveCountAsync(1);
        await TwiceAsync(Button("Next: How to start"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "How to start" })).ToBeVisibleAsync(); // and not the one after
        var drafts = await page.Context.APIRequest.GetAsync("/api/drafts");
        Assert.Equal(1, (await drafts.JsonAsync())!.Value.GetArrayLength());
    }
}
