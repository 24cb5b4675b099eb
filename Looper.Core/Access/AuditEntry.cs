namespace Looper.Core.Access;

/// <summary>Who changed what, before and after: append-only, each row hashed over the row before it.</summary>
public sealed class AuditEntry
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string Who { get; init; } = "";

    /// <summary><c>noun.what-happened</c>: <c>blueprint.published</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>Id or key of the object.</summary>
    public string Subject { get; init; } = "";

    public string? Before { get; init; }
    public string? After { get; init; }
    public string? Reason { get; init; }

    /// <summary>SHA-256 over the previous row's hash and this row's fields.</summary>
    public byte[] Hash { get; set; } = [];
}
