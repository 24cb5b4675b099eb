using System.Globalization;
using System.Threading.RateLimiting;
using Looper.Core;
using Looper.Core.Access;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>How often a password or a token may be tried: per address, and per account whoever tries and whether or not it exists.
/// Asked by handlers and pages, because a page that is only looked at is no attempt.</summary>
public sealed class AttemptLimits(IOptions<LimitOptions> options) : IDisposable
{
    /// <summary>The body of an attempt, in bytes: who has no account yet may send no more than its form holds.</summary>
    public const int BodyBytes = 16 * 1024;

    private readonly PartitionedRateLimiter<string> _addresses = PerMinute(options.Value.SignInsPerMinute);
    private readonly PartitionedRateLimiter<string> _shared = PerMinute(options.Value.SharedPerMinute);
    private readonly PartitionedRateLimiter<string> _accounts = PerMinute(options.Value.SignInsPerAccountAndMinute);

    /// <param name="email">Asked about last, so that an address over its own limit takes nothing from the account it names. One that is too long is no account's and
    /// is not kept: kept, it would hold memory for as long as its bucket fills.</param>
    /// <returns>Null when this attempt may be made.</returns>
    public Refusal? Refuse(HttpContext http, string? email = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        using var address = _addresses.AttemptAcquire(RateLimits.Address(http));
        if (!address.IsAcquired) return TooMany(http, address);
        if (email is not { Length: <= UserRules.MostEmail }) return null;
        using var account = _accounts.AttemptAcquire(UserRules.EmailKey(email));
        return account.IsAcquired ? null : TooMany(http, account);
    }

    /// <returns>Null when this address may open another shared report.</returns>
    public Refusal? RefuseShared(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        using var address = _shared.AttemptAcquire(RateLimits.Address(http));
        return address.IsAcquired ? null : TooMany(http, address);
    }

    private static Refusal TooMany(HttpContext http, RateLimitLease refused)
    {
        var wait = refused.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromMinutes(1);
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.RetryAfter = seconds;
        return new("request.too-many", $"Too many attempts. Try again in {seconds} s.");
    }

    public void Dispose()
    {
        _addresses.Dispose();
        _shared.Dispose();
        _accounts.Dispose();
    }

    private static PartitionedRateLimiter<string> PerMinute(int attempts) => PartitionedRateLimiter.Create<string, string>(
        who => RateLimitPartition.GetTokenBucketLimiter(who, _ => RateLimits.Options(attempts, TimeSpan.FromMinutes(1))));
}
