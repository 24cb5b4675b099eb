using System.Text.Json;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Models;

/// <summary>What is due for a training, by what is new since the last one.</summary>
public sealed class TrainingChecksTests
{
    private static readonly Outcome s_purchase = new("purchase", OutcomeKind.Boolean) { Absent = null, Window = TimeSpan.FromMinutes(5) };

    private static readonly BlueprintContent s_banner = LiveModels.Banner with { Outcomes = [s_purchase], Training = new() { FirstModelAt = 50 } };

    private readonly TestClock _clock = new();

    // The schedule looks each minute too: where its turn came first, the test's own look found nothing left to ask for.
    private LooperApp Open() => new(services: services => services.AddSingleton<TimeProvider>(_clock), recurs: false);

    [Fact]
    public async Task A_training_that_failed_is_not_asked_for_again_each_minute()
    {
        await using var looper = Open();
        var point = await looper.PublishAsync("banner", s_banner);
        await looper.AddModelAsync(point, 1, ModelState.Live);
        var app = await looper.WithKeyAsync();
        await app.DecideAsync(0, 60, _ => "NL");
        _clock.Turn(TimeSpan.FromDays(2));
        await EndedAsync(looper, point, JobState.Failed, 60);
        await app.DecideAsync(60, 40, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(0, await looper.Get<TrainingTriggers>().CheckAsync(default));
        _clock.Turn(TimeSpan.FromDays(1));
        Assert.Equal(1, await looper.Get<TrainingTriggers>().CheckAsync(default));
    }

    [Fact] // ten places a decision, or a time when there was more
    public async Task A_model_of_more_rows_than_there_are_decisions_is_renewed_when_some_are_new()
    {
        await using var looper = Open();
        var point = await looper.PublishAsync("banner", s_banner);
        var app = await looper.WithKeyAsync();
        await app.DecideAsync(0, 60, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        await looper.AddModelAsync(point, 1, ModelState.Live);
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Entry(await db.Set<Model>().SingleAsync()).Property(m => m.Rows).CurrentValue = 600;
            await db.SaveChangesAsync();
        }
        _clock.Turn(TimeSpan.FromDays(2));
        Assert.Equal(0, await looper.Get<TrainingTriggers>().CheckAsync(default)); // nothing is new
        await app.DecideAsync(60, 20, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await looper.Get<TrainingTriggers>().CheckAsync(default));
    }

    [Fact]
    public async Task A_goal_with_another_outcome_gets_its_first_training_although_the_old_one_has_a_live_model()
    {
        await using var looper = Open();
        var both = s_banner with { Outcomes = [s_purchase, s_purchase with { Name = "click" }] };
        var point = await looper.PublishAsync("banner", both);
        var app = await looper.WithKeyAsync();
        await app.DecideAsync(0, 60, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        await looper.AddModelAsync(point, 1, ModelState.Live);
        await EndedAsync(looper, point, JobState.Done, 60);
        Assert.Equal(0, await looper.Get<TrainingTriggers>().CheckAsync(default));
        _clock.Turn(TimeSpan.FromMinutes(1));
        await looper.PublishAsync("banner", both with { Goal = new() { Terms = [new("click")] } });
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Entry(await db.Set<Blueprint>().SingleAsync(b => b.Version == 2)).Property(b => b.PublishedAt).CurrentValue = _clock.GetUtcNow();
        await db.SaveChangesAsync();
        Assert.Equal(1, await looper.Get<TrainingTriggers>().CheckAsync(default));
        var run = await db.Set<JobRun>().AsNoTracking().OrderByDescending(r => r.RequestedAt).FirstAsync();
        Assert.Contains("enough outcomes", run.Input, StringComparison.Ordinal);
    }

    [Fact] // the outcome was never waited for before: one try, then as if there were no decisions yet
    public async Task What_cannot_count_for_a_new_outcome_is_not_waited_to_grow()
    {
        await using var looper = Open();
        var point = await looper.PublishAsync("banner", s_banner);
        var app = await looper.WithKeyAsync();
        await app.DecideAsync(0, 400, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        await looper.PublishAsync("banner", s_banner with { Outcomes = [s_purchase with { Window = TimeSpan.FromMinutes(6) }] });
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Entry(await db.Set<Blueprint>().SingleAsync(b => b.Version == 2)).Property(b => b.PublishedAt).CurrentValue = _clock.GetUtcNow();
            await db.SaveChangesAsync();
        }
        await EndedAsync(looper, point, JobState.Failed, 400);
        _clock.Turn(TimeSpan.FromSeconds(1));
        await app.DecideAsync(400, 40, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(0, await looper.Get<TrainingTriggers>().CheckAsync(default));
        await app.DecideAsync(440, 20, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await looper.Get<TrainingTriggers>().CheckAsync(default));
    }

    [Fact] // half of a file is no sample of it: its newest rows may be the ones that have not come yet
    public async Task Nothing_is_trained_while_a_file_comes_in()
    {
        await using var looper = Open();
        var point = await looper.PublishAsync("banner", s_banner);
        await (await looper.WithKeyAsync()).DecideAsync(0, 60, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        var import = new JobRun { Id = looper.Get<Ids>().Next(), Kind = JobKinds.Import, DecisionPointId = point, Subject = "banner", State = JobState.Running, RequestedBy = "ann", RequestedAt = _clock.GetUtcNow() };
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Add(import);
        await db.SaveChangesAsync();
        Assert.Equal(0, await looper.Get<TrainingTriggers>().CheckAsync(default));
        var trained = await looper.Get<TrainingPipeline>().TrainAsync(point, new("asked by hand"), _clock.GetUtcNow(), import.Id, (_, _) => { }, _ => { }, default);
        Assert.Equal("model.import-open", trained.Refusal?.Code);
        import.End(JobState.Done, "Imported.", _clock.GetUtcNow());
        await db.SaveChangesAsync();
        Assert.Equal(1, await looper.Get<TrainingTriggers>().CheckAsync(default));
    }

    [Fact] // it has the count of the first, and learned from all that was there
    public async Task A_training_that_a_person_runs_again_is_not_followed_by_another()
    {
        await using var looper = Open();
        var point = await looper.PublishAsync("banner", s_banner);
        await (await looper.WithKeyAsync()).DecideAsync(0, 400, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        await EndedAsync(looper, point, JobState.Done, 60, by: "ann");
        Assert.Equal(0, await looper.Get<TrainingTriggers>().CheckAsync(default));
    }

    [Fact] // however old they are
    public async Task What_is_imported_after_a_training_that_a_person_asked_for_is_new()
    {
        await using var looper = Open();
        var point = await looper.PublishAsync("banner", s_banner);
        await (await looper.WithKeyAsync()).DecideAsync(0, 20, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        Assert.Null((await looper.Get<ModelActions>().TrainAsync(new("ann", Role.Engineer), "banner", false, default)).Refusal);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        (await db.Set<JobRun>().SingleAsync()).End(JobState.Failed, "Too few.", _clock.GetUtcNow());
        await db.SaveChangesAsync();
        Assert.Equal(0, await looper.Get<TrainingTriggers>().CheckAsync(default));
        for (var i = 0; i < 60; i++)
        {
            await looper.Get<Journal>().AppendAsync(new DecisionRecord
            {
                Id = $"old-{i}", DecisionPointId = point, Unit = $"old-{i}", Time = _clock.GetUtcNow().AddDays(-3), BlueprintVersion = 1, Option = 0, Propensity = 1, Reason = Reason.Policy, Served = Array.Empty<byte>(),
                Marks = RecordMarks.Imported,
            }, false, default);
        }
        Assert.Equal(1, await looper.Get<TrainingTriggers>().CheckAsync(default));
    }

    [Fact]
    public async Task A_decision_point_that_cannot_be_read_keeps_no_other_from_training()
    {
        await using var looper = Open();
        await looper.ForceAsync("broken", "{");
        await looper.PublishAsync("banner", s_banner);
        await (await looper.WithKeyAsync()).DecideAsync(0, 60, _ => "NL");
        _clock.Turn(TimeSpan.FromMinutes(10));
        var fault = await Assert.ThrowsAsync<AggregateException>(() => looper.Get<TrainingTriggers>().CheckAsync(default));
        Assert.Contains("broken", Assert.Single(fault.InnerExceptions).Message, StringComparison.Ordinal);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Equal("banner", (await db.Set<JobRun>().SingleAsync()).Subject);
    }

    private async Task EndedAsync(LooperApp looper, Guid point, JobState state, long examples, string by = "Looper")
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Add(new JobRun
        {
            Id = looper.Get<Ids>().Next(), Kind = JobKinds.TrainModel, DecisionPointId = point, Subject = "banner", Input = new TrainingInput("schedule", Examples: examples).Write(),
            State = state, RequestedBy = by, RequestedAt = _clock.GetUtcNow(), StartedAt = _clock.GetUtcNow(), EndedAt = _clock.GetUtcNow(),
        });
        await db.SaveChangesAsync();
    }
}
