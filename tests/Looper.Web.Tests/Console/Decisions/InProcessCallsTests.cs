using System.Net;
using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Api.InProcess;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Console.Decisions;

public sealed class InProcessCallsTests
{
    [Fact]
    public async Task The_snippets_show_how_to_decide_in_process_or_why_that_cannot_be()
    {
        await using var looper = new LooperApp();
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        await looper.PublishAsync("banner", ServedApp.Banner with { Training = new() { IsOn = false } });
        await looper.PublishAsync("durable", ServedApp.Banner with { Durable = true });
        var shown = await SectionAsync(viewer, "banner");
        Assert.Contains("await using var looper = new InProcessLooper(new()", shown, StringComparison.Ordinal);
        Assert.Contains("DecisionPoints = [\"banner\"]", shown, StringComparison.Ordinal);
        Assert.Contains("await looper.DecideAsync(\"banner\", \"user-42\"", shown, StringComparison.Ordinal);
        Assert.Contains("looper.Observe(decision, ", shown, StringComparison.Ordinal);
        Assert.Contains("<strong>decide</strong>, <strong>observe</strong> and <strong>read</strong>", shown, StringComparison.Ordinal);

        var refused = await SectionAsync(viewer, "durable");
        Assert.Contains("Your app cannot decide this in its own process. Version 1 is durable", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("InProcessLooper", refused, StringComparison.Ordinal);

        // An arm too is decided by.
        await looper.PublishAsync("banner", ServedApp.Banner with { Durable = true, Training = new() { IsOn = false } });
        await looper.PublishAsync("banner", ServedApp.Banner with { Training = new() { IsOn = false } });
        Assert.Contains("InProcessLooper", await SectionAsync(viewer, "banner"), StringComparison.Ordinal);
        await AsideShop.StartAsync(looper, "banner", new { arms = new object[] { new { key = "now", weight = 0.5 }, new { key = "before", weight = 0.5, blueprintVersion = 2 } } });
        Assert.Contains("Version 2 is durable", await SectionAsync(viewer, "banner"), StringComparison.Ordinal);
    }

    private static async Task<string> SectionAsync(HttpClient viewer, string key)
    {
        var page = WebUtility.HtmlDecode(await viewer.GetStringAsync($"/decision-points/{key}/snippets"));
        var from = page.IndexOf("<h2 id=\"in-process\">C# in process</h2>", StringComparison.Ordinal);
        Assert.True(from > 0, page);
        return page[from..page.IndexOf("</section>", from, StringComparison.Ordinal)];
    }
}
