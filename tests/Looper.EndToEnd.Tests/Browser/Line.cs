using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Looper.EndToEnd.Tests.Browser;

/// <summary>The connection between a page and the server, which a test can cut and mend.</summary>
public sealed partial class Line
{
    private IWebSocketRoute? _open;
    private volatile bool _isCut;

    public bool WasCut { get; private set; }

    /// <summary>Stands between page and server from the next page on.</summary>
    public static async Task<Line> OfAsync(IPage page)
    {
        var line = new Line();
        await page.RouteWebSocketAsync(Circuit(), socket =>
        {
            if (line._isCut)
            {
                _ = socket.CloseAsync();
                return;
            }

            socket.ConnectToServer();
            line._open = socket;
        });
        await page.RouteAsync(Circuit(), route => line._isCut ? route.AbortAsync() : route.ContinueAsync());
        return line;
    }

    public async Task CutAsync()
    {
        (_isCut, WasCut) = (true, true);
        await (_open ?? throw new InvalidOperationException("The page has no circuit yet.")).CloseAsync(new() { Code = 1001 });
    }

    public void Mend() => _isCut = false;

    [GeneratedRegex("/_blazor")]
    private static partial Regex Circuit();
}
