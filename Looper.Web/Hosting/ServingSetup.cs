using Looper.Core.Events.Histories;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Web.Api;
using Looper.Web.Api.InProcess;
using Looper.Web.Api.Personalizer;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

public static class ServingSetup
{
    /// <summary>The engine, its snapshot, and what the data routes take.</summary>
    public static IServiceCollection AddServing(this IServiceCollection services)
    {
        services.AddOptions<ServingOptions>().BindConfiguration(ServingOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ServingOptions>, ServingOptionsValidator>();
        services.AddOptions<HistoryOptions>().BindConfiguration(HistoryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DecisionEngine>();
        services.AddSingleton<SnapshotBuilder>();
        services.AddSingleton(provider => new SnapshotFiles(provider.GetRequiredService<DataDirectory>().Folder("snapshots")));
        services.AddSingleton(provider => new CompiledFiles(provider.GetRequiredService<DataDirectory>().Folder("snapshots")));
        services.AddSingleton<CompiledAhead>();
        services.AddSingleton<ReadableModels>();
        services.AddSingleton<ServedSnapshots>();
        services.AddSingleton<SnapshotRefresher>();
        services.AddHostedService(provider => provider.GetRequiredService<SnapshotRefresher>());
        services.AddSingleton(new BatchGate());
        services.AddSingleton<BatchThreads>();
        services.AddSingleton<UnrecordedDecisions>();
        services.AddSingleton<DataRoutes>();
        services.AddSingleton<OutcomeLookup>();
        services.AddSingleton<MadeVersions>();
        services.AddSingleton<MadeLookup>();
        services.AddSingleton<RewardedVersions>();
        services.AddSingleton<PersonalizerApi>();
        return services;
    }

    public static void MapServing(this IEndpointRouteBuilder routes)
    {
        routes.MapDecisions();
        routes.MapObservations();
        routes.MapSnapshots();
        routes.MapMade();
        routes.MapPersonalizer();
        routes.MapTestDecisions();
    }
}
