using System.Globalization;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Looper.Web.Api;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>Token buckets. Data routes are not among them: a full journal is their limit.</summary>
internal static class RateLimits
{
    /// <summary>For routes that try a password or a token.</summary>
    public const string SignIn = "sign-in";

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        services.AddSingleton<AccountLimit>();
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = Reject;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(Everyone);
            limiter.AddPolicy(SignIn, http => Bucket($"sign-in {Address(http)}", Limits(http).SignInsPerMinute, TimeSpan.FromMinutes(1)));
        });
        return services;
    }

    private static RateLimitPartition<string> Everyone(HttpContext http)
    {
        var path = http.Request.Path;
        if (path.StartsWithSegments("/v1") || path.StartsWithSegments("/healthz") || path.StartsWithSegments("/readyz") || path.StartsWithSegments("/_blazor")
            || path.Value!.Contains('.', StringComparison.Ordinal)) // files
            return RateLimitPartition.GetNoLimiter("");
        return http.User.FindFirstValue(ClaimTypes.Name) is { } who
            ? Bucket($"user {who}", Limits(http).ManagementPerSecond, TimeSpan.FromSeconds(1))
            : Bucket($"address {Address(http)}", Limits(http).AnonymousPerSecond, TimeSpan.FromSeconds(1));
    }

    private static LimitOptions Limits(HttpContext http) => http.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;

    private static string Address(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    private static RateLimitPartition<string> Bucket(string key, int tokens, TimeSpan period) => RateLimitPartition.GetTokenBucketLimiter(key, _ => Options(tokens, period));

    internal static TokenBucketRateLimiterOptions Options(int tokens, TimeSpan period) => new()
    {
        TokenLimit = tokens, TokensPerPeriod = tokens, ReplenishmentPeriod = period, QueueLimit = 0,
    };

    private static async ValueTask Reject(OnRejectedContext context, CancellationToken cancel)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        await RejectAsync(context.HttpContext, wait);
    }

    internal static Task RejectAsync(HttpContext http, TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.RetryAfter = seconds;
        return Refusals.WriteAsync(http, StatusCodes.Status429TooManyRequests, "request.too-many", $"Too many requests. Try again in {seconds} s.");
    }
}

/// <summary>Attempts on one account, whoever makes them and whether or not it exists.</summary>
internal sealed class AccountLimit(IOptions<LimitOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(
        account => RateLimitPartition.GetTokenBucketLimiter(account, _ => RateLimits.Options(options.Value.SignInsPerAccountAndMinute, TimeSpan.FromMinutes(1))));

    public bool Allows(string account)
    {
        using var lease = _limiter.AttemptAcquire(account);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
