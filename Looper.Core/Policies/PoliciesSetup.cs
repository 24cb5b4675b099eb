using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Policies;

public static class PoliciesSetup
{
    public static IServiceCollection AddPolicies(this IServiceCollection services) => services
        .AddSingleton<PolicyValuation>().AddSingleton<PolicyValueActions>().AddSingleton<PolicyEvaluationQueries>().AddSingleton<LaunchFollowing>()
        .AddSingleton<ApprenticeQueries>().AddSingleton<ApprenticeActions>();
}
