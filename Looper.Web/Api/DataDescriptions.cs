using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Looper.Web.Api;

/// <summary>How the data routes stand in the OpenAPI document: their handlers take bytes, so what goes in and out is said here.</summary>
internal static class DataDescriptions
{
    /// <summary>The group of these routes in the document.</summary>
    public const string Tag = "Decide and observe";

    private static readonly int[] Faults = [400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503];

    public static IEndpointConventionBuilder Of(IEndpointConventionBuilder route, string id, string summary)
    {
        // Keys are checked by the routes themselves: they run before authentication, which knows cookies too.
        route.ShortCircuit().WithName(id).WithTags(Tag).WithSummary(summary);
        route.WithMetadata(new Func<Task>(Described).Method);
        foreach (var status in Faults) route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]));
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            DataExamples.AddTo(id, operation);
            return Task.CompletedTask;
        });
        return route;
    }

    public static IEndpointConventionBuilder Accepts<T>(this IEndpointConventionBuilder route, string type) =>
        route.WithMetadata(new AcceptsMetadata([type], typeof(T)));

    public static IEndpointConventionBuilder Produces<T>(this IEndpointConventionBuilder route, int status = StatusCodes.Status200OK) =>
        route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), ["application/json"]));

    /// <summary>Stands for the handler: only routes with a method are described.</summary>
    private static Task Described() => Task.CompletedTask;
}
