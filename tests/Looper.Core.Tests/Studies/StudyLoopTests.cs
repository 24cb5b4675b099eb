using System.Net;
using Looper.Core.Access;
using Looper.Core.Numerics;
using Looper.Core.Studies;
using Looper.Testing;
using static Looper.Core.Tests.Studies.StudyRuns;

namespace Looper.Core.Tests.Studies;

public class StudyLoopTests
{
    [Fact]
    public async Task A_study_runs_by_itself_to_a_setting_near_the_best()
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StartedAsync(database);
        var simulator = new Simulator();
        await Loop(database, database.Databases, simulator).AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(database, id);
        Assert.Equal((StudyState.Finished, "All 14 trials are done."), (study.State, study.Reason));
        Assert.Equal(Enumerable.Range(1, 14), simulator.Asked);
        Assert.Equal(7, trials.Select(t => t.Batch).Distinct().Count());
        var progress = (await new StudyQueries(database.Databases).FindAsync(Caller.System, id, default)).Value!;
        Assert.True(progress.Best!.IsSafe);
        Assert.Equal(0.3, progress.Best.Parameters["x"].Number, 0.05);
        Assert.Equal(0.7, progress.Best.Parameters["y"].Number, 0.05);
        Assert.True(progress.CrossValidation["value"].RSquared > 0.9);
    }

    [Fact]
    public async Task A_study_that_cannot_be_read_keeps_no_other_from_going_on()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            db.Add(new Study { Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Name = "Broken", Plan = "{", State = StudyState.Running }); // it has the first turn
            await db.SaveChangesAsync();
        }

        var id = await StartedAsync(database, Plan(4));
        await Loop(database, database.Databases, new Simulator()).AdvanceAllAsync(default);
        Assert.Equal(StudyState.Finished, (await StoredAsync(database, id)).Study.State);
    }

    [Theory]
    [InlineData("""{"metrics":null}""", "application/json")]
    [InlineData("{}", "application/json; charset=nonsense")]
    public async Task A_simulator_that_answers_nonsense_has_failed_and_the_study_says_so(string text, string type)
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StartedAsync(database);
        var simulator = new Simulator(_ =>
        {
            var answer = Simulator.Json(text);
            answer.Content.Headers.Remove("Content-Type");
            answer.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            return answer;
        });
        await Loop(database, database.Databases, simulator).AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(database, id);
        Assert.Equal(StudyState.Paused, study.State);
        Assert.StartsWith("The last 5 trials failed, the newest so: The simulator's ", study.Reason, StringComparison.Ordinal);
        Assert.InRange(trials.Count(t => t.State == StudyTrialState.Failed), 5, 6); // the other of its batch is still asked for
    }

    [Fact]
    public async Task A_study_that_has_little_to_gain_ends_before_its_last_trial()
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StartedAsync(database, Plan(60) with { StopBelowGain = 0.01 });
        await Loop(database, database.Databases, new Simulator()).AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(database, id);
        Assert.Equal((StudyState.Finished, $"The next trial is expected to beat the best by less than 0.01: {trials.Count} of 60 trials were needed."), (study.State, study.Reason));
        Assert.InRange(trials.Count, 6, 40); // not before the start by design is over
        var progress = (await new StudyQueries(database.Databases).FindAsync(Caller.System, id, default)).Value!;
        Assert.True(progress.Best!.IsSafe);
        Assert.Equal(0.3, progress.Best.Parameters["x"].Number, 0.1);
        Assert.Equal(0.7, progress.Best.Parameters["y"].Number, 0.1);
    }

    [Fact] // bar: a fall at 20 points of a study, before a save and just after it
    public async Task A_fall_at_any_point_repeats_no_trial_and_loses_none()
    {
        string[]? undisturbed = null;
        var random = new Philox(Sizes.Seed, "falls");
        for (var run = 0; run <= 20; run++)
        {
            await using var database = await TestDatabase.CreateAsync();
            var id = await StartedAsync(database);
            var at = run == 0 ? 0 : 1 + random.Below(21); // an undisturbed study saves 22 times
            var falling = new FallingDatabases(database.Databases, at, after: run % 2 == 0);
            var fell = false;
            try
            {
                var loop = Loop(database, falling, new Simulator());
                while (await loop.StepAsync(id, default)) { }
            }
            catch (FallingDatabases.FallException)
            {
                fell = true;
            }
            Assert.Equal(run > 0, fell);
            var next = Loop(database, database.Databases, new Simulator()); // another process
            while (await next.StepAsync(id, default)) { }
            var (study, trials) = await StoredAsync(database, id);
            Assert.Equal(StudyState.Finished, study.State);
            undisturbed ??= Text(trials);
            Assert.Equal(undisturbed, Text(trials));
        }
    }

    [Fact]
    public async Task What_cannot_be_reached_is_awaited_and_said_and_fails_after_its_days()
    {
        var clock = new TestClock();
        await using var database = await TestDatabase.CreateAsync(clock);
        var id = await StartedAsync(database);
        var loop = Loop(database, database.Databases, new Simulator(_ => new(HttpStatusCode.InternalServerError)));
        await loop.AdvanceAllAsync(default);
        await loop.AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(database, id);
        Assert.Equal(StudyState.Running, study.State);
        Assert.Equal("Trial 1: the simulator at simulator.test answered 500. It is tried again every few seconds.", study.Reason);
        Assert.All(trials, t => Assert.Equal(StudyTrialState.Running, t.State));
        clock.Turn(TimeSpan.FromDays(15));
        await loop.AdvanceAllAsync(default);
        Assert.All((await StoredAsync(database, id)).Trials.Take(2), t => Assert.Equal(StudyTrialState.Failed, t.State));
    }

    [Theory]
    [InlineData("""{"metrics":{"value":{"mean":1}}}""", "The simulator's answer has no mean of 'cost'")]
    [InlineData("""{"metrics":{"value":{"mean":null},"cost":{"mean":1}}}""", "The simulator's answer has no mean of 'value'")]
    [InlineData("""{"failed":true,"note":"out of stock"}""", "out of stock")]
    public async Task Trials_that_all_fail_pause_the_study_with_the_reason(string answer, string reason)
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StartedAsync(database);
        await Loop(database, database.Databases, new Simulator(_ => Simulator.Json(answer))).AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(database, id);
        Assert.Equal(StudyState.Paused, study.State);
        Assert.Equal($"The last 5 trials failed, the newest so: {reason}. Mend what measures them, then resume.", study.Reason);
        Assert.Equal(6, trials.Count); // the batch that was under way is still read

        var actions = Actions(database);
        Assert.Null(await actions.ResumeAsync(Caller.System, id, default));
        await Loop(database, database.Databases, new Simulator()).AdvanceAllAsync(default);
        Assert.Equal(StudyState.Finished, (await StoredAsync(database, id)).Study.State);
    }

    [Fact]
    public async Task A_constant_metric_ends_with_the_budget_and_no_false_hope()
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StartedAsync(database);
        await Loop(database, database.Databases, new Simulator(_ => Simulator.Json("""{"metrics":{"value":{"mean":1,"standardError":0.1},"cost":{"mean":1,"standardError":0.1}}}"""))).AdvanceAllAsync(default);
        var progress = (await new StudyQueries(database.Databases).FindAsync(Caller.System, id, default)).Value!;
        Assert.Equal(StudyState.Finished, progress.Study.State);
        Assert.True(double.IsNaN(progress.CrossValidation["value"].RSquared));
        Assert.Equal(1, progress.Best!.Predicted["value"].Mean, 1e-6);
    }

    [Fact]
    public async Task Guardrails_that_nothing_keeps_end_the_study_with_a_sentence()
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StartedAsync(database, Plan(60) with { Guardrails = [new("cost") { AtMost = -1 }] });
        await Loop(database, database.Databases, new Simulator()).AdvanceAllAsync(default);
        var study = (await StoredAsync(database, id)).Study;
        Assert.Equal((StudyState.Finished, "None of 16 trials keeps the guardrails. Loosen them, or widen the ranges."), (study.State, study.Reason));
    }

    [Fact]
    public async Task Stopping_ends_what_is_open_and_a_paused_study_begins_nothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StartedAsync(database);
        var loop = Loop(database, database.Databases, new Simulator());
        Assert.True(await loop.StepAsync(id, default)); // proposes two
        var actions = Actions(database);
        foreach (var told in new[] { await actions.PauseAsync(Caller.System, id, new string('x', 501), default), await actions.StopAsync(Caller.System, id, new string('x', 501), default), await actions.VetoAsync(Caller.System, id, 1, new string('x', 501), default) })
            Assert.Equal(("study.invalid", "reason"), (told?.Code, told?.Field)); // not cut off unseen
        Assert.Null(await actions.PauseAsync(Caller.System, id, "Sale tomorrow.", default));
        await loop.AdvanceAllAsync(default);
        Assert.Equal(2, (await StoredAsync(database, id)).Trials.Count(t => t.State == StudyTrialState.Measured));
        Assert.Null(await actions.ResumeAsync(Caller.System, id, default));
        Assert.True(await loop.StepAsync(id, default));
        Assert.Null(await actions.StopAsync(Caller.System, id, null, default));
        await loop.AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(database, id);
        Assert.Equal(StudyState.Stopped, study.State);
        Assert.Equal(2, trials.Count(t => t.State == StudyTrialState.Failed));
        Assert.Equal("study.not-running", (await actions.StopAsync(Caller.System, id, null, default))!.Code);
    }
}
