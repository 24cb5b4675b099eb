using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Looper.Web.Api.Personalizer;

/// <summary>Under which addresses the calls are taken, and how they stand in the OpenAPI document.</summary>
internal static class PersonalizerRoutes
{
    private const string Doubled = $"//{PersonalizerAddress.Base}/";

    private static readonly int[] s_faults = [400, 401, 403, 404, 409, 413, 415, 429, 503];

    public static void MapPersonalizer(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        RequestDelegate answer = routes.ServiceProvider.GetRequiredService<PersonalizerApi>().AnswerAsync;
        Map(routes, answer, "", "", ", at the one decision point of the key");
        Map(routes, answer, $"/{{decisionPoint}}/{PersonalizerAddress.Base}", "At", " at a decision point");
        // The previews, a slash too many behind the endpoint, and everything that is to be refused in the same form.
        routes.Map($"/{PersonalizerAddress.Base}/{{**call}}", answer).ShortCircuit().ExcludeFromDescription();
    }

    /// <summary>Libraries put a slash behind an endpoint that has one at its end already, as the address of a whole program always does for some: <c>//personalizer/…</c>
    /// is meant as <c>/personalizer/…</c>, and no route can say so. Comes after routing, which ends the calls of <c>/v1</c>.</summary>
    public static void UsePersonalizerAddresses(this WebApplication app)
    {
        var api = app.Services.GetRequiredService<PersonalizerApi>();
        app.Use((http, next) => http.Request.Path.Value?.StartsWith(Doubled, StringComparison.Ordinal) == true ? api.AnswerAsync(http) : next(http));
    }

    private static void Map(IEndpointRouteBuilder routes, RequestDelegate answer, string endpoint, string suffix, string where)
    {
        var root = $"/{PersonalizerAddress.Base}{endpoint}/v1.0";
        Described(routes.MapPost(root + "/rank", answer), "personalizerRank" + suffix, $"Decide{where}, as Azure Personalizer's rank", endpoint)
            .Accepts<RankRequest>("application/json").Produces<RankResponse>(StatusCodes.Status201Created);
        Described(routes.MapPost(root + "/events/{eventId}/reward", answer), "personalizerReward" + suffix, $"Report the goal's outcome{where}, as Azure Personalizer's reward", endpoint, "eventId")
            .Accepts<RewardRequest>("application/json").WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent, typeof(void)));
        Described(routes.MapPost(root + "/events/{eventId}/activate", answer), "personalizerActivate" + suffix, $"Ask whether an event is there{where}, as Azure Personalizer's activate", endpoint, "eventId")
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent, typeof(void)));
    }

    private static IEndpointConventionBuilder Described(IEndpointConventionBuilder route, string id, string summary, string endpoint, params string[] parameters)
    {
        // Keys are checked by the calls themselves, like those of /v1.
        route.ShortCircuit().WithName(id).WithTags("Azure Personalizer").WithSummary(summary);
        route.WithMetadata(new Func<Task>(Described).Method);
        foreach (var status in s_faults) route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(PersonalizerErrorResponse), ["application/json"]));
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters = [.. (endpoint.Length > 0 ? parameters.Prepend("decisionPoint") : parameters).Select(InPath)];
            return Task.CompletedTask;
        });
        return route;
    }

    private static OpenApiParameter InPath(string name) =>
        new() { Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    /// <summary>Stands for the handler: only routes with a method are described.</summary>
    private static Task Described() => Task.CompletedTask;
}
