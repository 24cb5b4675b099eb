using System.Net;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Web.Api;

namespace Looper.Web.Hosting;

/// <summary><c>--demo</c>: whoever sits at this machine is let in without an account. So it listens on this machine alone.</summary>
internal static class DemoSession
{
    /// <exception cref="StartRefusedException">Some address is open to others.</exception>
    public static void RefusePublicAddresses(IConfiguration configuration)
    {
        IEnumerable<string?> open = [configuration["http_ports"], configuration["https_ports"]];
        var ports = open.Where(p => !string.IsNullOrEmpty(p)).Select(p => $"http://*:{p}");
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"] ?? "");
        if (ports.Concat(urls).Concat(endpoints).FirstOrDefault(u => !IsLoopback(u)) is { } reachable)
            throw new StartRefusedException($"--demo lets everybody in, so it listens on this machine only, not on {reachable}. Use http://localhost:5000 or another local address.");
    }

    public static void UseDemoSession(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        var isVisit = HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
        if (isVisit && http.User.Identity is not { IsAuthenticated: true } && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && http.RequestServices.GetRequiredService<DemoAccount>().User is { } demo)
        {
            await SignInApi.StartAsync(http, demo, remember: false);
            http.User = SessionEvents.PrincipalOf(demo);
        }
        await next(http);
    });

    private static bool IsLoopback(string url) =>
        Uri.TryCreate(url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri) && uri.IsLoopback;
}
