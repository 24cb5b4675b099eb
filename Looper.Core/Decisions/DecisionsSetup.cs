using Looper.Core.Decisions.AsCode;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Decisions.Import;
using Looper.Core.Decisions.Retention;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Decisions;

public static class DecisionsSetup
{
    public static IServiceCollection AddDecisions(this IServiceCollection services) => services
        .AddSingleton<Publishing>()
        .AddSingleton<DraftActions>().AddSingleton<DraftQueries>()
        .AddSingleton<DecisionPointActions>().AddSingleton<DecisionPointQueries>().AddSingleton<VersionQueries>()
        .AddSingleton<LateDecisions>().AddSingleton<NotedRemovals>().AddSingleton<ClearActions>().AddSingleton<PointEventQueries>().AddSingleton<OverviewQueries>()
        .AddSingleton<Retentions>().AddSingleton<StorageQueries>().AddSingleton<ErasureActions>()
        .AddSingleton<PointsFileQueries>().AddSingleton<ApplyActions>()
        .AddSingleton<ImportFiles>().AddSingleton<Importer>().AddSingleton<ImportActions>();
}
