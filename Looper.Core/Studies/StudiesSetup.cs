using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Studies;

public static class StudiesSetup
{
    public static IServiceCollection AddStudies(this IServiceCollection services) => services
        .AddSingleton<StudyActions>().AddSingleton<StudyQueries>().AddSingleton<AskTell>().AddSingleton<TrialShipping>()
        .AddSingleton(_ => new SimulatorHttp()).AddSingleton<SimulatorTrials>().AddSingleton<LiveTrials>().AddSingleton<LoggedTrials>().AddSingleton<StudyLoop>();
}
