using System.Text.RegularExpressions;
using Looper.EndToEnd.Tests.Browser;
using Microsoft.Playwright;

namespace Looper.EndToEnd.Tests;

/// <summary>Every kind of page that a link leads to, with the simulated shop's data in it: opened, photographed, judged by axe,
/// at both widths and in both themes.</summary>
public sealed partial class PagesTests(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly (bool Dark, int Width)[] Looks = [(false, 1440), (true, 1440), (false, 390), (true, 390)];

    [Fact]
    public async Task Every_page_a_link_leads_to_is_sound_in_both_themes_and_widths()
    {
        await using var looper = await RunningLooper.StartAsync("--demo");
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using (var scout = await chromium.VisitAsync(looper))
        {
            await scout.OpenAsync("/models");
            await scout.Page.GetByRole(AriaRole.Row).Nth(1).WaitForAsync(new() { Timeout = 240_000 });
            await FindAsync(scout, pages);
        }

        Assert.True(pages.Count >= 12, $"only {string.Join(", ", pages.Keys)} found");
        var wrong = new List<string>();
        foreach (var (dark, width) in Looks)
        {
            await using var visitor = await chromium.VisitAsync(looper, dark, width);
            foreach (var (kind, path) in pages)
            {
                var look = $"{kind}-{width}-{(dark ? "dark" : "light")}";
                await visitor.OpenAsync(path);
                await visitor.PictureAsync(look);
                if (await visitor.Page.Locator("h1").CountAsync() != 1) wrong.Add($"{look}: not one heading");
                if (await visitor.Page.GetByText("Something failed on the server").CountAsync() > 0) wrong.Add($"{look}: failed on the server");
                if (await visitor.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth")) wrong.Add($"{look}: scrolls sideways");
                wrong.AddRange((await visitor.BarriersAsync()).Select(barrier => $"{look}: {barrier}"));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Breadth first; one page of each kind, where ids, numbers and keys do not make a kind of their own.
    private static async Task FindAsync(Visitor scout, SortedDictionary<string, string> pages)
    {
        var open = new Queue<string>(["/"]);
        while (open.TryDequeue(out var path))
        {
            if (!pages.TryAdd(KindOf(path), path)) continue;
            await scout.OpenAsync(path);
            var links = await scout.Page.Locator("a[href^='/']").EvaluateAllAsync<string[]>("links => links.filter((link) => !link.hasAttribute('download')).map((link) => new URL(link.href).pathname)");
            foreach (var link in links.Distinct().Where(link => !link.StartsWith("/api", StringComparison.Ordinal) && !pages.ContainsKey(KindOf(link)))) open.Enqueue(link);
        }
    }

    private static string KindOf(string path)
    {
        var kind = Id().Replace(path, "/id");
        kind = Number().Replace(kind, "/n");
        kind = Key().Replace(kind, "/decision-points/key$1");
        return kind.Trim('/') is { Length: > 0 } name ? name.Replace('/', '_') : "home";
    }

    [GeneratedRegex("/[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex Id();

    [GeneratedRegex("/[0-9]+(?=/|$)")]
    private static partial Regex Number();

    [GeneratedRegex("/decision-points/(?!new$|drafts/)[a-z0-9-]+(/|$)")]
    private static partial Regex Key();
}
