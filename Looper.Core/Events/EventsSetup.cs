using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Looper.Core.Events;

public static class EventsSetup
{
    /// <summary>The journal in <c>events.db</c> of the data directory, and its readers.</summary>
    public static IServiceCollection AddEvents(this IServiceCollection services, string dataDirectory)
    {
        services.AddSingleton(new JournalOptions { Path = Path.Combine(dataDirectory, "events.db") });
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ChangeFeed>();
        services.AddSingleton<EventActivity>();
        services.AddSingleton<Journal>();
        services.AddSingleton<EventReader>();
        services.AddSingleton<ExampleReader>();
        services.AddSingleton<ExposureReader>();
        return services;
    }
}
