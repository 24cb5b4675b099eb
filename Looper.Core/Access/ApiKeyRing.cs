using System.Collections.Frozen;
using System.Security.Cryptography;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Access;

/// <summary>What a key that was shown allows.</summary>
public sealed class ApiKeyGrant
{
    /// <summary>Scopes of management routes, which know no limit to decision points.</summary>
    internal const KeyScopes Everywhere = KeyScopes.Read | KeyScopes.Manage;

    private readonly FrozenSet<Guid> _decisionPoints;
    private readonly byte[] _secretHash;
    private long _lastUsedTicks;

    internal ApiKeyGrant(ApiKey key)
    {
        ExpiresAt = key.ExpiresAt ?? DateTimeOffset.MaxValue;
        _decisionPoints = ApiKeyQueries.DecisionPointsOf(key).ToFrozenSet();
        (Id, Name, _secretHash) = (key.Id, key.Name, key.SecretHash);
        Scopes = LimitedTo is null ? key.Scopes : key.Scopes & ~Everywhere; // a limited key of an earlier version
    }

    public Guid Id { get; }
    public string Name { get; }
    public KeyScopes Scopes { get; }
    public DateTimeOffset ExpiresAt { get; }
    internal DateTimeOffset LastUsedAt => new(Interlocked.Read(ref _lastUsedTicks), TimeSpan.Zero);

    public bool May(KeyScopes scope) => (Scopes & scope) == scope;

    /// <summary>The decision points it may use; null for all.</summary>
    public IReadOnlySet<Guid>? LimitedTo => _decisionPoints.Count == 0 ? null : _decisionPoints;

    /// <summary>True for every decision point when the key names none.</summary>
    public bool Allows(Guid decisionPointId) => _decisionPoints.Count == 0 || _decisionPoints.Contains(decisionPointId);

    internal bool Matches(ReadOnlySpan<byte> secretHash) => CryptographicOperations.FixedTimeEquals(secretHash, _secretHash);

    internal void Use(DateTimeOffset now) => Interlocked.Exchange(ref _lastUsedTicks, now.UtcTicks);
}

/// <summary>Every valid key in memory: no database on the way of a call. Read again on every change of a key and every few seconds,
/// so that a key revoked on another node stops here too. With the database away the last known keys hold.</summary>
public sealed class ApiKeyRing(IDbContextFactory<LooperDb> databases, LastKnown lastKnown, TimeProvider clock)
{
    private volatile Grants _grants = new([]);
    private readonly InTurn _turns = new();
    private readonly Dictionary<Guid, DateTimeOffset> _written = [];

    /// <summary>Finds the grant of a key as the application sent it. Does not allocate.</summary>
    public bool TryFind(ReadOnlySpan<char> key, out ApiKeyGrant grant)
    {
        grant = null!;
        if (!ApiKeyText.TryRead(key, out var publicId, out var secret) || !_grants.ByPublicId.TryGetValue(publicId, out var found)) return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        ApiKeyText.Hash(secret, hash);
        var now = clock.GetUtcNow();
        if (!found.Matches(hash) || now >= found.ExpiresAt) return false;
        found.Use(now);
        grant = found;
        return true;
    }

    public async Task RefreshAsync(CancellationToken cancel)
    {
        var turn = _turns.Next();
        await using var db = await databases.CreateDbContextAsync(cancel);
        var keys = await db.Set<ApiKey>().AsNoTracking().Where(k => k.RevokedAt == null).OrderBy(k => k.Id).ToListAsync(cancel);
        _turns.Take(turn, () =>
        {
            Use(keys);
            lastKnown.Keep("keys", keys);
        });
    }

    /// <summary>Takes the keys as they were last read by an earlier start; false where none are known.</summary>
    public bool TryRemember()
    {
        if (lastKnown.Find<ApiKey>("keys") is not { } keys) return false;
        Use(keys);
        return true;
    }

    private void Use(List<ApiKey> keys)
    {
        var known = _grants.All.ToDictionary(g => g.Id);
        _grants = new Grants(keys.Select(k => KeyValuePair.Create(k.PublicId, known.GetValueOrDefault(k.Id) ?? new ApiKeyGrant(k))));
    }

    /// <summary>When a key was last used in this process; null where it was not since the start.</summary>
    public DateTimeOffset? LastUsedAt(Guid id) => _grants.All.FirstOrDefault(g => g.Id == id) is { LastUsedAt: { Ticks: > 0 } at } ? at : null;

    /// <summary>Writes down when keys were last used; called now and then, for people to see which are dead.</summary>
    public async Task SaveUseAsync(CancellationToken cancel)
    {
        var used = _grants.All.Where(g => g.LastUsedAt > _written.GetValueOrDefault(g.Id)).ToList();
        if (used.Count == 0) return;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var noted = new List<ApiKey>();
        foreach (var grant in used)
        {
            if (await db.Set<ApiKey>().SingleOrDefaultAsync(k => k.Id == grant.Id, cancel) is not { } key) continue;
            key.LastUsedAt = grant.LastUsedAt;
            noted.Add(key);
        }
        await db.SaveChangesAsync(cancel);
        foreach (var key in noted) _written[key.Id] = key.LastUsedAt!.Value;
    }

    /// <summary>Swapped whole, by one write.</summary>
    private sealed class Grants(IEnumerable<KeyValuePair<string, ApiKeyGrant>> grants)
    {
        private readonly FrozenDictionary<string, ApiKeyGrant> _byPublicId = grants.ToFrozenDictionary(StringComparer.Ordinal);

        public IReadOnlyList<ApiKeyGrant> All => _byPublicId.Values;

        public FrozenDictionary<string, ApiKeyGrant>.AlternateLookup<ReadOnlySpan<char>> ByPublicId => _byPublicId.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
