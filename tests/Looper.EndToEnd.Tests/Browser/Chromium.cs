using Looper.Testing.Servers;
using Microsoft.Playwright;

namespace Looper.EndToEnd.Tests.Browser;

/// <summary>One headless browser for all browser tests of a run.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Path = "/usr/bin/chromium";
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Path)) return;
        Assertions.SetDefaultExpectTimeout(45_000); // waits end as soon as they can; a busy machine must not turn them red
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Path, Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
        });
    }

    /// <summary>A visitor with cookies of their own; the test is skipped where there is no browser.</summary>
    public async Task<Visitor> VisitAsync(LooperServer looper, bool dark = false, int width = 1440)
    {
        Assert.SkipWhen(_browser is null, $"needs {Path}");
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = looper.Address.ToString(), ViewportSize = new() { Width = width, Height = width < 600 ? 844 : 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce, TimezoneId = "Europe/Amsterdam",
        });
        return await Visitor.ComeAsync(looper, context);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
