using System.Text;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Serving;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Looper.Web.Api.InProcess;

/// <summary>Hands out what a decision point is decided by, to apps that decide in their own process.</summary>
internal static class SnapshotsApi
{
    private const string Point = "decisionPoint", Bytes = "application/octet-stream";

    public static void MapSnapshots(this IEndpointRouteBuilder routes)
    {
        var (data, served) = (routes.ServiceProvider.GetRequiredService<DataRoutes>(), routes.ServiceProvider.GetRequiredService<ServedSnapshots>());
        DataDescriptions.Of(routes.MapGet($"/v1/snapshots/{{{Point}}}", http => AnswerAsync(http, data, served)), "snapshot", "Download what a decision point is decided by")
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(byte[]), [Bytes]))
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)))
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.Parameters =
                [
                    new OpenApiParameter { Name = Point, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                    new OpenApiParameter { Name = "If-None-Match", In = ParameterLocation.Header, Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                ];
                return Task.CompletedTask;
            });
    }

    private static async Task AnswerAsync(HttpContext http, DataRoutes data, ServedSnapshots served)
    {
        http.Response.Headers.CacheControl = "no-store";
        var fault = data.Admit(http, KeyScopes.Decide, out var grant) ?? data.Admit(http, KeyScopes.Read, out grant);
        if (fault is { Status: 403 } && grant.LimitedTo is not null)
            fault = fault with { Reason = $"{fault.Reason} A key that is limited to decision points cannot have it: make one for all of them." };
        var point = default(DecisionPointSnapshot);
        if (fault is null && Find(http, data, grant, out point) is not null) await data.ChangesServe(http.RequestAborted);
        fault ??= Find(http, data, grant, out point);
        if (fault is not null)
        {
            await fault.WriteAsync(http);
            return;
        }
        if (HasIt(http, served.HashOf(point!.Id))) return;
        if (await served.ReadAsync(point.Id, http.RequestAborted) is not var (hash, bytes))
        {
            await MadeFaults.DatabaseAway.WriteAsync(http);
            return;
        }
        if (HasIt(http, hash)) return;
        http.Response.Headers.ETag = TagOf(hash);
        http.Response.ContentType = Bytes;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static DataFault? Find(HttpContext http, DataRoutes data, ApiKeyGrant grant, out DecisionPointSnapshot? point)
    {
        var (key, snapshot) = ((string)http.Request.RouteValues[Point]!, data.Engine.Current);
        point = snapshot.Find(Encoding.UTF8.GetBytes(key));
        if (point is null || point.IsArchived || !grant.Allows(point.Id)) return DataFault.UnknownPoint(key);
        if (snapshot.IsStale) return MadeFaults.DatabaseAway; // what has changed since is not known: the app goes on with what it has, and says so
        return InProcessRules.Fault(point) is { } refusal ? new(StatusCodes.Status409Conflict, refusal.Code, refusal.Reason, Point) : null;
    }

    private static bool HasIt(HttpContext http, string? hash)
    {
        if (hash is null || !http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Tag.Equals(TagOf(hash), StringComparison.Ordinal) || known.Tag == "*")) return false;
        http.Response.Headers.ETag = TagOf(hash);
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static string TagOf(string hash) => $"\"{hash}\"";
}
