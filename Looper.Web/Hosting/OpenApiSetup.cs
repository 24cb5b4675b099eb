using Looper.Web.Api;
using Microsoft.OpenApi;

namespace Looper.Web.Hosting;

/// <summary>The description of every route, as a document and as a page to read it on. Both for whoever may sign in.</summary>
internal static class OpenApiSetup
{
    private const string Document = "/openapi/v1.json";

    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Looper";
            document.Info.Description = "Two calls from your app, decide and observe, under /v1; everything the console does, under /api.";
            document.Servers = []; // the one it was read from
            var components = document.Components ??= new();
            components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            components.SecuritySchemes["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = LooperSchemes.KeyHeader };
            document.Security = [new() { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            document.Tags = new HashSet<OpenApiTag>([new() { Name = DataDescriptions.Tag, Description = "The two calls that your app makes, one at a time or in batches." }, .. (document.Tags ?? new HashSet<OpenApiTag>()).Where(t => t.Name != DataDescriptions.Tag)]);
            DescribedRefusals.AddTo(document);
            ApiWords.Mend(document);
            return Task.CompletedTask;
        }));

    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi(Document);
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "api-reference";
            page.DocumentTitle = "API reference · Looper";
            page.SwaggerEndpoint(Document, "Looper v1");
            page.EnableDeepLinking();
        });
    }
}
