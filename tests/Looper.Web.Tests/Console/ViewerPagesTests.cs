using System.Net.Http.Json;
using System.Text.Json.Nodes;
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

    [Fact]
    public async Task Who_may_not_use_what_a_study_found_sees_why_before_pressing()
    {
        await using var looper = new LooperApp();
        using var engineer = await looper.SignedInAsync(Role.Engineer);
        await new ExperimentPages(looper, engineer).PointAsync("shop");
        object plan = new { trials = 4, parameters = new[] { new { name = "share:b", low = 0, high = 1 } }, goals = new[] { new { metric = "purchase" } } };
        using var created = await engineer.PostAsJsonAsync("/api/studies", new { name = "Share", decisionPoint = "shop", plan });
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        var study = (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
        using (var started = await engineer.PostAsync($"/api/studies/{study}/start", null)) Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());
        for (var trial = 1; trial <= 4; trial++)
        {
            using (var asked = await engineer.PostAsJsonAsync($"/api/studies/{study}/ask", new { count = 1 })) Assert.True(asked.IsSuccessStatusCode, await asked.Content.ReadAsStringAsync());
            using var told = await engineer.PostAsJsonAsync($"/api/studies/{study}/tell", new { trial, metrics = new { purchase = new { mean = 0.3 + 0.1 * trial, standardError = 0.01 } } });
            Assert.True(told.IsSuccessStatusCode, await told.Content.ReadAsStringAsync());
        }
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        var (seen, may) = (await viewer.GetStringAsync($"/studies/{study}"), await engineer.GetStringAsync($"/studies/{study}"));
        foreach (var text in new[] { "Use these values", "Confirm", "Confirm by an experiment" })
        {
            var buttons = Regex.Matches(seen, $"<button[^>]*>{text}</button>");
            Assert.NotEmpty(buttons);
            Assert.All(buttons, button => Assert.Contains("aria-disabled=\"true\" title=\"This needs the role", button.Value, StringComparison.Ordinal));
            Assert.DoesNotContain("aria-disabled", Button(may, text), StringComparison.Ordinal);
        }
    }

    private static string Button(string html, string text) => Regex.Match(html, $"<button[^>]*>{text}</button>").Value is { Length: > 0 } button ? button : throw new InvalidOperationException($"No button {text}.");
}
