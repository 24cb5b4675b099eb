namespace Looper.Core.Access;

public sealed class User
{
    public Guid Id { get; init; }
    public string Email { get; set; } = "";

    /// <summary>Upper-case invariant; unique.</summary>
    public string EmailKey { get; set; } = "";

    public string Name { get; set; } = "";
    public Role Role { get; set; }
    public string PasswordHash { get; set; } = "";

    /// <summary>Changes with password, role or sign-out everywhere; cookies that carry an old one end.</summary>
    public string SecurityStamp { get; set; } = "";

    public int FailedSignIns { get; set; }
    public DateTimeOffset? LockedUntil { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? SignedInAt { get; set; }
    public long Revision { get; set; }
}
