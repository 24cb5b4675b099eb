using System.Text.Json.Nodes;
using Looper.EndToEnd.Tests.Browser;
using Looper.Testing;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

public sealed partial class WizardTests
{
    [Fact]
    public async Task Pasted_candidates_become_a_point_that_ranks_them_and_the_snippets_run_as_shown()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name });

        await visitor.OpenAsync("/decision-points/new");
        await LookAsync(visitor, "ranking-templates");
        await Button("Rank a list").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Feed");
        await page.GetByLabel("Places shown").FillAsync("60");
        await page.GetByLabel("Places shown").BlurAsync();
        await Expect(page.GetByText("60 is not 1 to 50.").First).ToBeVisibleAsync();
        await page.GetByLabel("Places shown").FillAsync("2");
        await page.GetByLabel("Places shown").BlurAsync();
        await Expect(page.GetByText("60 is not 1 to 50.")).ToHaveCountAsync(0);
        await LookAsync(visitor, "ranking-decision");
        await Button("Next: What you send").ClickAsync();
        await page.GetByLabel("Paste a few candidates").FillAsync("""[{"id":"a","features":{"topic":"art","age":5}},{"id":"b","features":{"topic":"bikes","age":8}}]""");
        await Expect(page.GetByLabel("Use topic")).ToBeCheckedAsync();
        await Button("Next: What you measure").ClickAsync();
        await Button("Next: How to start").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "How to start" })).ToBeVisibleAsync();
        await LookAsync(visitor, "ranking-start");
        await page.GetByLabel("Holdout, %").FillAsync("0"); // else the call below is held out now and then
        await Button("Next: Review").ClickAsync();
        await Expect(page.GetByText("how to order the candidates it sends, and shows the first 2").First).ToBeVisibleAsync();
        await LookAsync(visitor, "ranking-review");
        await Button("Publish version 1").ClickAsync();
        await Expect(page.GetByText("Waiting for the first call…")).ToBeVisibleAsync();

        await Button("Create a key").ClickAsync();
        var key = (await page.GetByText("export LOOPER_API_KEY=lpr_").InnerTextAsync()).Split('=')[1].Trim();
        var blocks = await BlocksAsync(page, "curl");
        var decided = JsonNode.Parse(await RunAsync("bash", blocks[0], key))!["ranking"]!.AsArray();
        Assert.Equal([1 / 3.0, 0.5, null], decided.Select(r => r!["propensity"]?.GetValue<double>()));
        Assert.Equal("""{"accepted":1}""", (await RunAsync("bash", blocks[1], key)).Trim());
        await RunAsync("bash", string.Join('\n', blocks.Skip(2)), key);
        foreach (var (name, program) in new[] { ("JavaScript", "node"), ("Python", "python3") })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();
            var printed = await RunAsync(program, string.Join('\n', await BlocksAsync(page, name)), key);
            Assert.All(new[] { "a", "b", "c" }, id => Assert.Contains(id, printed, StringComparison.Ordinal));
        }
        await Eventually.IsTrueAsync(async () => // counts by hour are written within a second or so
        {
            await visitor.OpenAsync("/decision-points/feed");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Last events" })).ToBeVisibleAsync();
            return await page.GetByText("Which of the candidates sent come first?").First.IsVisibleAsync();
        }, TimeSpan.FromSeconds(60));
        foreach (var tab in new[] { "", "/blueprint", "/data", "/data?view=observations", "/data?view=examples", "/policy", "/snippets" })
        {
            await visitor.OpenAsync($"/decision-points/feed{tab}");
            await LookAsync(visitor, $"ranking{tab.Replace('/', '-').Replace('?', '-').Replace('=', '-')}");
        }
        await visitor.OpenAsync("/decision-points/feed/data");
        await page.GetByRole(AriaRole.Button, new() { Name = "first-feed" }).ClickAsync();
        await Expect(page.GetByText("Candidates, in the order of the answer").First).ToBeVisibleAsync();
        await Expect(page.GetByText("1 of a, joined").First).ToBeVisibleAsync();
        await Expect(page.GetByText("not drawn").First).ToBeVisibleAsync();
        await LookAsync(visitor, "ranking-decision-panel");
    }
}
