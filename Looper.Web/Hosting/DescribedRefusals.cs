using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace Looper.Web.Hosting;

/// <summary>The refusals of management routes in the API's description: which statuses a call can have, by what it takes and does. Their handlers answer all of
/// them in one way, so that none is named by a handler.</summary>
internal static class DescribedRefusals
{
    private const string Problem = "ProblemDetails", ProblemJson = "application/problem+json";

    public static void AddTo(OpenApiDocument document)
    {
        if (document.Components?.Schemas?.TryGetValue(Problem, out var found) != true || found is not OpenApiSchema problem) return;
        var properties = problem.Properties ??= new Dictionary<string, IOpenApiSchema>();
        properties["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What is wrong, for programs; never renamed." };
        properties["field"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Description = "The field of the request that is at fault." };
        properties["errors"] = new OpenApiSchema { Type = JsonSchemaType.Array | JsonSchemaType.Null, Items = new OpenApiSchema { Type = JsonSchemaType.Object }, Description = "Every fault with its field and reason, where there are several." };
        problem.AdditionalPropertiesAllowed = true;
        foreach (var (path, item) in document.Paths.Where(p => p.Key.StartsWith("/api/", StringComparison.Ordinal)))
        {
            foreach (var (method, operation) in item.Operations ?? [])
            {
                var responses = operation.Responses ??= [];
                foreach (var status in Of(path, method, operation))
                    responses.TryAdd($"{status}", new OpenApiResponse
                    {
                        Description = ReasonPhrases.GetReasonPhrase(status),
                        Content = new Dictionary<string, OpenApiMediaType> { [ProblemJson] = new() { Schema = new OpenApiSchemaReference(Problem, document) } },
                    });
            }
        }
    }

    private static IEnumerable<int> Of(string path, HttpMethod method, OpenApiOperation operation)
    {
        var (takesBody, asks) = (operation.RequestBody is not null, operation.Parameters?.Any(p => p.In == ParameterLocation.Query) == true);
        if (takesBody || asks) yield return StatusCodes.Status400BadRequest;
        yield return StatusCodes.Status401Unauthorized;
        yield return StatusCodes.Status403Forbidden;
        if (takesBody || asks || path.Contains('{', StringComparison.Ordinal)) yield return StatusCodes.Status404NotFound;
        if (method != HttpMethod.Get)
        {
            yield return StatusCodes.Status409Conflict;
            yield return StatusCodes.Status412PreconditionFailed;
        }
        if (takesBody)
        {
            yield return StatusCodes.Status413PayloadTooLarge;
            yield return StatusCodes.Status415UnsupportedMediaType;
        }
        if (takesBody || asks || method != HttpMethod.Get) yield return StatusCodes.Status422UnprocessableEntity;
        if (operation.Parameters?.Any(p => p is { In: ParameterLocation.Header, Name: "If-Match" }) == true) yield return StatusCodes.Status428PreconditionRequired;
        yield return StatusCodes.Status429TooManyRequests;
        yield return StatusCodes.Status503ServiceUnavailable;
    }
}
