using Looper.Web.Api;

namespace Looper.Web.Hosting;

/// <summary>Routing's own refusals of a data call, of its method or content type, answered in words and, like these calls, before the authentication that knows
/// cookies: a caller who forgot a header would be told that a right is missing.</summary>
internal static class RoutingRefusals
{
    public static void UseRoutingRefusals(this IApplicationBuilder app) => app.Use((http, next) =>
        http.GetEndpoint() is not (null or RouteEndpoint) and var refusal && http.Request.Path.StartsWithSegments("/v1") ? RefuseAsync(http, refusal) : next(http));

    private static async Task RefuseAsync(HttpContext http, Endpoint refusal)
    {
        await refusal.RequestDelegate!(http);
        if (http.Response.HasStarted) return;
        switch (http.Response.StatusCode)
        {
            case StatusCodes.Status415UnsupportedMediaType:
                await Refusals.WriteAsync(http, StatusCodes.Status415UnsupportedMediaType, "request.content-type",
                    $"Content-Type: {(http.Request.ContentType is { Length: > 0 } sent ? $"`{sent}` is not taken here" : "it is missing")}. Send JSON with the header Content-Type: application/json.");
                break;
            case StatusCodes.Status405MethodNotAllowed:
                await Refusals.WriteAsync(http, StatusCodes.Status405MethodNotAllowed, "request.method", $"{http.Request.Method} is not a method of this route. It takes {http.Response.Headers.Allow}.");
                break;
        }
    }
}
