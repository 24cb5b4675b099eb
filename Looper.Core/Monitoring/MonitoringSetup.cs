using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Monitoring;

public static class MonitoringSetup
{
    /// <summary>Drift, the quality of live models, what is reported, and the alerts that come of it.</summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services)
    {
        services.AddSingleton<DriftFigures>();
        services.AddSingleton<LiveQualityFigures>();
        services.AddSingleton<JoinRateFigures>();
        services.AddSingleton<DriftCheck>();
        services.AddSingleton<MonitoringQueries>();
        services.AddSingleton<FeatureProfileQueries>();
        services.AddSingleton<UnreadableModels>();
        return services;
    }
}
