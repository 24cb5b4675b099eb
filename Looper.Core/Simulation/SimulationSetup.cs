using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Simulation;

public static class SimulationSetup
{
    public static IServiceCollection AddSimulation(this IServiceCollection services) => services
        .AddSingleton<ShopDemo>()
        .AddSingleton<NotificationDemo>()
        .AddSingleton<SimulationActions>()
        .AddSingleton<SimulationQueries>();
}
