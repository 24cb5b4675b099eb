using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Runs;

public static class RunsSetup
{
    /// <summary>Asking for work, watching it, cancelling it. What runs it is the scheduler's part.</summary>
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<JobRequests>();
        services.AddSingleton<JobRunQueries>();
        services.AddSingleton<JobRunActions>();
        return services;
    }
}
