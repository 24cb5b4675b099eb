using Looper.Web.Api;

namespace Looper.Web.Hosting;

/// <summary>Routing's own refusals, of a method or a content type, answered in words and before anyone asks who calls: they are no place that one must be allowed
/// to see, and a caller who forgot a header would be told that a right is missing.</summary>
internal static class RoutingRefusals
{
    public static void UseRoutingRefusals(this IApplicationBuilder app) => app.Use((http, next) => http.GetEndpoint() switch
    {
        null or RouteEndpoint => next(http),
        var refusal => RefuseAsync(http, refusal),
    });

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
