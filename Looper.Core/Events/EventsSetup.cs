using Looper.Core.Events.Histories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Looper.Core.Events;

public static class EventsSetup
{
    /// <summary>The journal in <c>events.db</c> of the data directory, and its readers.</summary>
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        services.AddOptions<HistoryOptions>();
        services.AddSingleton(s => JournalOptions.In(s.GetRequiredService<IOptions<LooperOptions>>().Value.DataDirectory) with
        {
            HistoryBytes = (long)s.GetRequiredService<IOptions<HistoryOptions>>().Value.MostMegabytes << 20,
        });
        services.AddSingleton<CorruptRecords>();
        services.AddSingleton<EventActivity>();
        services.AddSingleton<Journal>();
        services.AddSingleton<EventReader>();
        services.AddSingleton<ExampleReader>();
        services.AddSingleton<ExposureReader>();
        return services;
    }
}
