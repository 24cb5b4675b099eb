namespace Looper.Core.Access;

/// <param name="DecisionPoints">Ids; empty means all.</param>
public sealed record ApiKeyView(
    Guid Id, string Name, string Shown, KeyScopes Scopes, IReadOnlyList<Guid> DecisionPoints, string CreatedBy,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt, bool IsSimulated);

/// <param name="Key">The whole key: shown this once, kept nowhere.</param>
public sealed record CreatedApiKey(Guid Id, string Key);

/// <param name="DecisionPoints">Ids; empty means all.</param>
/// <param name="ExpiresAt">Null means in a year.</param>
public sealed record NewApiKey(string Name, KeyScopes Scopes, IReadOnlyList<Guid> DecisionPoints, DateTimeOffset? ExpiresAt = null, bool IsSimulated = false);
