using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Looper.EndToEnd.Tests.Browser;
using Looper.Testing;
using Looper.Testing.Servers;
using Microsoft.Playwright;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>Every kind of page that a link leads to, with the simulated shop's data in it: opened, photographed, judged by axe,
/// at both widths and in both themes; a push takes one theme at each width, <c>LOOPER_TEST_LONG=1</c> every pair.</summary>
public sealed partial class PagesTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly (ColorScheme Colours, int Width)[] Looks = Sizes.IsLong
        ? [(ColorScheme.Light, 1440), (ColorScheme.Dark, 1440), (ColorScheme.Dark, 390), (ColorScheme.Light, 390)]
        : [(ColorScheme.Light, 1440), (ColorScheme.Dark, 390)];

    [Fact]
    public async Task Every_page_a_link_leads_to_is_sound_in_both_themes_and_widths()
    {
        await using var looper = await LooperServer.StartAsync(new Dictionary<string, string> { ["Looper:Demo"] = "true" });
        await using var visitor = await chromium.VisitAsync(looper);
        var wrong = new List<string>();
        var kinds = new SortedSet<string>(StringComparer.Ordinal);
        var later = await WalkAsync(visitor, ["/"], NeedsModel, kinds, kind => LookAsync(visitor, kind, wrong));
        using var admin = looper.Anonymous();
        admin.DefaultRequestHeaders.Accept.ParseAdd("text/html"); // the demo lets whoever looks at a page in
        using (await admin.GetAsync("/")) admin.DefaultRequestHeaders.Accept.Clear();
        await TeachBanditAsync(looper, admin);
        var designed = new DesignedExperiments(looper, admin);
        await designed.StartAsync();
        await visitor.OpenAsync("/models");
        await visitor.Page.GetByRole(AriaRole.Row).Nth(1).WaitForAsync(new() { Timeout = 240_000 }); // the first model, by itself
        await WalkAsync(visitor, later, _ => false, kinds, kind => LookAsync(visitor, kind, wrong));
        await LookAtFeaturesAsync(visitor, wrong);
        await OpenDecisionAsync(visitor);
        await visitor.OpenAsync("/decision-points/taught-banner/policy");
        await visitor.Page.GetByText("Spent on exploring").WaitForAsync(new() { Timeout = 240_000 }); // its outcomes are certain after a minute, and it learns every minute
        await LookAsync(visitor, "bandit", wrong);
        foreach (var (kind, path) in await designed.PagesAsync())
        {
            await visitor.OpenAsync(path);
            await LookAsync(visitor, kind, wrong);
        }
        Assert.True(kinds.Count >= 20, $"only {string.Join(", ", kinds)} found");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // The shop's features have a model beside them, the taught banner's none; what a row opens is met by no walk.
    private static async Task LookAtFeaturesAsync(Visitor visitor, List<string> wrong)
    {
        foreach (var (kind, point, needs) in new[] { ("features", "shop-banner", "Drift"), ("features-without-model", "taught-banner", "once a model is live") })
        {
            await visitor.OpenAsync($"/decision-points/{point}/data?view=features");
            await visitor.Page.GetByText(needs).First.WaitForAsync();
            await LookAsync(visitor, kind, wrong);
            await visitor.Page.Locator("#features tbody a").First.ClickAsync();
            await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "What came" }).WaitForAsync();
            await LookAsync(visitor, $"{kind}-open", wrong);
            await visitor.Page.GetByRole(AriaRole.Link, new() { NameRegex = CloseName() }).ClickAsync();
            await visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "What came" }).WaitForAsync(new() { State = WaitForSelectorState.Detached });
            await Assertions.Expect(visitor.Page.Locator("#features tbody a").First).ToBeFocusedAsync(); // back where it was opened
        }
    }

    private static async Task OpenDecisionAsync(Visitor visitor)
    {
        await visitor.OpenAsync("/decision-points/shop-banner/data");
        var opener = visitor.Page.Locator("#decisions tbody button").First;
        await opener.ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#panel-title")).ToBeFocusedAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Close decision" }).ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#decisions tbody button:focus")).ToHaveCountAsync(1); // newer rows may have come above it
    }

    private static async Task TeachBanditAsync(LooperServer looper, HttpClient admin)
    {
        await admin.PublishAsync("taught-banner", JsonNode.Parse("""
            { "shape": "choice", "options": [{ "key": "none" }, { "key": "ten-percent" }, { "key": "free-shipping" }], "default": "none", "features": [{ "name": "country", "kind": "category" }],
              "outcomes": [{ "name": "purchase", "kind": "boolean", "window": "1m", "absent": 0 }], "goal": { "terms": [{ "outcome": "purchase" }] },
              "policy": { "kind": "bandit", "algorithm": "thompson", "budget": 0.3 }, "training": { "isOn": false } }
            """)!.AsObject());
        using var app = looper.WithKey(await admin.CreateKeyAsync("decide", "observe"));
        var calls = Enumerable.Range(0, 300).Select(i => new { decisionPoint = "taught-banner", unit = $"visitor-{i}", context = new { country = i % 2 == 0 ? "NL" : "DE" } });
        using var decided = await app.PostAsJsonAsync("/v1/decisions/batch", new { items = calls });
        await LooperServer.EnsureAsync(decided);
        var answers = JsonNode.Parse(await decided.Content.ReadAsStringAsync())!["items"]!.AsArray().Select(item => item!["result"]!).ToArray();
        using var observed = await app.PostAsJsonAsync("/v1/observations/batch", new { items = answers.Where(a => $"{a["decision"]}" == "free-shipping").Select(a => new { decisionId = $"{a["decisionId"]}", outcomes = new { purchase = true } }) });
        await LooperServer.EnsureAsync(observed);
    }

    // Without a model these have little to show; the others are looked at while it is trained.
    private static bool NeedsModel(string kind) =>
        kind.Contains("models", StringComparison.Ordinal) || kind.EndsWith("policy", StringComparison.Ordinal)
        || kind.StartsWith("experiments_", StringComparison.Ordinal) || kind.StartsWith("jobs", StringComparison.Ordinal);

    // Breadth first; one page of each kind, where ids, numbers and keys do not make a kind of their own. Gives back what it put off.
    private static async Task<List<string>> WalkAsync(Visitor visitor, IEnumerable<string> from, Predicate<string> isForLater, SortedSet<string> seen, Func<string, Task> look)
    {
        var open = new Queue<string>(from);
        var later = new List<string>();
        while (open.TryDequeue(out var path))
        {
            if (isForLater(KindOf(path)))
            {
                later.Add(path);
                continue;
            }
            if (!seen.Add(KindOf(path))) continue;
            await visitor.OpenAsync(path);
            await look(KindOf(path));
            var links = await visitor.Page.Locator("a[href^='/']").EvaluateAllAsync<string[]>(PathsOf);
            foreach (var link in links.Distinct().Where(link => !link.StartsWith("/api", StringComparison.Ordinal) && !seen.Contains(KindOf(link)))) open.Enqueue(link);
        }

        return later;
    }

    private static async Task LookAsync(Visitor visitor, string kind, List<string> wrong)
    {
        var page = visitor.Page;
        if (await page.Locator("h1").CountAsync() != 1) wrong.Add($"{kind}: not one heading");
        if (await page.GetByText("Something failed on the server").CountAsync() > 0) wrong.Add($"{kind}: failed on the server");
        foreach (var (colours, width) in Looks)
        {
            var look = $"{kind}-{width}-{(colours == ColorScheme.Dark ? "dark" : "light")}";
            await page.EmulateMediaAsync(new() { ColorScheme = colours });
            await page.SetViewportSizeAsync(width, width < 600 ? 844 : 900);
            await visitor.ReadyAsync();
            await visitor.PictureAsync(look);
            if (await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth")) wrong.Add($"{look}: scrolls sideways");
            wrong.AddRange((await visitor.BarriersAsync()).Select(barrier => $"{look}: {barrier}"));
        }
    }

    private static string KindOf(string path)
    {
        var kind = Id().Replace(path, "/id");
        kind = Number().Replace(kind, "/n");
        kind = Key().Replace(kind, "/decision-points/key$1");
        return kind.Trim('/') is { Length: > 0 } name ? name.Replace('/', '_').Replace("?view=", "_", StringComparison.Ordinal) : "home";
    }

    // a view of a page is a kind of its own, other queries are not
    private const string PathsOf = """
        links => links.filter((link) => !link.hasAttribute('download')).map((link) => new URL(link.href)).map((url) => url.pathname + (url.searchParams.has('view') ? `?view=${url.searchParams.get('view')}` : ''))
        """;

    [GeneratedRegex("^Close ")]
    private static partial Regex CloseName();

    [GeneratedRegex("/[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex Id();

    [GeneratedRegex("/[0-9]+(?=/|$)")]
    private static partial Regex Number();

    [GeneratedRegex("/decision-points/(?!new$|drafts/)[a-z0-9-]+(/|$|\\?)")]
    private static partial Regex Key();
}
