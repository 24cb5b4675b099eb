using Looper.EndToEnd.Tests.Browser;
using Looper.Testing.Servers;
using Microsoft.Playwright;
using static Looper.Testing.PointsFiles;
using static Microsoft.Playwright.Assertions;

namespace Looper.EndToEnd.Tests.Screens;

/// <summary>A file that is chosen or pasted is planned, and only what was planned of the text that stands there is applied.</summary>
public sealed class ConfigurationTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_file_is_planned_applied_and_refused_once_somebody_else_has_published()
    {
        await using var looper = await LooperServer.StartAsync();
        await using var visitor = await chromium.VisitAsync(looper);
        await visitor.SetUpAsync();
        var page = visitor.Page;
        ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
        var (text, planned, apply) = (page.Locator("#yaml"), page.Locator("#planned tbody tr"), Button("Apply"));
        async Task PlanAsync(string file)
        {
            await text.FillAsync(file);
            await text.BlurAsync();
            await Expect(page.Locator("#plan-heading, .error-summary")).ToHaveCountAsync(0); // what was shown goes, and the button may move
            await Button("Plan").ClickAsync();
        }

        await visitor.OpenAsync("/settings/configuration");
        await PlanAsync(Tip.Replace("binary", "choise", StringComparison.Ordinal));
        var faults = page.Locator(".error-summary");
        await Expect(faults).ToContainTextAsync("line 4");
        await Expect(apply).ToHaveCountAsync(0);

        await PlanAsync(Tip);
        await Expect(faults).ToHaveCountAsync(0);
        await Expect(planned).ToContainTextAsync("Create");
        await text.FillAsync(Tip.Replace("tip", "hint", StringComparison.Ordinal));
        await text.BlurAsync();
        await Expect(apply).ToHaveCountAsync(0); // what was planned is not what stands there any more

        await page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "looper.yaml", MimeType = "application/yaml", Buffer = System.Text.Encoding.UTF8.GetBytes(Tip) });
        await Expect(text).ToHaveValueAsync(Tip);
        await apply.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("tip: Create.");
        Assert.Empty(await visitor.BarriersAsync());
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Apply the file" }).ClickAsync();
        await Expect(planned).ToContainTextAsync("Created");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Applied" })).ToBeVisibleAsync();

        var exported = await page.Context.APIRequest.GetAsync("/api/configuration.yaml");
        await PlanAsync(await exported.TextAsync());
        await Expect(planned).ToContainTextAsync("Unchanged");
        await Expect(apply).ToHaveCountAsync(0);

        await PlanAsync((await exported.TextAsync()).Replace("random", "fixed\n      option: \"true\"", StringComparison.Ordinal));
        await Expect(planned).ToContainTextAsync("Publish version 2");
        await apply.ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Apply the file" }).ClickAsync();
        await Expect(planned).ToContainTextAsync("Published version 2");

        await PlanAsync(await exported.TextAsync()); // made from version 1
        await Expect(faults).ToContainTextAsync("version");
        await Expect(apply).ToHaveCountAsync(0);
        await page.GetByLabel("Replace what is current").CheckAsync();
        await Button("Plan").ClickAsync();
        await Expect(planned).ToContainTextAsync("Publish version 3");
        await visitor.PictureAsync("configuration");
    }
}
