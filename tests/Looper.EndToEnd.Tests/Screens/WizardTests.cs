using Looper.Testing;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.Json;
using System.Text.RegularExpressions;
using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>From "New decision point" to the first joined outcome in a real browser, against the real server.</summary>
public sealed partial class WizardTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Sample = """{"country":"NL","cartValue":83.5,"member":true,"orderId":"A-1001","email":"ada@example.org","interests":["news","sport"],"embedding":[0.12,-0.5,1e-3]}""";

    [Fact]
    public async Task A_pasted_sample_becomes_a_live_decision_point_in_eight_clicks_and_the_snippets_run_as_shown()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        var clicks = 0;
        async Task ClickAsync(ILocator target)
        {
            clicks++;
            await target.ClickAsync();
        }
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name });

        await visitor.OpenAsync("/decision-points");
        await ClickAsync(page.GetByRole(AriaRole.Link, new() { Name = "New decision point" }).First);
        await ClickAsync(Button("Pick a variant"));
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Checkout banner");
        await Expect(page.GetByLabel("Key", new() { Exact = true })).ToHaveValueAsync("checkout-banner");
        await LookAsync(visitor, "wizard-decision");
        await ClickAsync(Button("Next: What you send"));
        await page.GetByLabel("Paste one or more examples").FillAsync(Sample);
        await Expect(page.GetByLabel("Use country")).ToBeCheckedAsync();
        await Expect(page.GetByLabel("Use orderId")).Not.ToBeCheckedAsync();
        await Expect(page.GetByText("looks like personal data")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Type of interests")).ToHaveValueAsync("Tags");
        await Expect(page.GetByLabel("Type of embedding")).ToHaveValueAsync("Vector");
        await page.GetByLabel("How many numbers embedding has").FillAsync("0");
        await page.GetByLabel("How many numbers embedding has").BlurAsync();
        await Expect(page.GetByText("a vector says how many numbers it has")).ToBeVisibleAsync();
        await page.GetByLabel("How many numbers embedding has").FillAsync("3");
        await Expect(page.GetByText("a vector says how many numbers it has")).ToBeHiddenAsync();
        await LookAsync(visitor, "wizard-send");
        await ClickAsync(Button("Next: What you measure"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What you measure" })).ToBeVisibleAsync();
        await LookAsync(visitor, "wizard-measure");
        await ClickAsync(Button("Next: How to start"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "How to start" })).ToBeVisibleAsync();
        await LookAsync(visitor, "wizard-start");
        await ClickAsync(Button("Next: Review"));
        await Expect(page.GetByText("It sends 5 features.").First).ToBeVisibleAsync();
        await LookAsync(visitor, "wizard-review");
        await ClickAsync(Button("Publish version 1"));
        await Expect(page.GetByText("Waiting for the first call…")).ToBeVisibleAsync();
        Assert.InRange(clicks, 1, 8);
        await LookAsync(visitor, "wizard-live");

        await Button("Create a key").ClickAsync();
        var line = await page.GetByText("export LOOPER_API_KEY=lpr_").InnerTextAsync();
        var key = line.Split('=')[1].Trim();
        var blocks = await BlocksAsync(page, "curl");
        var decided = await RunAsync("bash", blocks[0], key);
        Assert.Contains(JsonNode.Parse(decided)!["decision"]!.GetValue<string>(), new[] { "variant-a", "variant-b", "none" });
        await Expect(page.GetByText(FirstDecision())).ToBeVisibleAsync();
        await Expect(page.GetByText("propensity")).ToBeVisibleAsync();
        Assert.Contains("\"accepted\":1", (await RunAsync("bash", blocks[1], key)).Replace(" ", ""));
        await Expect(page.GetByText(FirstOutcome())).ToBeVisibleAsync();
        await LookAsync(visitor, "wizard-ticked");
        await RunAsync("bash", string.Join('\n', blocks.Skip(2)), key);

        foreach (var (language, program) in new[] { ("JavaScript", "node"), ("Python", "python3") })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = language, Exact = true }).ClickAsync();
            var output = await RunAsync(program, string.Join('\n', await BlocksAsync(page, language)), key);
            Assert.Contains(output.Split('\n')[0].Trim(), new[] { "variant-a", "variant-b", "none" });
            Assert.Contains("200", output); // the batch, one status per item
        }

        foreach (var tab in new[] { "", "/blueprint", "/data", "/data?view=observations", "/data?view=examples", "/snippets", "/settings" })
        {
            await visitor.OpenAsync($"/decision-points/checkout-banner{tab}");
            await LookAsync(visitor, $"point{tab.Replace('/', '-').Replace('?', '-').Replace('=', '-')}");
        }
        await visitor.OpenAsync("/decision-points/checkout-banner/data");
        await page.GetByRole(AriaRole.Button, new() { Name = "first-checkou" }).ClickAsync(); // cut to its beginning
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Decision first-checkout-banner" })).ToBeVisibleAsync();
        await LookAsync(visitor, "point-decision");
    }

    [Fact]
    public async Task Pasted_candidates_become_a_point_that_picks_among_them()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name });

        await visitor.OpenAsync("/decision-points/new");
        await Button("Pick from a list").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Offers");
        await Button("Next: What you send").ClickAsync();
        await page.GetByLabel("Paste a few candidates").FillAsync("""[{"id":"a","features":{"price":3.5,"brand":"acme"}},{"id":"b","features":{"price":5,"brand":"bolt"}}]""");
        await Expect(page.GetByLabel("Use price")).ToBeCheckedAsync();
        await Expect(page.GetByLabel("Use brand")).ToBeCheckedAsync();
        await page.GetByLabel("Paste one or more examples").FillAsync("""{"country":"NL"}""");
        await Expect(page.GetByLabel("Use country")).ToBeCheckedAsync();
        await Button("Derive a feature").First.ClickAsync();
        await page.GetByLabel("Name of feature 3").FillAsync("priceBand");
        await page.GetByLabel("priceBand is derived from").SelectOptionAsync("price");
        await page.GetByLabel("Edges of priceBand").FillAsync("4, 10");
        await page.GetByLabel("Edges of priceBand").BlurAsync();
        await LookAsync(visitor, "wizard-pick-send");
        await Button("Next: What you measure").ClickAsync();
        await Button("Next: How to start").ClickAsync();
        await page.GetByLabel("Holdout, %").FillAsync("0"); // else the call below is held out now and then
        await Button("Next: Review").ClickAsync();
        await Expect(page.GetByText("Each candidate comes with 3 features.").First).ToBeVisibleAsync();
        await LookAsync(visitor, "wizard-pick-review");
        await Button("Publish version 1").ClickAsync();
        await Expect(page.GetByText("Waiting for the first call…")).ToBeVisibleAsync();

        await Button("Create a key").ClickAsync();
        var key = (await page.GetByText("export LOOPER_API_KEY=lpr_").InnerTextAsync()).Split('=')[1].Trim();
        var blocks = await BlocksAsync(page, "curl");
        var decided = JsonNode.Parse(await RunAsync("bash", blocks[0], key))!;
        Assert.Equal(3, decided["ranking"]!.AsArray().Count);
        Assert.Equal(1.0 / 3, decided["propensity"]!.GetValue<double>(), 1e-12);
        await RunAsync("bash", string.Join('\n', blocks.Skip(1)), key);
        await Eventually.IsTrueAsync(async () => // counts by hour are written within a second or so
        {
            await visitor.OpenAsync("/decision-points/offers");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Last events" })).ToBeVisibleAsync();
            return await page.GetByText("Which of the candidates sent are picked?").First.IsVisibleAsync();
        }, TimeSpan.FromSeconds(60));
        foreach (var tab in new[] { "", "/blueprint", "/data?view=examples", "/policy" })
        {
            await visitor.OpenAsync($"/decision-points/offers{tab}");
            await LookAsync(visitor, $"pick{tab.Replace('/', '-').Replace('?', '-').Replace('=', '-')}");
        }
        await visitor.OpenAsync("/decision-points/offers/data");
        await page.GetByRole(AriaRole.Button, new() { Name = "first-offers" }).ClickAsync();
        await Expect(page.GetByText("Candidates, in the order of the answer").First).ToBeVisibleAsync();
        await Expect(page.GetByText("price 3, brand example, priceBand below 4").First).ToBeVisibleAsync();
        await LookAsync(visitor, "pick-decision");
    }

    [Fact]
    public async Task Versions_are_edited_compared_and_gone_back_to()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        await PublishedAsync(page, "shop-banner");
        await visitor.OpenAsync("/decision-points/shop-banner/blueprint");
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit", Exact = true }).ClickAsync();
        await visitor.ReadyAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "How to start" }).ClickAsync();
        await page.GetByLabel("Keep exploring, %").FillAsync("20");
        await page.GetByRole(AriaRole.Link, new() { Name = "Review" }).ClickAsync();
        await Expect(page.GetByText("best predicted, exploring 20%").First).ToBeVisibleAsync();
        await page.GetByLabel("Note").FillAsync("More exploration");
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish version 2" }).ClickAsync();
        await Expect(page.GetByText("More exploration")).ToBeVisibleAsync();
        await visitor.ReadyAsync();
        await LookAsync(visitor, "point-two-versions");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go back to 1" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go back to version 1" }).ClickAsync();
        await Expect(page.GetByText("(content of version 1)")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause shop-banner" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task R12_two_pages_that_edit_one_draft_show_both_and_lose_nothing_silently()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var anna = await chromium.VisitAsync(looper);
        await anna.SetUpAsync();
        await using var ben = await chromium.VisitAsync(looper);
        await ben.SignInAsync();
        var created = await anna.Page.Context.APIRequest.PostAsync("/api/drafts", new() { DataObject = new { template = "pick-a-variant", key = "shared", name = "Shared" } });
        var draft = (await created.JsonAsync())!.Value;
        var id = draft.GetProperty("id").GetString();
        await anna.OpenAsync($"/decision-points/drafts/{id}/decision");
        await ben.OpenAsync($"/decision-points/drafts/{id}/decision");

        await ben.Page.GetByLabel("What does it decide?").FillAsync("Ben was here");
        await Expect(ben.Page.GetByText(Saved())).ToBeVisibleAsync();
        await Expect(anna.Page.GetByLabel("What does it decide?")).ToHaveValueAsync("Ben was here"); // nothing unsaved: simply shown

        var stored = (await (await ben.Page.Context.APIRequest.GetAsync($"/api/drafts/{id}")).JsonAsync())!.Value;
        await anna.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Anna’s banner"); // saved 800 ms after the last key
        await Expect(anna.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Anna’s banner"); // the server has it
        var theirs = await SaveAsync(ben.Page, stored, "Saved by Ben meanwhile");
        if (theirs == 200) // Ben came before Anna's own save: she is shown both
        {
            await Expect(anna.Page.GetByText("Compare the two versions")).ToBeVisibleAsync();
            await LookAsync(anna, "wizard-conflict");
            await Expect(anna.Page.GetByRole(AriaRole.Cell, new() { Name = "Saved by Ben meanwhile" })).ToBeVisibleAsync();
            await anna.Page.GetByRole(AriaRole.Button, new() { Name = "Keep mine" }).ClickAsync();
        }
        else
        {
            Assert.Equal(412, theirs); // Anna was quicker: Ben is told, and holds hers in the answer
        }
        await Expect(anna.Page.GetByText(Saved())).ToBeVisibleAsync();
        await Expect(anna.Page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Anna’s banner");
        var kept = (await (await ben.Page.Context.APIRequest.GetAsync($"/api/drafts/{id}")).JsonAsync())!.Value;
        Assert.Equal("Anna’s banner", kept.GetProperty("name").GetString());
    }

    [GeneratedRegex("^First decision ")]
    private static partial Regex FirstDecision();

    [GeneratedRegex("^First outcome ")]
    private static partial Regex FirstOutcome();

    [GeneratedRegex(@"^Saved \d\d:\d\d:\d\d UTC$")]
    private static partial Regex Saved();

    /// <summary>Both widths without sideways scrolling, the wide one without barriers, with a picture of each.</summary>
    private static async Task LookAsync(Visitor visitor, string name)
    {
        foreach (var width in new[] { 390, 1440 })
        {
            await visitor.Page.SetViewportSizeAsync(width, width < 600 ? 844 : 900);
            await visitor.ReadyAsync();
            await visitor.PictureAsync($"{name}-{width}-light");
            var wide = await visitor.Page.EvaluateAsync<string[]>("() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 120))");
            Assert.True(wide.Length == 0, $"{name} scrolls sideways at {width} px: {string.Join('\n', wide)}");
        }
        Assert.Equal([], await visitor.BarriersAsync());
    }

    private static async Task<IReadOnlyList<string>> BlocksAsync(IPage page, string language)
    {
        var blocks = page.Locator("figure.code").Filter(new() { HasText = $", {language}" });
        await Expect(blocks.First).ToBeVisibleAsync();
        return await blocks.Locator("pre code").EvaluateAllAsync<string[]>("all => all.map((one) => one.textContent)");
    }

    /// <summary>Runs a block as shown, with nothing but the key in the environment.</summary>
    private static async Task<string> RunAsync(string program, string code, string key)
    {
        var suffix = program switch { "node" => ".mjs", "python3" => ".py", _ => ".sh" };
        var file = Path.Combine(Directory.CreateTempSubdirectory("looper-snippet-").FullName, $"snippet{suffix}");
        await File.WriteAllTextAsync(file, code);
        var start = new ProcessStartInfo(program, [file]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LOOPER_API_KEY"] = key;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}\n{await output}\n{code}");
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        return await output;
    }

    private static async Task PublishedAsync(IPage page, string key)
    {
        var created = await page.Context.APIRequest.PostAsync("/api/drafts", new() { DataObject = new { template = "pick-a-variant", key, name = "Shop banner" } });
        var id = (await created.JsonAsync())!.Value.GetProperty("id").GetString();
        var published = await page.Context.APIRequest.PostAsync($"/api/drafts/{id}/publish", new() { DataObject = new { } });
        Assert.True(published.Ok, await published.TextAsync());
    }

    private static async Task<int> SaveAsync(IPage page, JsonElement draft, string description)
    {
        var answer = await page.Context.APIRequest.PutAsync($"/api/drafts/{draft.GetProperty("id").GetString()}", new()
        {
            DataObject = new { key = draft.GetProperty("key"), name = draft.GetProperty("name"), description, content = draft.GetProperty("content") },
            Headers = new Dictionary<string, string> { ["If-Match"] = $"\"{draft.GetProperty("revision")}\"" },
        });
        return answer.Status;
    }
}
