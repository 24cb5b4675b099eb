using System.Text.Json;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

public sealed class ApiKeyActions(IDbContextFactory<LooperDb> databases, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    private const KeyScopes Known = KeyScopes.Decide | KeyScopes.Observe | KeyScopes.Read | KeyScopes.Manage;
    private const int MostName = 200, MostDecisionPoints = 1_000;

    public async Task<Answered<CreatedApiKey>> CreateAsync(Caller caller, NewApiKey key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(key);
        var manages = (key.Scopes & ApiKeyGrant.Everywhere) != 0;
        if (caller.Lacks(manages ? Right.Administer : Right.ManageOwnKeys) is { } denied) return denied;
        var now = clock.GetUtcNow();
        if (Check(key, now) is { } refusal) return refusal;
        var text = ApiKeyText.New();
        ApiKeyText.TryRead(text, out var publicId, out var secret);
        var row = new ApiKey
        {
            Id = ids.Next(), Name = key.Name.Trim(), PublicId = publicId.ToString(), SecretHash = ApiKeyText.HashOf(secret),
            LastFour = text[^4..], Scopes = key.Scopes, DecisionPoints = JsonSerializer.Serialize(key.DecisionPoints.Distinct()),
            CreatedAt = now, CreatedBy = caller.Name, ExpiresAt = key.ExpiresAt ?? now.AddYears(1), IsSimulated = key.IsSimulated,
        };
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.Add(row);
        db.Add(AuditEntry.Of(caller, "key.created", row.Id, now, after: Audited(row)));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Key, row.Id);
        return new CreatedApiKey(row.Id, text);
    }

    public async Task<Refusal?> RevokeAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.ManageOwnKeys) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var key = await db.Set<ApiKey>().SingleOrDefaultAsync(k => k.Id == id, cancel);
        if (key is null || !MaySee(caller, key)) return new("key.unknown", $"No key {id}.");
        if (key.RevokedAt is { } since) return new("key.already-revoked", $"'{key.Name}' was revoked at {since:u}.");
        key.RevokedAt = clock.GetUtcNow();
        db.Add(AuditEntry.Of(caller, "key.revoked", id, clock.GetUtcNow(), before: Audited(key)));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Key, id);
        return null;
    }

    /// <summary>Admins see every key; others those they made.</summary>
    internal static bool MaySee(Caller caller, ApiKey key) => caller.Lacks(Right.Administer) is null || key.CreatedBy == caller.Name;

    private static Refusal? Check(NewApiKey key, DateTimeOffset now) =>
        string.IsNullOrWhiteSpace(key.Name) ? new("key.invalid", "The name is empty. Name the application that will use the key.", "name")
        : key.Name.Length > MostName ? new("key.invalid", $"The name has {key.Name.Length} characters. Use {MostName} or fewer.", "name")
        : key.Scopes == KeyScopes.None || (key.Scopes & ~Known) != 0 ? new("key.invalid", "The key may do nothing. Choose at least one of decide, observe, read, manage.", "scopes")
        : key.DecisionPoints.Count > 0 && (key.Scopes & ApiKeyGrant.Everywhere) != 0
            ? new("key.invalid", "Read and manage hold for the whole installation, so such a key cannot be limited. Name no decision points, or choose decide and observe alone.", "decisionPoints")
        : key.DecisionPoints.Count > MostDecisionPoints ? new("key.invalid", $"{key.DecisionPoints.Count} decision points are named. Name {MostDecisionPoints} or fewer, or none for all.", "decisionPoints")
        : key.ExpiresAt <= now ? new("key.invalid", "The key would already have expired. Choose a later time.", "expiresAt")
        : null;

    private static object Audited(ApiKey key) => new { key.Name, key.PublicId, Scopes = key.Scopes.ToString(), key.DecisionPoints, key.ExpiresAt };
}
