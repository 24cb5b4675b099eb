using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Experiments;

public static class ExperimentsSetup
{
    public static IServiceCollection AddExperiments(this IServiceCollection services) => services
        .AddSingleton<ExperimentActions>().AddSingleton<ExperimentQueries>()
        .AddSingleton<ExperimentChecklist>().AddSingleton<ExperimentOverlaps>().AddSingleton<ExperimentLaunch>().AddSingleton<LaunchApprovals>().AddSingleton<ExperimentHistory>().AddSingleton<ShipActions>().AddSingleton<RampActions>().AddSingleton<AllocationActions>()
        .AddSingleton<ReportActions>().AddSingleton<ReportQueries>().AddSingleton<ExperimentNotes>().AddSingleton<ExperimentSettings>().AddSingleton<ShareActions>()
        .AddSingleton<PolicyValueQueries>().AddSingleton<MetricBaselines>();
}
