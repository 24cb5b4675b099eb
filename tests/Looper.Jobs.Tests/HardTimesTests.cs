using System.Collections.Concurrent;
using System.Data.Common;
using Looper.Core.Models;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Looper.Jobs.Tests;

/// <summary>What becomes of runs when the database, the process or the machine does not keep up.</summary>
public sealed class HardTimesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("looper-jobs-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_run_whose_start_failed_is_started_again_after_a_lease()
    {
        var fault = new FailsToStart();
        await using var host = await JobsHost.StartAsync(_directory, services: s => s.AddSingleton<IInterceptor>(fault));
        var run = await host.EndAsync(await host.AskAsync(), seconds: 30);
        Assert.Equal((JobState.Done, 1, 1), (run.State, run.Starts, fault.Times));
    }

    [Fact]
    public async Task A_pool_that_gave_up_once_ends_neither_the_looking_for_runs_nor_a_run()
    {
        var pool = new GivesUp();
        await using var host = await JobsHost.StartAsync(_directory, new Gates { Held = ["Fit"] }, services: s => s.AddSingleton<IInterceptor>(pool));
        pool.Left = 1; // whoever opens next: it looks for runs five times a second
        await Until(() => Task.FromResult(pool.Left == 0));
        var id = await host.AskAsync();
        await host.Gates.Reached("Fit");
        pool.OfPulse = 1;
        await Until(() => Task.FromResult(pool.OfPulse == 0));
        host.Gates.OpenAll();
        Assert.Equal(JobState.Done, (await host.EndAsync(id)).State);
    }

    [Fact]
    public async Task What_recurs_finds_a_thread_while_runs_take_all_the_room_they_may()
    {
        await using var host = await JobsHost.StartAsync(_directory, new Gates { Held = ["Gather"] }, services: s => s.AddScoped<Ping>().AddSingleton(new ConcurrentQueue<string>()));
        Guid[] asked = [.. await Task.WhenAll(Enumerable.Range(0, 7).Select(i => host.AskAsync($"banner-{i}")))];
        await Until(() => Task.FromResult(host.Gates.Starts == 4));
        var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        await scheduler.ScheduleJob(JobBuilder.Create().OfType<Ping>().WithIdentity("ping").Build(), TriggerBuilder.Create().StartNow().Build());
        await Until(() => Task.FromResult(!host.Services.GetRequiredService<ConcurrentQueue<string>>().IsEmpty));
        Assert.Equal(4, host.Gates.Starts);
        host.Gates.OpenAll();
        foreach (var id in asked) Assert.Equal(JobState.Done, (await host.EndAsync(id)).State);
    }

    [Fact]
    public async Task A_run_that_ends_its_process_three_times_fails_and_says_why()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await host.AskAsync();
        for (var start = 0; start < 3; start++) await using (var run = await host.Runs.BeginAsync(id, start, default)) Assert.NotNull(run); // then silence
        Assert.Null(await host.Runs.BeginAsync(id, 3, default));
        var ended = await host.RunAsync(id);
        Assert.Equal((JobState.Failed, "Looper ended, or went silent, three times while it ran. Give it more memory or less data, then run it again."), (ended.State, ended.Result));
        Assert.Null(await host.Runs.BeginAsync(id, 3, default));
    }

    [Fact]
    public async Task Being_handed_back_at_a_stop_is_no_loss_however_often()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await host.AskAsync();
        for (var start = 0; start < 5; start++)
        {
            await using var run = await host.Runs.BeginAsync(id, start, default);
            await run!.EndAsync(JobState.Queued, "Handed back.", default);
        }
        await using var last = await host.Runs.BeginAsync(id, 5, default);
        Assert.NotNull(last);
    }

    [Fact]
    public async Task A_cancel_that_meets_a_stop_is_kept()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await host.AskAsync();
        await using var run = await host.Runs.BeginAsync(id, 0, default);
        Assert.Null(await host.CancelAsync(id));
        await run!.EndAsync(JobState.Queued, "Handed back.", default); // the stop came before the run heard of the cancel
        Assert.Equal((JobState.Cancelled, "Cancelled. Nothing published was changed."), ((await host.RunAsync(id)).State, (await host.RunAsync(id)).Result));
    }

    [Fact]
    public async Task A_result_or_a_line_longer_than_its_column_is_cut_and_loses_nothing_else()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await host.AskAsync();
        await using var run = await host.Runs.BeginAsync(id, 0, default);
        run!.Say(new string('s', 5_000));
        Assert.True(await run.PublishAsync((db, _) =>
        {
            db.Add(new Model { Id = Guid.CreateVersion7(), DecisionPointId = id, Number = 1 });
            return Task.CompletedTask;
        }, () => new string('r', 5_000), default));
        Assert.Equal((JobState.Done, 2_000), ((await host.RunAsync(id)).State, (await host.RunAsync(id)).Result!.Length));
        Assert.Equal([4_000, 2_000], (await host.LogOfAsync(id)).Select(l => l.Length));
    }

    [Fact] // what a job reads to decide, say which model is live, is under the lock that it takes
    public async Task A_job_decides_in_the_transaction_that_keeps_what_it_decided()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await host.AskAsync();
        await using var run = await host.Runs.BeginAsync(id, 0, default);
        var isInside = false;
        Assert.True(await run!.PublishAsync((db, _) =>
        {
            isInside = db.Database.CurrentTransaction is not null;
            return Task.CompletedTask;
        }, () => "Done.", default));
        Assert.True(isInside);
        Assert.Equal(JobState.Done, (await host.RunAsync(id)).State);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await holds()) return;
            await Task.Delay(20);
        }
        Assert.Fail("It never came true.");
    }

    /// <summary>The first time a run would begin, the database is away.</summary>
    private sealed class FailsToStart : SaveChangesInterceptor
    {
        public int Times { get; private set; }

        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (Times > 0 || !eventData.Context!.ChangeTracker.Entries<JobRun>().Any(e => e.Entity.State == JobState.Running && e.State == EntityState.Modified)) return new(result);
            Times++;
            throw new TimeoutException("planted");
        }
    }

    /// <summary>As a full pool does: an exception that no database knows.</summary>
    private sealed class GivesUp : DbConnectionInterceptor
    {
        public volatile int Left, OfPulse;

        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            if (Interlocked.CompareExchange(ref Left, 0, 1) == 1 || (OfPulse == 1 && Environment.StackTrace.Contains("BeatAsync", StringComparison.Ordinal) && Interlocked.CompareExchange(ref OfPulse, 0, 1) == 1))
                throw new InvalidOperationException("The timeout period elapsed prior to obtaining a connection from the pool.");
            return new(result);
        }
    }

    private sealed class Ping(ConcurrentQueue<string> heard) : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            heard.Enqueue("ping");
            return ValueTask.CompletedTask;
        }
    }
}
