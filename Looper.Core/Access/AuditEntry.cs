using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Looper.Core.Access;

/// <summary>Who changed what, before and after: append-only, each row hashed over the row before it.</summary>
public sealed class AuditEntry
{
    private static long _unsaved;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Position in the chain, from 1 without holes; below zero until saved.</summary>
    public long Id { get; internal set; } = Interlocked.Decrement(ref _unsaved);

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
    public byte[] Hash { get; internal set; } = [];

    /// <param name="before">Text, or an object that becomes its JSON; never a secret.</param>
    /// <param name="after">As <paramref name="before"/>.</param>
    public static AuditEntry Of(
        Caller caller, string action, string subject, DateTimeOffset at, object? before = null, object? after = null, string? reason = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return new()
        {
            // Whole microseconds, in UTC: what every database can keep, so that the hash can be computed again from the stored row.
            At = new DateTimeOffset(at.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero),
            Who = caller.Name,
            Action = action,
            Subject = subject,
            Before = Text(before),
            After = Text(after),
            Reason = reason,
        };
    }

    public static AuditEntry Of(
        Caller caller, string action, Guid subject, DateTimeOffset at, object? before = null, object? after = null, string? reason = null) =>
        Of(caller, action, subject.ToString(), at, before, after, reason);

    /// <summary>The hash this row must have after a row with hash <paramref name="previous"/>.</summary>
    internal byte[] HashAfter(ReadOnlySpan<byte> previous)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        // A JSON array keeps the fields apart: no two rows share a text.
        hash.AppendData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new object?[] { Id, At.UtcTicks, Who, Action, Subject, Before, After, Reason })));
        return hash.GetHashAndReset();
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        _ => JsonSerializer.Serialize(value, value.GetType(), Json),
    };
}
