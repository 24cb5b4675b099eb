using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Personalization;

public static class PersonalizationSetup
{
    public static IServiceCollection AddPersonalization(this IServiceCollection services) => services
        .AddSingleton(EffectComputation.BesideServing).AddSingleton<EffectEstimation>().AddSingleton<EffectActions>().AddSingleton<EffectQueries>().AddSingleton<PolicyDrafts>();
}
