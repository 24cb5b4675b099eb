namespace Looper.Core.Access;

[Flags]
public enum KeyScopes
{
    None = 0,
    Decide = 1,
    Observe = 2,
    Read = 4,
    Manage = 8,
}

/// <summary>A credential of an application: looked up by its public id, its secret kept only as a hash.</summary>
public sealed class ApiKey
{
    public Guid Id { get; init; }
    public string Name { get; set; } = "";

    /// <summary>The eight characters after <c>lpr_</c>.</summary>
    public string PublicId { get; init; } = "";

    /// <summary>SHA-256 of the secret part.</summary>
    public byte[] SecretHash { get; init; } = [];

    public string LastFour { get; init; } = "";
    public KeyScopes Scopes { get; init; }

    /// <summary>JSON array of decision point ids; empty means all.</summary>
    public string DecisionPoints { get; init; } = "[]";

    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; set; }
    public DateTimeOffset? LastUsedAt { get; set; }
    public bool IsSimulated { get; init; }
}
