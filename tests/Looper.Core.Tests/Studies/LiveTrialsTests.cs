using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Simulation;
using Looper.Core.Studies;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using static Looper.Core.Tests.Studies.StudyRuns;

namespace Looper.Core.Tests.Studies;

public class LiveTrialsTests
{
    [Fact]
    public async Task An_experiment_that_somebody_else_starts_meanwhile_does_not_pause_its_study()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (clock, ids, changes) = (database.Get<TimeProvider>(), database.Get<Ids>(), database.Get<ChangeFeed>());
        var id = await StartedLiveAsync(database);
        var others = new OthersStart(database.Databases, new(database.Databases, clock, ids, changes));
        var live = new LiveTrials(database.Databases, new(others, clock, ids, changes), null!, clock, changes);
        var loop = new StudyLoop(database.Databases, null!, live, null!, clock, ids, changes, NullLogger<StudyLoop>.Instance);
        while (others.Started == 0) Assert.True(await loop.StepAsync(id, default));
        var (study, trials) = await StoredAsync(database, id);
        Assert.Equal((StudyState.Running, null), (study.State, study.Reason));
        Assert.All(trials, t => Assert.Equal(StudyTrialState.Running, t.State));
    }

    [Theory, InlineData(false), InlineData(true)] // before its experiment is written, and while that waits for another to end
    public async Task No_arm_of_a_paused_study_begins(bool isWritten)
    {
        await using var database = await TestDatabase.CreateAsync();
        var (clock, ids, changes) = (database.Get<TimeProvider>(), database.Get<Ids>(), database.Get<ChangeFeed>());
        var id = await StartedLiveAsync(database);
        var live = new LiveTrials(database.Databases, new(database.Databases, clock, ids, changes), null!, clock, changes);
        var loop = new StudyLoop(database.Databases, null!, live, null!, clock, ids, changes, NullLogger<StudyLoop>.Instance);
        Assert.True(await loop.StepAsync(id, default));
        if (isWritten) Assert.True(await loop.StepAsync(id, default));
        Assert.Null(await Actions(database).PauseAsync(Caller.System, id, null, default));
        Assert.False(await loop.StepAsync(id, default));
        await using (var db = await database.Databases.CreateDbContextAsync())
            Assert.Equal(isWritten ? [ExperimentState.Draft] : [], await db.Set<Experiment>().Select(e => e.State).ToListAsync());
        Assert.Null(await Actions(database).ResumeAsync(Caller.System, id, default));
        while (!await StartedExperimentAsync(database)) Assert.True(await loop.StepAsync(id, default));
    }

    [Fact]
    public async Task A_study_whose_decision_point_cannot_be_read_says_so_and_goes_on_when_it_can()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (clock, ids, changes) = (database.Get<TimeProvider>(), database.Get<Ids>(), database.Get<ChangeFeed>());
        var id = await StartedLiveAsync(database);
        var live = new LiveTrials(database.Databases, new(database.Databases, clock, ids, changes), null!, clock, changes);
        var loop = new StudyLoop(database.Databases, null!, live, null!, clock, ids, changes, NullLogger<StudyLoop>.Instance);
        var stored = await StoreAsync(database, "{");
        await loop.AdvanceAllAsync(default);
        var (waiting, _) = await StoredAsync(database, id);
        Assert.Equal(StudyState.Running, waiting.State);
        Assert.StartsWith("Version 1 of `", waiting.Reason, StringComparison.Ordinal);
        await StoreAsync(database, stored);
        while ((await StoredAsync(database, id)).Trials.Count == 0 || !await StartedExperimentAsync(database)) Assert.True(await loop.StepAsync(id, default));
    }

    private static async Task<bool> StartedExperimentAsync(TestDatabase database)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        return await db.Set<Experiment>().AnyAsync(e => e.State == ExperimentState.Running);
    }

    private static async Task<string> StoreAsync(TestDatabase database, string content)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        var blueprint = await db.Set<Blueprint>().SingleAsync();
        var before = blueprint.Content;
        db.Entry(blueprint).Property(b => b.Content).CurrentValue = content;
        await db.SaveChangesAsync();
        return before;
    }

    private static async Task<Guid> StartedLiveAsync(TestDatabase database)
    {
        var (clock, ids, changes) = (database.Get<TimeProvider>(), database.Get<Ids>(), database.Get<ChangeFeed>());
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            var point = new DecisionPoint { Id = ids.Next(), Key = NotificationDemo.DecisionPointKey, Name = "Notifications", CurrentVersion = 1 };
            db.Add(point);
            db.Add(new Blueprint { Id = ids.Next(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(NotificationDemo.Content()), Hash = "h" });
            await db.SaveChangesAsync();
        }
        var actions = Actions(database);
        var id = (await actions.CreateAsync(Caller.System, new("Notifications", NotificationDemo.DecisionPointKey, NotificationDemo.Plan(100) with { VetoHours = 0 }), default)).Value;
        Assert.Null(await actions.StartAsync(Caller.System, id, default));
        return id;
    }

    // starts the draft of an experiment between the loop's look at it and the loop's own start
    private sealed class OthersStart(IDbContextFactory<LooperDb> inner, ExperimentActions others) : IDbContextFactory<LooperDb>
    {
        public int Started { get; private set; }

        public LooperDb CreateDbContext() => inner.CreateDbContext();

        public async Task<LooperDb> CreateDbContextAsync(CancellationToken cancellationToken)
        {
            await using (var db = await inner.CreateDbContextAsync(cancellationToken))
            {
                if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.State == ExperimentState.Draft, cancellationToken) is { } draft)
                {
                    Assert.Null(await others.StartAsync(Caller.System, draft.Id, null, cancellationToken));
                    Started++;
                }
            }
            return await inner.CreateDbContextAsync(cancellationToken);
        }
    }
}
