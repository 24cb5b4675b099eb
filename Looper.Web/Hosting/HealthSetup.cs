using System.Security.Claims;
using Looper.Core.Decisions.Retention;
using Looper.Core.Persistence;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Looper.Web.Hosting;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it may be sent traffic. A node that still decides is Degraded, not
/// Unhealthy, whatever else is broken: a load balancer must not take it out.</summary>
internal static class HealthSetup
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database").AddCheck<JournalHealth>("journal").AddCheck<HistoryHealth>("histories").AddCheck<DiskHealth>("disk", HealthStatus.Degraded).AddCheck<DrainingHealth>("draining");
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz", new() { Predicate = _ => false }).AllowAnonymous();
        routes.MapHealthChecks("/readyz", new() { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    /// <summary>Everybody gets the word; who is signed in, or has a key to read, gets the list.</summary>
    private static Task WriteAsync(HttpContext http, HealthReport report) =>
        http.User.FindFirst(ClaimTypes.Role) is not null // a key that may only decide has none
            ? http.Response.WriteAsJsonAsync(new
            {
                Status = report.Status.ToString(),
                Checks = report.Entries.Select(e => new { Name = e.Key, Status = e.Value.Status.ToString(), e.Value.Description }),
            })
            : http.Response.WriteAsync(report.Status.ToString());
}

/// <summary>As it was last seen, at most a few seconds ago: a server that hangs must not hang the probe.</summary>
internal sealed class DatabaseHealth(DatabaseAvailability database) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(database.IsAway
        ? HealthCheckResult.Degraded("The database does not answer. Decisions go on; nothing can be changed.")
        : HealthCheckResult.Healthy());
}

internal sealed class DiskHealth(StorageQueries storage) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        (await storage.LookAsync(cancellationToken)).Warning is { } warning ? HealthCheckResult.Degraded(warning) : HealthCheckResult.Healthy();
}

internal sealed class DrainingHealth(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("Stopping.") : HealthCheckResult.Healthy());
}
