using System.Diagnostics.Metrics;
using Looper.Core;
using Looper.Core.Events;
using Looper.Core.Events.Postgres;
using Looper.Core.Events.Shipping;
using Looper.Core.Events.SqlServer;
using Looper.Core.Persistence;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>With a database server: the copy of the journal there, its health check and its metrics. With SQLite nothing of it runs.</summary>
public static class ShippingSetup
{
    public static IServiceCollection AddShipping(this IServiceCollection services, DatabaseKind database)
    {
        services.AddOptions<ShippingOptions>().BindConfiguration(ShippingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (database == DatabaseKind.Sqlite) return services;
        services.AddSingleton(provider => StoreOf(provider.GetRequiredService<IOptions<LooperOptions>>().Value));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ShippingOptions>>().Value);
        services.AddSingleton<JournalShipper>();
        services.AddHostedService<ShipperHost>();
        services.AddHealthChecks().AddCheck<ShipperHealth>("shipper");
        return services;
    }

    public static ServerStore StoreOf(LooperOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connectionString = ServerConnection.Complete(options.Database, options.ConnectionString);
        return options.Database switch
        {
            DatabaseKind.Postgres => new PostgresStore(connectionString),
            DatabaseKind.SqlServer => new SqlServerStore(connectionString),
            _ => throw new StartRefusedException("Looper:Database is Sqlite, so there are no events on a server. Give Postgres or SqlServer with Looper:ConnectionString."),
        };
    }

    private sealed class ShipperHost(JournalShipper shipper, LooperMeter looper) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var meter = looper.Meter;
            var store = new KeyValuePair<string, object?>("store", shipper.Condition.Store);
            meter.CreateObservableGauge("looper.shipper.lag", () => new Measurement<double>(shipper.Condition.Lag.TotalSeconds, store), "s", "How long ago every flushed event was on the server.");
            meter.CreateObservableGauge("looper.shipper.backlog", () => new Measurement<long>(shipper.Condition.Backlog, store), "{record}", "Events that wait to be sent to the server.");
            await Task.Yield(); // the start waits for nobody's server
            await shipper.RunAsync(stoppingToken);
        }
    }

    private sealed class ShipperHealth(JournalShipper shipper, IOptions<ShippingOptions> options) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            shipper.Condition is { } now && now.Lag > options.Value.MostLag
                ? HealthCheckResult.Degraded($"{now.Backlog:N0} events have waited up to {now.Lag.TotalSeconds:N0} s to be sent to {now.Store}. {now.Fault}".TrimEnd())
                : HealthCheckResult.Healthy());
    }
}
