using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.EndToEnd.Tests.Browser;
using Looper.Testing;
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
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "New key" })).ToBeFocusedAsync(); // the button that opened it has gone
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
        await page.Locator("#name").FillAsync("Checkout");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next: What you send" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What you send" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Who_goes_back_from_a_form_is_where_it_was_opened()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        var back = page.GetByRole(AriaRole.Button, new() { Name = "Go back" });
        await visitor.OpenAsync("/access/keys");
        var opener = page.GetByRole(AriaRole.Button, new() { Name = "New key" });
        await Expect(opener).ToHaveCountAsync(2); // of the page, and where there is none yet
        foreach (var one in new[] { opener.First, opener.Last })
        {
            await one.ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "New key" })).ToBeFocusedAsync();
            await back.ClickAsync();
            await Expect(one).ToBeFocusedAsync();
        }
        await opener.First.ClickAsync();
        await page.Locator("#name").FillAsync("shop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your new key" })).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "I have stored it" }).ClickAsync();
        await Expect(opener).ToBeFocusedAsync();

        await visitor.OpenAsync("/access/users");
        foreach (var one in new[] { page.GetByRole(AriaRole.Button, new() { Name = "Add user" }), page.GetByRole(AriaRole.Button, new() { Name = "New password for" }) })
        {
            await one.ClickAsync();
            await back.ClickAsync();
            await Expect(one).ToBeFocusedAsync();
        }
    }

    [Fact]
    public async Task The_key_for_the_main_button_takes_what_is_being_typed_and_the_button_of_where_one_is()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await visitor.OpenAsync("/profile");
        var name = page.GetByLabel("Name", new() { Exact = true });
        await name.FillAsync("");
        await name.PressSequentiallyAsync("Ada of the canal");
        await name.PressAsync("Control+Enter");
        await Expect(page.GetByText("Saved your name")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await visitor.ReadyAsync();
        await Expect(name).ToHaveValueAsync("Ada of the canal");
        await page.Locator("#password").PressSequentiallyAsync("short");
        await page.Locator("#password").PressAsync("Control+Enter");
        await Expect(page.Locator("section[aria-labelledby='password-heading'] .error-summary")).ToBeVisibleAsync();
        await Expect(page.Locator("section[aria-labelledby='you-heading'] .error-summary")).ToHaveCountAsync(0);

        await visitor.OpenAsync("/settings/configuration");
        await page.Locator("#yaml").FillAsync(PointsFiles.Tip);
        await page.Locator("#yaml").PressAsync("Control+Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply", Exact = true }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("tip: Create.");
        await page.Keyboard.PressAsync("Control+Enter"); // not the button behind it
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Applied" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_is_typed_into_a_plan_outlives_another_persons_save()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        using var admin = looper.Anonymous();
        using (var signedIn = await admin.PostAsJsonAsync("/api/sign-in", new { email = Visitor.Email, password = Visitor.Password })) await LooperServer.EnsureAsync(signedIn);
        await admin.PublishAsync("banner", JsonNode.Parse("""
            { "shape": "choice", "options": [{ "key": "none" }, { "key": "free-shipping" }], "default": "none",
              "outcomes": [{ "name": "purchase", "kind": "boolean", "window": "1m", "absent": 0 }], "goal": { "terms": [{ "outcome": "purchase" }] }, "policy": { "kind": "random" } }
            """)!.AsObject());
        var plan = JsonNode.Parse("""{ "arms": [{ "key": "none", "weight": 0.5, "option": "none" }, { "key": "free-shipping", "weight": 0.5, "option": "free-shipping" }] }""")!;
        string id;
        using (var made = await admin.PostAsJsonAsync("/api/experiments", new { decisionPoint = "banner", key = "banner-q4", name = "Banner", plan }))
        {
            await LooperServer.EnsureAsync(made);
            id = $"{JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]}";
        }

        await visitor.SignInAsync();
        var page = visitor.Page;
        await visitor.OpenAsync($"/experiments/{id}");
        var hypothesis = page.GetByLabel("Hypothesis");
        await hypothesis.PressSequentiallyAsync("We believe"); // and is still in the field
        await page.EvaluateAsync("id => fetch(`/api/experiments/${id}/testers`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ testers: [{ unit: 'ada', arm: 'none' }] }) })", id);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Remove ada" })).ToBeVisibleAsync();
        await Expect(hypothesis).ToHaveValueAsync("We believe"); // testers stand elsewhere
        await RenameAsync(admin, id, "Banner of the autumn");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Banner of the autumn");
        await Expect(hypothesis).ToHaveValueAsync("We believe");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save mine over it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Banner");
        await Expect(page.Locator("p.lead")).ToHaveTextAsync("We believe");
        await RenameAsync(admin, id, "Banner of the winter");
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Banner of the winter"); // nothing was being typed
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

    private static async Task RenameAsync(HttpClient admin, string id, string name)
    {
        var experiment = JsonNode.Parse(await admin.GetStringAsync($"/api/experiments/{id}"))!;
        var body = new { revision = (long)experiment["revision"]!, key = "banner-q4", name, hypothesis = "Autumn sells.", plan = experiment["plan"] };
        using var answer = await admin.PutAsJsonAsync($"/api/experiments/{id}", body);
        await LooperServer.EnsureAsync(answer);
    }
}
