using System.Text.RegularExpressions;
using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Console;

/// <summary>What a role may not do is not begun: no dialog and no form that is refused at its end.</summary>
public sealed class ViewerPagesTests
{
    [Fact]
    public async Task Who_may_not_stop_an_experiment_sees_why_before_any_dialog()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        var pages = new ExperimentPages(looper, engineer);
        await pages.PointAsync("shop");
        var id = await pages.RunningAsync("shop");
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        foreach (var page in new[] { $"/experiments/{id}", $"/experiments/{id}/report" })
        {
            var stop = Button(await viewer.GetStringAsync(page), "Stop experiment");
            Assert.Contains("aria-disabled=\"true\"", stop, StringComparison.Ordinal);
            Assert.Contains("This needs the role", stop, StringComparison.Ordinal);
            Assert.DoesNotContain("aria-disabled", Button(await engineer.GetStringAsync(page), "Stop experiment"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_may_not_make_something_sees_a_lock_in_place_of_its_form()
    {
        await using var looper = new LooperApp();
        using var analyst = await looper.SignedInAsync(Role.Analyst);
        var pages = new ExperimentPages(looper, analyst);
        await pages.PointAsync("shop");
        var draft = await pages.DraftAsync("shop");
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        foreach (var page in new[] { "/experiments/new", "/studies/new", $"/experiments/{draft}" })
        {
            var locked = await viewer.GetStringAsync(page);
            Assert.Contains("This needs the role analyst; you are viewer.", locked, StringComparison.Ordinal);
            Assert.DoesNotContain("Save draft", locked, StringComparison.Ordinal);
            Assert.Contains("Save draft", await analyst.GetStringAsync(page), StringComparison.Ordinal);
        }
    }

    private static string Button(string html, string text) => Regex.Match(html, $"<button[^>]*>{text}</button>").Value is { Length: > 0 } button ? button : throw new InvalidOperationException($"No button {text}.");
}
