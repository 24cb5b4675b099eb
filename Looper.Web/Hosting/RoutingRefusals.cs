using Looper.Web.Api;

namespace Looper.Web.Hosting;

/// <summary>Routing's own refusals of a data call, of its address, method or content type, answered in words and, like these calls, before the authentication
/// that knows cookies: a caller who forgot a header would be told that a right is missing.</summary>
internal static class RoutingRefusals
{
    private const string Data = "/v1";

    public static void UseRoutingRefusals(this IApplicationBuilder app) => app.Use((http, next) =>
        http.Request.Path.StartsWithSegments(Data) && !IsData(http.GetEndpoint()) ? RefuseAsync(http) : next(http));

    /// <summary>What is wrong with the content type of a request, and the one to send.</summary>
    /// <param name="wanted">What the route takes.</param>
    internal static string ContentType(HttpRequest request, string wanted = "application/json") =>
        $"Content-Type: {(request.ContentType is { Length: > 0 } sent ? $"`{sent}` is not taken here" : "it is missing")}. Send {(wanted switch { "application/json" => "JSON", "application/yaml" => "YAML", _ => "a form" })} with the header Content-Type: {wanted}.";

    // The console takes GET at every address that nobody else takes.
    private static bool IsData(Endpoint? endpoint) =>
        endpoint is RouteEndpoint { RoutePattern.RawText: { } address } && address.AsSpan().TrimStart('/').StartsWith("v1/", StringComparison.Ordinal); // every call comes by: no garbage

    private static PathString Address(RouteEndpoint route) => new('/' + route.RoutePattern.RawText?.Trim('/'));

    private static async Task RefuseAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not (null or RouteEndpoint) and var refusal)
        {
            await refusal.RequestDelegate!(http);
            if (http.Response.HasStarted) return;
        }
        if (http.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType)
        {
            await Refusals.WriteAsync(http, StatusCodes.Status415UnsupportedMediaType, "request.content-type", ContentType(http.Request));
            return;
        }
        var methods = string.Join(", ", http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => http.Request.Path == Address(e)).SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []));
        if (methods.Length == 0)
        {
            await Refusals.WriteAsync(http, StatusCodes.Status404NotFound, "route.unknown", $"There is no route {http.Request.Path}. See the API reference at /api-reference.");
            return;
        }
        http.Response.Headers.Allow = methods;
        await Refusals.WriteAsync(http, StatusCodes.Status405MethodNotAllowed, "request.method", $"{http.Request.Method} is not a method of this route. It takes {methods}.");
    }
}
