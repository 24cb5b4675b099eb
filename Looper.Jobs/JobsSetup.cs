using Looper.Core;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Looper.Jobs;

public static class JobsSetup
{
    /// <summary>Runs at the same time; decisions are answered on the same machine.</summary>
    internal const int RunsAtOnce = 4;

    /// <summary>Threads that runs leave to what recurs: ramps, bandits and studies do not wait for a training to end.</summary>
    private const int Recurring = 2;

    /// <summary>The scheduler, its store, and every job.</summary>
    /// <param name="database">With a server the store is there; with SQLite it is <c>jobs.db</c> in the data directory.</param>
    public static IServiceCollection AddLooperJobs(this IServiceCollection services, DatabaseKind database)
    {
        services.AddOptions<JobsOptions>().BindConfiguration(JobsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<JobRuns>();
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "Looper";
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            quartz.UseDefaultThreadPool(RunsAtOnce + Recurring);
            SchedulerStore.AddTo(quartz, database);
            Schedule.AddTo(quartz);
        });
        services.AddHostedService<SchedulerHost>();
        services.AddHostedService<RunStarter>();
        return services;
    }
}
