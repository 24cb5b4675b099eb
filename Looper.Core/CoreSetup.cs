using Looper.Core.Metering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Looper.Core;

public static class CoreSetup
{
    /// <summary>Clock, ids and the change feed: what every part takes.</summary>
    public static IServiceCollection AddCore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Ids>();
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<LooperMeter>();
        services.AddSingleton<WorkMeter>();
        return services;
    }
}
