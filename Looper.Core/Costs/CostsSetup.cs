using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Costs;

public static class CostsSetup
{
    public static IServiceCollection AddCosts(this IServiceCollection services) => services
        .AddSingleton<WorkKeeping>().AddSingleton<PriceSettings>().AddSingleton<CostQueries>().AddSingleton<GoalQueries>();
}
