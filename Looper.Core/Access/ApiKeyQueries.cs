using System.Text.Json;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

public sealed class ApiKeyQueries(IDbContextFactory<LooperDb> databases, ApiKeyRing ring)
{
    /// <summary>All keys for an admin, their own for an engineer; newest first.</summary>
    public async Task<Answered<IReadOnlyList<ApiKeyView>>> ListAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.ManageOwnKeys) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var keys = await db.Set<ApiKey>().AsNoTracking().OrderByDescending(k => k.CreatedAt).ToListAsync(cancel);
        return keys.Where(k => ApiKeyActions.MaySee(caller, k)).Select(View).ToList();
    }

    internal static IReadOnlyList<Guid> DecisionPointsOf(ApiKey key) => JsonSerializer.Deserialize<List<Guid>>(key.DecisionPoints) ?? [];

    // When it was last used is written down now and then only; this process knows better.
    private ApiKeyView View(ApiKey key) => new(
        key.Id, key.Name, $"{ApiKeyText.Prefix}{key.PublicId}…{key.LastFour}", key.Scopes, DecisionPointsOf(key), key.CreatedBy,
        key.CreatedAt, key.ExpiresAt, ring.LastUsedAt(key.Id) is { } at && !(at <= key.LastUsedAt) ? at : key.LastUsedAt, key.RevokedAt, key.IsSimulated);
}
