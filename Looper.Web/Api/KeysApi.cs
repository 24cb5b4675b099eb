using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class KeysApi
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/keys").WithTags("Access");
        group.MapGet("", List).WithName("listKeys");
        group.MapPost("", Create).WithName("createKey");
        group.MapDelete("/{id:guid}", Revoke).WithName("revokeKey");
    }

    /// <summary>The API keys, without their secrets.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<KeyView>>, ProblemHttpResult>> List(Caller caller, ApiKeyQueries keys, CancellationToken cancel)
    {
        var answered = await keys.ListAsync(caller, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok<IReadOnlyList<KeyView>>([.. answered.Value!.Select(KeyView.Of)]);
    }

    /// <summary>Makes an API key. The answer holds the whole key, this once.</summary>
    internal static async Task<Results<Created<CreatedApiKey>, ProblemHttpResult>> Create(NewKey request, Caller caller, ApiKeyActions keys, ApiKeyRing ring, DecisionPointQueries points, CancellationToken cancel)
    {
        if (request.DecisionPoints is { Count: > 0 } named && caller.Lacks(Right.Read) is null
            && named.Except((await points.ListAsync(caller, cancel)).Select(p => p.Id)).Select(id => (Guid?)id).FirstOrDefault() is { } unknown)
            return new Refusal("key.invalid", $"Decision points: there is none with the id {unknown}, so the key would be good for nothing there. Name ids of the list of decision points, or none for all.", "decisionPoints").AsProblem();
        var scopes = request.Scopes.Aggregate(KeyScopes.None, (all, one) => all | one);
        var answered = await keys.CreateAsync(caller, new NewApiKey(request.Name, scopes, request.DecisionPoints ?? [], request.ExpiresAt), cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        await ring.RefreshAsync(cancel); // usable by the time it is shown
        return TypedResults.Created($"/api/keys/{answered.Value!.Id}", answered.Value);
    }

    /// <summary>Ends an API key for good.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Revoke(Guid id, Caller caller, ApiKeyActions keys, ApiKeyRing ring, CancellationToken cancel)
    {
        if (await keys.RevokeAsync(caller, id, cancel) is { } refusal) return refusal.AsProblem();
        await ring.RefreshAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <param name="Scopes">decide, observe, read, manage.</param>
    /// <param name="DecisionPoints">Ids; none means all. Only a key to decide and observe can be limited.</param>
    public sealed record NewKey(string Name, IReadOnlyList<KeyScopes> Scopes, IReadOnlyList<Guid>? DecisionPoints = null, DateTimeOffset? ExpiresAt = null);

    /// <param name="Shown">Enough of the key to recognise it.</param>
    public sealed record KeyView(
        Guid Id, string Name, string Shown, IReadOnlyList<KeyScopes> Scopes, IReadOnlyList<Guid> DecisionPoints, string CreatedBy,
        DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt)
    {
        internal static KeyView Of(ApiKeyView key) => new(
            key.Id, key.Name, key.Shown, [.. Enum.GetValues<KeyScopes>().Where(s => s != KeyScopes.None && key.Scopes.HasFlag(s))],
            key.DecisionPoints, key.CreatedBy, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, key.RevokedAt);
    }
}
