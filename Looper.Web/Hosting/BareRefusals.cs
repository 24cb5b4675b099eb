using System.Globalization;
using System.Reflection;
using Looper.Core;
using Looper.Web.Api;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;

namespace Looper.Web.Hosting;

/// <summary>What the framework refuses on a management route with a number and no word: an address, a method, a content type, a body that is too large, a value in the
/// address. Said here like every other refusal: what, why, and what helps.</summary>
internal static class BareRefusals
{
    private const string Management = "/api";

    public static void UseBareRefusals(this IApplicationBuilder app) =>
        app.Use((http, next) => http.Request.Path.StartsWithSegments(Management) ? SayAfterAsync(http, next) : next(http));

    private static async Task SayAfterAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Response is { HasStarted: false, StatusCode: >= 400 and not StatusCodes.Status499ClientClosedRequest, ContentType: null }) await SayAsync(http);
    }

    private static Task SayAsync(HttpContext http)
    {
        var (request, status) = (http.Request, http.Response.StatusCode);
        switch (status)
        {
            case StatusCodes.Status400BadRequest when Unfit(http) is { } unfit:
                return Refusals.WriteAsync(http, status, "request.malformed", unfit.Reason, unfit.Field);
            case StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed:
                var methods = MethodsOf(http);
                if (methods.Length == 0 || methods.Contains(request.Method)) // the last: an id that is none
                    return Refusals.WriteAsync(http, StatusCodes.Status404NotFound, "route.unknown", $"There is no route {request.Path}. Check its spelling and the ids in it, or see the API reference at /api-reference.");
                http.Response.Headers.Allow = string.Join(", ", methods);
                return Refusals.WriteAsync(http, StatusCodes.Status405MethodNotAllowed, "request.method", $"{request.Method} is not a method of this route. It takes {string.Join(", ", methods)}.");
            case StatusCodes.Status413PayloadTooLarge:
                return Refusals.WriteAsync(http, status, "request.too-large", "The body is larger than this route takes. Send less at once.");
            case StatusCodes.Status415UnsupportedMediaType:
                return Refusals.WriteAsync(http, status, "request.content-type", RoutingRefusals.ContentType(request, TypeOf(http)));
            default:
                return Refusals.WriteAsync(http, status, "request.refused", $"The request was refused with {status}. See the API reference at /api-reference.");
        }
    }

    private static string[] MethodsOf(HttpContext http) => [.. RoutesOf(http).SelectMany(Methods).Distinct().Order(StringComparer.Ordinal)];

    private static string TypeOf(HttpContext http) =>
        RoutesOf(http).Where(e => Methods(e).Contains(http.Request.Method)).Select(e => e.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes).FirstOrDefault() is [{ } first, ..] ? first : "application/json";

    /// <summary>Those of the address, whatever their methods.</summary>
    private static IEnumerable<RouteEndpoint> RoutesOf(HttpContext http) => http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.RoutePattern.RawText?.TrimStart('/').StartsWith("api/", StringComparison.Ordinal) == true && new TemplateMatcher(new RouteTemplate(e.RoutePattern), []).TryMatch(http.Request.Path, []));

    private static IReadOnlyList<string> Methods(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    /// <summary>The first value in the address that cannot be read.</summary>
    private static Refusal? Unfit(HttpContext http)
    {
        foreach (var parameter in http.GetEndpoint()?.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? [])
        {
            if (http.Request.Query[parameter.Name!] is not [{ } sent, ..]) continue;
            if (Wanted(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType, sent) is { } wanted)
                return new("request.malformed", $"{parameter.Name}: '{sent}' is no {wanted}.", parameter.Name);
        }
        return null;
    }

    /// <summary>What a text should have been; null where it is, or where anything goes.</summary>
    private static string? Wanted(Type type, string sent) => type switch
    {
        _ when type == typeof(int) => int.TryParse(sent, CultureInfo.InvariantCulture, out _) ? null : "whole number, or is too large",
        _ when type == typeof(long) => long.TryParse(sent, CultureInfo.InvariantCulture, out _) ? null : "whole number, or is too large",
        _ when type == typeof(double) => double.TryParse(sent, CultureInfo.InvariantCulture, out _) ? null : "number. Write it like 0.5",
        _ when type == typeof(bool) => bool.TryParse(sent, out _) ? null : "yes or no. Give true or false",
        _ when type == typeof(DateTimeOffset) => DateTimeOffset.TryParse(sent, CultureInfo.InvariantCulture, out _) ? null : "time. Write it like 2026-05-04T12:30:00Z",
        _ when type == typeof(Guid) => Guid.TryParse(sent, out _) ? null : "id",
        _ => null,
    };
}
