using Looper.Core.Runs;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Looper.Jobs;

/// <summary>Which job does a kind of work that people ask for.</summary>
public sealed record QueuedJobType(string Kind, Type Job);

/// <summary>Every job there is: those that people ask for, by kind, and those that recur, with their times in UTC and what happens
/// to a time that was missed.</summary>
internal static class Schedule
{
    public static void AddTo(IQuartzBuilder quartz)
    {
        Asked<TrainModelJob>(quartz, JobKinds.TrainModel);
        Asked<RepeatTrainingJob>(quartz, JobKinds.RepeatTraining);
        Asked<ImportJob>(quartz, JobKinds.Import);
        Asked<PurgeEventsJob>(quartz, JobKinds.PurgeEvents);
        Asked<EstimateEffectsJob>(quartz, JobKinds.EstimateEffects);
        Asked<PredictLongTermJob>(quartz, JobKinds.PredictLongTerm);
        Asked<ValuePolicyJob>(quartz, JobKinds.ValuePolicy);
        Asked<MeasureGainJob>(quartz, JobKinds.MeasureGain);
        // Each looks at what is there now, so a missed time is made up for by the next one.
        Recurring<CheckTrainingJob>(quartz, "check-training", "0 * * * * ?");
        Recurring<CheckShadowsJob>(quartz, "check-shadows", "0/20 * * * * ?");
        Recurring<AdvanceStudiesJob>(quartz, "advance-studies", "5/10 * * * * ?");
        Recurring<LearnBanditsJob>(quartz, "learn-bandits", "30 * * * * ?");
        Recurring<FollowApprenticesJob>(quartz, "follow-apprentices", "15 1/10 * * * ?");
        Recurring<CheckDriftJob>(quartz, "check-drift", "40 3/10 * * * ?");
        Recurring<CheckRampsJob>(quartz, "check-ramps", "20 2/5 * * * ?");
        Recurring<RenewSharesJob>(quartz, "renew-shares", "50 4/10 * * * ?");
        Recurring<FollowLaunchesJob>(quartz, "follow-launches", "50 27 * * * ?");
        Recurring<MeasureGainsJob>(quartz, "measure-gains", "35 12 * * * ?");
        Recurring<AskForPurgeJob>(quartz, "ask-for-purge", "0 41 * * * ?");
        Recurring<TrimJobLogsJob>(quartz, "trim-job-logs", "0 17 3 * * ?");
    }

    private static void Asked<TJob>(IQuartzBuilder quartz, string kind) where TJob : QueuedJob
    {
        quartz.Services.AddScoped<TJob>();
        quartz.Services.AddSingleton(new QueuedJobType(kind, typeof(TJob)));
    }

    private static void Recurring<TJob>(IQuartzBuilder quartz, string name, string cron) where TJob : class, IJob =>
        quartz.ScheduleJob<TJob>(
            trigger => trigger.WithIdentity(name, "recurring").WithCronSchedule(cron, schedule => schedule.InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.DoNothing)),
            job => job.WithIdentity(name, "recurring").DisallowConcurrentExecution());
}
