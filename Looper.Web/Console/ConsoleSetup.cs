using Looper.Web.Console.Home;
using Looper.Web.Console.Shared;
using Radzen;

namespace Looper.Web.Console;

/// <summary>The browser console as a part: its components, its static files, its pages.</summary>
public static class ConsoleSetup
{
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        // Fonts and script of Radzen come from its package, also when the built program is run without publishing.
        builder.WebHost.UseStaticWebAssets();
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            // A closed tab leaves a circuit behind: few, and not for long.
            circuits.DisconnectedCircuitMaxRetained = 50;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(2);
        }).AddHubOptions(hub =>
        {
            hub.MaximumReceiveMessageSize = 2 * 1024 * 1024; // a pasted sample of 1 MB, escaped
            hub.ClientTimeoutInterval = TimeSpan.FromMinutes(2); // a browser busy drawing or asleep for a moment keeps its page
        });
        services.AddRadzenComponents();
        services.AddScoped<Notices>();
        services.AddSingleton<HomeQueries>();
    }

    /// <summary>Answers a page that is missing or not for the caller's role with a page; routes of the API keep their own bodies.
    /// Comes before routing, which the second try goes through again.</summary>
    public static void UseConsole(this IApplicationBuilder app) =>
        app.UseWhen(IsPage, pages => pages.UseStatusCodePagesWithReExecute("/refused/{0}", createScopeForStatusCodePages: true));

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        // Style and script must reach the sign-in page, before anybody is known.
        routes.MapStaticAssets().AllowAnonymous();
        // The policy on every response says more than the one Blazor would add beside it.
        routes.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null);
    }

    /// <summary>A person asks, with a browser: the answer is read, not parsed.</summary>
    internal static bool AsksForPage(HttpContext http) => !IsOfApi(http) && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static bool IsPage(HttpContext http) => HttpMethods.IsGet(http.Request.Method) && !IsOfApi(http) && !Path.HasExtension(http.Request.Path);

    private static bool IsOfApi(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);
}
