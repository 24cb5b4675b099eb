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
    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        services.AddSingleton<AttemptLimits>();
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = Reject;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(Everyone);
        });
        return services;
    }

    private static RateLimitPartition<string> Everyone(HttpContext http)
    {
        var path = http.Request.Path;
        if (path.StartsWithSegments("/v1") || path.StartsWithSegments("/healthz") || path.StartsWithSegments("/readyz") || path.StartsWithSegments("/_blazor")
            || (path.Value!.Contains('.', StringComparison.Ordinal) && !path.StartsWithSegments("/api"))) // files
            return RateLimitPartition.GetNoLimiter("");
        return http.User.FindFirstValue(ClaimTypes.Name) is { } who
            ? Bucket($"user {who}", Limits(http).ManagementPerSecond, TimeSpan.FromSeconds(1))
            : Bucket($"address {Address(http)}", Limits(http).AnonymousPerSecond, TimeSpan.FromSeconds(1));
    }

    private static LimitOptions Limits(HttpContext http) => http.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;

    internal static string Address(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    private static RateLimitPartition<string> Bucket(string key, int tokens, TimeSpan period) => RateLimitPartition.GetTokenBucketLimiter(key, _ => Options(tokens, period));

    internal static TokenBucketRateLimiterOptions Options(int tokens, TimeSpan period) => new()
    {
        TokenLimit = tokens, TokensPerPeriod = tokens, ReplenishmentPeriod = period, QueueLimit = 0,
    };

    private static async ValueTask Reject(OnRejectedContext context, CancellationToken cancel)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.HttpContext.Response.Headers.RetryAfter = seconds;
        await Refusals.WriteAsync(context.HttpContext, StatusCodes.Status429TooManyRequests, "request.too-many", $"Too many requests. Try again in {seconds} s.");
    }
}
