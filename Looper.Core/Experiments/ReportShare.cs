namespace Looper.Core.Experiments;

/// <summary>A link that shows one stored report to whoever has it, until it expires or is revoked.</summary>
public sealed class ReportShare
{
    public Guid Id { get; init; }
    public Guid ReportId { get; init; }

    /// <summary>SHA-256 of the link's token; the token itself is shown once and not kept.</summary>
    public byte[] TokenHash { get; init; } = [];

    /// <summary>Whom it was made for, in the words of who made it.</summary>
    public string Recipient { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>Null on success, else why nothing changed.</summary>
    public Refusal? Revoke(DateTimeOffset at)
    {
        if (RevokedAt is { } before) return new("report-share.already-revoked", $"This link was revoked at {before:u}: it opens nothing.");
        RevokedAt = at;
        return null;
    }

    public bool Opens(DateTimeOffset at) => RevokedAt is null && at < ExpiresAt;
}
