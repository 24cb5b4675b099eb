namespace Looper.Core.Access;

/// <param name="IsLocked">Too many wrong passwords lately.</param>
public sealed record UserView(Guid Id, string Email, string Name, Role Role, DateTimeOffset CreatedAt, DateTimeOffset? SignedInAt, bool IsLocked);

/// <summary>Who has just proven to be whom, for the cookie.</summary>
public sealed record SignedIn(Guid Id, string Email, string Name, Role Role, string Stamp);
