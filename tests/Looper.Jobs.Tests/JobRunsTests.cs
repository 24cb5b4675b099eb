using Looper.Core.Runs;

namespace Looper.Jobs.Tests;

public sealed class JobRunsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("looper-jobs-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_run_is_started_at_once_and_says_what_came_out()
    {
        await using var host = await JobsHost.StartAsync(_directory);
        var id = await host.AskAsync();
        var run = await host.EndAsync(id);
        Assert.Equal((JobState.Done, 100, "One version came out."), (run.State, run.Percent, run.Result));
        Assert.Equal(["Gather", "Fit", "Register", "One version came out."], await host.LogOfAsync(id));
        Assert.Equal(1, await host.PublishedAsync());
    }

    [Fact]
    public async Task A_run_that_cannot_do_its_work_says_why_and_what_to_do()
    {
        await using var host = await JobsHost.StartAsync(_directory);
        var run = await host.EndAsync(await host.AskAsync("hopeless"));
        Assert.Equal((JobState.Failed, "There is nothing to work on: add something, then run it again."), (run.State, run.Result));
    }

    [Fact]
    public async Task A_fault_fails_the_run_without_showing_its_inside()
    {
        await using var host = await JobsHost.StartAsync(_directory);
        var id = await host.AskAsync("broken");
        var run = await host.EndAsync(id);
        Assert.Equal(JobState.Failed, run.State);
        Assert.DoesNotContain("planted", run.Result, StringComparison.Ordinal);
        Assert.Contains(id.ToString(), run.Result, StringComparison.Ordinal);
        Assert.True(host.Log.Contains("job.failed"));
    }

    [Fact]
    public async Task Progress_shows_while_the_run_is_held_in_a_phase()
    {
        await using var host = await JobsHost.StartAsync(_directory, new Gates { Held = ["Fit"] });
        var id = await host.AskAsync();
        await host.Gates.Reached("Fit");
        await Until(async () => (await host.RunAsync(id)) is { Phase: "Fit", Percent: 40 });
        host.Gates.OpenAll();
        Assert.Equal(JobState.Done, (await host.EndAsync(id)).State);
    }

    [Fact]
    public async Task The_same_work_is_not_asked_for_twice_at_a_time()
    {
        await using var host = await JobsHost.StartAsync(_directory, new Gates { Held = ["Gather"] });
        await host.AskAsync();
        var requests = (JobRequests)host.Services.GetService(typeof(JobRequests))!;
        var id = await host.AskAsync("another");
        var again = await requests.EnqueueAsync(
            Core.Access.Caller.System, JobsHost.Kind, (await host.RunAsync(id)).DecisionPointId, "another", "{}", default);
        Assert.Equal("job.already-open", again.Refusal?.Code);
    }

    [Fact] // a person and the minute's look, or one person twice
    public async Task Of_many_who_ask_for_the_same_work_at_once_one_is_heard()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var requests = (JobRequests)host.Services.GetService(typeof(JobRequests))!;
        var point = Guid.CreateVersion7(DateTimeOffset.UnixEpoch);
        for (var round = 0; round < 5; round++)
        {
            using var start = new Barrier(8);
            var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                return requests.EnqueueAsync(Core.Access.Caller.System, $"{JobsHost.Kind}-{round}", point, "banner", "{}", default);
            }, default, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
            Assert.Single(asked, a => a.Refusal is null);
            Assert.Equal(7, asked.Count(a => a.Refusal?.Code == "job.already-open"));
        }
    }

    [Fact]
    public async Task R11_a_running_job_is_cancelled_within_five_seconds_and_publishes_nothing()
    {
        await using var host = await JobsHost.StartAsync(_directory, new Gates { Held = ["Fit"] });
        var id = await host.AskAsync();
        await host.Gates.Reached("Fit");
        Assert.Null(await host.CancelAsync(id));
        var run = await host.EndAsync(id, seconds: 5);
        Assert.Equal(JobState.Cancelled, run.State);
        Assert.Equal(0, await host.PublishedAsync());
        Assert.Equal("job.ended", (await host.CancelAsync(id))?.Code);
    }

    [Fact]
    public async Task R11_a_queued_job_is_cancelled_at_once_and_never_starts()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await host.AskAsync();
        Assert.Null(await host.CancelAsync(id));
        Assert.Equal(JobState.Cancelled, (await host.RunAsync(id)).State);
        Assert.Null(await host.Runs.BeginAsync(id, 0, default));
    }

    [Theory, InlineData("Gather"), InlineData("Fit"), InlineData("Register")]
    public async Task R11_a_shutdown_in_any_phase_hands_the_run_back_and_the_next_start_publishes_once(string phase)
    {
        Guid id;
        await using (var host = await JobsHost.StartAsync(_directory, new Gates { Held = [phase] }))
        {
            id = await host.AskAsync();
            await host.Gates.Reached(phase);
            await ((Microsoft.Extensions.Hosting.IHost)host.Services.GetService(typeof(Microsoft.Extensions.Hosting.IHost))!).StopAsync();
            Assert.Equal(JobState.Queued, (await host.RunAsync(id)).State);
        }
        await using var after = await JobsHost.StartAsync(_directory);
        var run = await after.EndAsync(id);
        Assert.Equal((JobState.Done, 2), (run.State, run.Starts));
        Assert.Equal(1, await after.PublishedAsync());
        Assert.Equal(1, after.Gates.Starts);
    }

    [Fact]
    public async Task R11_a_start_that_was_stopped_past_its_lease_publishes_nothing_and_says_it_was_fenced()
    {
        await using var host = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await host.AskAsync();
        await using var old = await host.Runs.BeginAsync(id, 0, default);
        await using var newer = await host.Runs.BeginAsync(id, 1, default);
        Assert.NotNull(newer);

        var added = false;
        var published = await old!.PublishAsync((db, _) =>
        {
            db.Add(new Core.Models.Model { Id = Guid.CreateVersion7(), DecisionPointId = id, Number = 1 });
            added = true;
            return Task.CompletedTask;
        }, () => "Too late.", default);
        Assert.True(added);
        Assert.False(published);
        Assert.True(old.IsFenced);
        Assert.Equal(0, await host.PublishedAsync());
        Assert.True(host.Log.Contains("job.fenced"));
        Assert.Equal(JobState.Running, (await host.RunAsync(id)).State);

        Assert.True(await newer.PublishAsync((db, _) =>
        {
            db.Add(new Core.Models.Model { Id = Guid.CreateVersion7(), DecisionPointId = id, Number = 1 });
            return Task.CompletedTask;
        }, () => "In time.", default));
        Assert.Equal((JobState.Done, "In time."), ((await host.RunAsync(id)).State, (await host.RunAsync(id)).Result));
        Assert.Equal(1, await host.PublishedAsync());
        Assert.Null(await host.Runs.BeginAsync(id, 2, default));
    }

    [Fact]
    public async Task R11_a_recovered_fire_leaves_a_start_of_its_own_process_alone_and_takes_over_that_of_the_one_before()
    {
        await using var killed = await JobsHost.StartAsync(_directory, withScheduler: false);
        var id = await killed.AskAsync();
        await using (await killed.Runs.BeginAsync(id, 0, default))
            Assert.Null(await killed.Runs.BeginAsync(id, 1, default, isRecovery: true)); // killed while it waited, it was handed over twice

        await using var next = await JobsHost.StartAsync(_directory, withScheduler: false);
        await using var recovered = await next.Runs.BeginAsync(id, 1, default, isRecovery: true);
        Assert.NotNull(recovered);
    }

    [Fact]
    public async Task R11_a_silent_start_is_taken_over_after_its_lease_and_the_old_holder_changes_nothing()
    {
        Guid id;
        await using var dead = await JobsHost.StartAsync(_directory, withScheduler: false);
        id = await dead.AskAsync();
        await using (var held = await dead.Runs.BeginAsync(id, 0, default)) held!.Report("Fit", 40); // then silence, as after a kill: no end, no heartbeat
        Assert.Equal(JobState.Running, (await dead.RunAsync(id)).State);

        await using var host = await JobsHost.StartAsync(_directory);
        var run = await host.EndAsync(id, seconds: 30);
        Assert.Equal((JobState.Done, 2), (run.State, run.Starts));
        Assert.Equal(1, await host.PublishedAsync());
        Assert.Contains(await host.LogOfAsync(id), l => l.StartsWith("Resumed", StringComparison.Ordinal));
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
}
