using Looper.Web.Api;

namespace Looper.Web.Hosting;

/// <summary>A page of another site may not act with the cookie of whoever visits it. Browsers say where a request comes from;
/// programs that are no browser do not, and carry no visitor's cookie. Forms are guarded by tokens besides.</summary>
internal static class CrossOriginGuard
{
    public static void UseCrossOriginGuard(this IApplicationBuilder app) => app.Use((http, next) =>
        IsForeign(http.Request)
            ? Refusals.WriteAsync(http, StatusCodes.Status403Forbidden, "access.cross-site", "This request comes from another site, so nothing was done.")
            : next(http));

    private static bool IsForeign(HttpRequest request)
    {
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        if (reads && !request.HttpContext.WebSockets.IsWebSocketRequest && !request.Path.StartsWithSegments("/_blazor")) return false;
        // A key is not sent by a browser on its own.
        if (request.Headers.ContainsKey(LooperSchemes.KeyHeader) || request.Headers.ContainsKey(LooperSchemes.PersonalizerKeyHeader)) return false;
        if (request.Headers["Sec-Fetch-Site"] is [{ } site]) return site is not ("same-origin" or "none");
        if (request.Headers.Origin is not [{ } origin]) return false;
        return !Uri.TryCreate(origin, UriKind.Absolute, out var from)
            || from.Scheme != request.Scheme || !string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
