using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Bandits;

public static class BanditsSetup
{
    /// <summary>Policies that learn from their own decisions.</summary>
    public static IServiceCollection AddBandits(this IServiceCollection services)
    {
        services.AddSingleton<BanditLearning>();
        services.AddSingleton<BanditQueries>();
        return services;
    }
}
