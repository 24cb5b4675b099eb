using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Console;

public sealed class PointPagesTests
{
    [Theory]
    [InlineData("/policy", "Policy")]
    [InlineData("/experiments", "Experiments")]
    [InlineData("/data", "Data")]
    public async Task Every_tab_of_a_decision_point_bears_its_name(string address, string tab)
    {
        await using var looper = new LooperApp();
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        await new ExperimentPages(looper, viewer).PointAsync("shop", name: "Banner of the shop");
        var html = await viewer.GetStringAsync("/decision-points/shop" + address);
        Assert.Contains("<h1 tabindex=\"-1\">Banner of the shop</h1>", html, StringComparison.Ordinal);
        Assert.Contains($"<title>Banner of the shop · {tab}", html.Replace("&#xB7;", "·", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("<a href=\"/decision-points/shop\">Banner of the shop</a>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/decision-points/shop/snippets\"", html, StringComparison.Ordinal); // the other tabs
    }

    [Fact]
    public async Task The_page_of_data_says_how_past_decisions_come_in_to_whoever_may_bring_them()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        await new ExperimentPages(looper, engineer).PointAsync("shop");
        var html = await engineer.GetStringAsync("/decision-points/shop/data");
        Assert.Contains("--decision-point shop", html, StringComparison.Ordinal);
        Assert.Contains("/api/imports", html, StringComparison.Ordinal);
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        Assert.DoesNotContain("/api/imports", await viewer.GetStringAsync("/decision-points/shop/data"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_arm_of_a_third_is_not_shown_with_nine_threes()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, engineer);
        await pages.PointAsync("shop");
        var draft = await pages.DraftAsync("shop", """{"arms":[{"key":"a","weight":0.3333333333333333},{"key":"b","weight":0.3333333333333333},{"key":"c","weight":0.3333333333333333}]}""");
        var html = await engineer.GetStringAsync($"/experiments/{draft}");
        Assert.Contains("value=\"33.333\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("33.3333", html, StringComparison.Ordinal);
    }
}
