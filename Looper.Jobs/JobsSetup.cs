using Looper.Core.Persistence;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Looper.Jobs;

public static class JobsSetup
{
    /// <summary>Jobs at the same time in this process; decisions are answered on the same machine.</summary>
    private const int AtOnce = 4;

    /// <summary>The scheduler, its store <c>jobs.db</c> in the data directory, and every job.</summary>
    public static IServiceCollection AddLooperJobs(this IServiceCollection services)
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
            quartz.UseDefaultThreadPool(AtOnce);
            quartz.UsePersistentStore(store =>
            {
                store.UseSqlite(source => source.DataSourceFactory = SourceOf);
                store.ConfigureStore(options => options.RecoverFiringsCancelledByShutdown = true);
                store.ProvisionSchema();
            });
            Schedule.AddTo(quartz);
        });
        services.AddQuartzHostedService(host => host.WaitForJobsToComplete = true);
        services.AddHostedService<RunStarter>();
        return services;
    }

    private static SqliteSource SourceOf(IServiceProvider provider)
    {
        var file = provider.GetRequiredService<DataDirectory>().File("jobs.db");
        return new SqliteSource(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 10 }.ToString());
    }
}
