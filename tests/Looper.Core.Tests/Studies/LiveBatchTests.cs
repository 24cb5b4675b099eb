using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Studies;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using static Looper.Core.Tests.Studies.StudyRuns;

namespace Looper.Core.Tests.Studies;

/// <summary>A study on the exploration of a decision point that nobody asks, so that a batch is over by its days.</summary>
public sealed class LiveBatchTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private TestDatabase _database = null!;
    private OpenJournal _journal = null!;
    private Guid _study;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(_clock);
        _journal = new(Directory.CreateDirectory(Path.Combine(_database.Directory, "journal")).FullName, _clock);
        await using (var db = await _database.Databases.CreateDbContextAsync())
        {
            db.Add(new DecisionPoint { Id = Guid.CreateVersion7(_clock.GetUtcNow()), Key = "banner", Name = "Banner" });
            await db.SaveChangesAsync();
        }

        await PublishAsync(0.1);
        var plan = StudyActions.DefaultPlan(Content(0.1)) with { Batch = 2, UnitsPerArm = 100, BatchDays = 10 };
        _study = (await Actions.CreateAsync(Caller.System, new("Exploration", "banner", plan), default)).Value;
        Assert.Null(await Actions.StartAsync(Caller.System, _study, default));
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_that_is_read_fifty_times_leaves_one_report()
    {
        await BeginAsync();
        for (var i = 0; i < 50; i++)
        {
            _clock.Turn(TimeSpan.FromMinutes(10));
            await Loop().StepAsync(_study, default);
            Assert.Equal(_clock.GetUtcNow(), (await StoredAsync(_database, _study)).Study.ReadAt);
        }

        _clock.Turn(TimeSpan.FromDays(10));
        await Loop().StepAsync(_study, default);
        Assert.All((await StoredAsync(_database, _study)).Trials, t => Assert.Equal(StudyTrialState.Failed, t.State));
        await using var db = await _database.Databases.CreateDbContextAsync();
        Assert.Equal(1, await db.Set<Report>().CountAsync());
        Assert.Equal(1, await db.Set<AuditEntry>().CountAsync(e => e.Action == "report.computed"));
    }

    [Theory, InlineData(1, false), InlineData(1, true), InlineData(2, false), InlineData(2, true), InlineData(3, false), InlineData(3, true)] // a paused study is looked at for its open trials alone: once they are told, nothing may run
    public async Task A_fall_while_a_paused_batch_is_told_leaves_no_arm_serving(int save, bool after)
    {
        await BeginAsync();
        Assert.Null(await Actions.PauseAsync(Caller.System, _study, null, default));
        _clock.Turn(TimeSpan.FromDays(11));
        var falling = new FallingDatabases(_database.Databases, save, after);
        var fallen = await Record.ExceptionAsync(() => Loop(falling).AdvanceAllAsync(default));
        Assert.True(fallen is FallingDatabases.FallException || falling.Saves < save);
        await Loop().AdvanceAllAsync(default);
        Assert.All((await StoredAsync(_database, _study)).Trials, t => Assert.Equal(StudyTrialState.Failed, t.State));
        Assert.Equal(ExperimentState.Stopped, (await ExperimentAsync(_database.Databases)).State);
    }

    [Fact]
    public async Task A_stopped_study_ends_its_arms_although_somebody_changes_them_in_that_moment()
    {
        await BeginAsync();
        var meddled = new Meddled(_database.Databases);
        Assert.Null(await ActionsOn(meddled).StopAsync(Caller.System, _study, null, default));
        Assert.True(meddled.HasMeddled);
        Assert.Equal(ExperimentState.Running, (await ExperimentAsync(_database.Databases)).State);
        await Loop(meddled = new(_database.Databases)).AdvanceAllAsync(default);
        Assert.True(meddled.HasMeddled);
        Assert.Equal(ExperimentState.Stopped, (await ExperimentAsync(_database.Databases)).State);
        Assert.All((await StoredAsync(_database, _study)).Trials, t => Assert.Equal(StudyTrialState.Failed, t.State));
    }

    [Fact] // the loop may be busy with another study for minutes
    public async Task Stopping_a_study_ends_its_arms_at_once()
    {
        await BeginAsync();
        Assert.Null(await Actions.StopAsync(Caller.System, _study, null, default));
        Assert.Equal(ExperimentState.Stopped, (await ExperimentAsync(_database.Databases)).State);
        await Loop().AdvanceAllAsync(default);
        Assert.All((await StoredAsync(_database, _study)).Trials, t => Assert.Equal(StudyTrialState.Failed, t.State));
    }

    [Theory, InlineData(false), InlineData(true)] // its days are over, or another process stopped it, while the simulator of another study measures a third trial
    public async Task Arms_are_looked_at_between_the_trials_of_another_study(bool isStopped)
    {
        await BeginAsync();
        await StartedAsync(_database, Plan(6));
        var states = new List<ExperimentState>();
        using var simulator = new Simulator(trial =>
        {
            using var db = _database.Databases.CreateDbContext();
            states.Add(db.Set<Experiment>().Where(e => e.Key.EndsWith("-1")).Select(e => e.State).Single());
            if (trial == 3 && !isStopped) _clock.Turn(TimeSpan.FromDays(11));
            if (trial == 3 && isStopped) db.Set<Study>().Where(s => s.Id == _study).ExecuteUpdate(set => set.SetProperty(s => s.State, StudyState.Stopped));
            return Simulator.Json("""{"metrics":{"value":{"mean":1,"standardError":0.1},"cost":{"mean":1,"standardError":0.1}}}""");
        });
        await Loop(simulator: simulator).AdvanceAllAsync(default);
        Assert.Equal([ExperimentState.Running, ExperimentState.Running, ExperimentState.Running, ExperimentState.Stopped, ExperimentState.Stopped, ExperimentState.Stopped], states);
    }

    [Theory, InlineData(true), InlineData(false)] // the cut that is tuned stays where it was
    public async Task Another_rule_or_goal_between_two_batches_pauses_the_study(bool isRule)
    {
        Assert.Null(await Actions.StopAsync(Caller.System, _study, null, default));
        var before = Rule("a", "b");
        await PublishAsync(before);
        var plan = StudyActions.DefaultPlan(before) with { Batch = 2, UnitsPerArm = 100, BatchDays = 10 };
        _study = (await Actions.CreateAsync(Caller.System, new("Cut", "banner", plan), default)).Value;
        Assert.Null(await Actions.StartAsync(Caller.System, _study, default));
        await BeginAsync();
        await PublishAsync(isRule ? Rule("b", "a") : before with { Goal = new() { Terms = [new("refund")] } });
        _clock.Turn(TimeSpan.FromDays(11));
        await Loop().AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(_database, _study);
        Assert.Equal((StudyState.Paused, PolicyParameters.Moved), (study.State, study.Reason));
        await PublishAsync(before with { Features = [.. before.Features, new("added", FeatureKind.Boolean)] }); // changes nothing that was measured
        Assert.Null(await Actions.ResumeAsync(Caller.System, _study, default));
        await Loop().AdvanceAllAsync(default);
        Assert.Equal((StudyState.Running, null), ((await StoredAsync(_database, _study)).Study is var resumed ? (resumed.State, resumed.Reason) : default));
    }

    [Fact]
    public async Task Another_policy_between_two_batches_pauses_the_study_and_the_old_one_lets_it_go_on()
    {
        await BeginAsync();
        await PublishAsync(0.3);
        _clock.Turn(TimeSpan.FromDays(11));
        await Loop().AdvanceAllAsync(default);
        var (study, trials) = await StoredAsync(_database, _study);
        Assert.Equal((StudyState.Paused, PolicyParameters.Moved), (study.State, study.Reason));
        Assert.Equal(4, trials.Count);
        await using (var db = await _database.Databases.CreateDbContextAsync()) Assert.Equal(1, await db.Set<Experiment>().CountAsync());
        await PublishAsync(0.1);
        Assert.Null(await Actions.ResumeAsync(Caller.System, _study, default));
        await Loop().AdvanceAllAsync(default);
        Assert.Equal(StudyState.Running, (await StoredAsync(_database, _study)).Study.State);
        await using var after = await _database.Databases.CreateDbContextAsync();
        Assert.Equal(2, await after.Set<Experiment>().CountAsync());
    }

    [Fact] // another experiment shipped while the draft waited for it to end
    public async Task Another_policy_between_the_draft_and_the_start_of_the_first_batch_pauses_the_study()
    {
        await DraftedAsync();
        _clock.Turn(TimeSpan.FromMinutes(1));
        await PublishAsync(0.3);
        await Loop().AdvanceAllAsync(default);
        var (study, _) = await StoredAsync(_database, _study);
        Assert.Equal((StudyState.Paused, PolicyParameters.Moved), (study.State, study.Reason));
        Assert.Equal(ExperimentState.Draft, (await ExperimentAsync(_database.Databases)).State);
        _clock.Turn(TimeSpan.FromMinutes(1));
        await PublishAsync(0.1);
        Assert.Null(await Actions.ResumeAsync(Caller.System, _study, default));
        await BeginAsync();
    }

    [Fact]
    public async Task A_draft_with_an_arm_that_is_not_its_trial_is_made_anew()
    {
        var draft = await DraftedAsync();
        var plan = ExperimentJson.ReadPlan(draft.Plan);
        var other = plan with { Arms = [plan.Arms[0], plan.Arms[1] with { Policy = new EpsilonGreedyPolicy(0.987) }, .. plan.Arms.Skip(2)] };
        var experiments = new ExperimentActions(_database.Databases, _clock, _database.Get<Ids>(), _database.Get<ChangeFeed>());
        Assert.Null((await experiments.ChangeAsync(Caller.System, draft.Id, draft.Revision, new(draft.Key, draft.Name, null, other), default)).Refusal);
        await BeginAsync();
        var running = await ExperimentAsync(_database.Databases);
        Assert.NotEqual(draft.Id, running.Id);
        Assert.Equal(plan.Arms, ExperimentJson.ReadPlan(running.Plan).Arms);
    }

    private async Task<Experiment> DraftedAsync()
    {
        while (await DraftAsync() is null) Assert.True(await Loop().StepAsync(_study, default));
        return (await DraftAsync())!;

        async Task<Experiment?> DraftAsync()
        {
            await using var db = await _database.Databases.CreateDbContextAsync();
            return await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.State == ExperimentState.Draft);
        }
    }

    private StudyActions Actions => ActionsOn(_database.Databases);

    private StudyActions ActionsOn(IDbContextFactory<LooperDb> databases) => new(_database.Databases, Live(databases), _clock, _database.Get<Ids>(), _database.Get<ChangeFeed>());

    private static BlueprintContent Content(double epsilon) => new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Policy = new EpsilonGreedyPolicy(epsilon),
        Outcomes = [new("purchase", OutcomeKind.Boolean)], Goal = new() { Terms = [new("purchase")] },
    };

    private static BlueprintContent Rule(string low, string high) => Content(0.1) with
    {
        Features = [new("cart", FeatureKind.Number)], Outcomes = [new("purchase", OutcomeKind.Boolean), new("refund", OutcomeKind.Boolean)],
        Policy = new TreePolicy(new() { Feature = "cart", AtMost = 20, Then = new() { Option = low }, Else = new() { Option = high } }) { Explore = 0.1 },
    };

    private Task PublishAsync(double epsilon) => PublishAsync(Content(epsilon));

    private async Task PublishAsync(BlueprintContent content)
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        var point = await db.Set<DecisionPoint>().SingleAsync();
        point.CurrentVersion++;
        db.Add(new Blueprint { Id = Guid.CreateVersion7(_clock.GetUtcNow()), DecisionPointId = point.Id, Version = point.CurrentVersion, Content = BlueprintJson.Write(content), Hash = "h", PublishedAt = _clock.GetUtcNow() });
        await db.SaveChangesAsync();
    }

    private LiveTrials Live(IDbContextFactory<LooperDb> databases)
    {
        var (ids, changes) = (_database.Get<Ids>(), _database.Get<ChangeFeed>());
        return new(databases, new(databases, _clock, ids, changes), new(databases, _journal.Exposures, _journal.Work, _clock, ids, changes), _clock, changes);
    }

    private StudyLoop Loop(IDbContextFactory<LooperDb>? databases = null, HttpMessageHandler? simulator = null)
    {
        databases ??= _database.Databases;
        var changes = _database.Get<ChangeFeed>();
        var measured = simulator is null ? null : new SimulatorTrials(databases, new SimulatorHttp(simulator), _clock, changes);
        return new(databases, measured!, Live(databases), null!, _clock, _database.Get<Ids>(), changes, NullLogger<StudyLoop>.Instance);
    }

    private async Task BeginAsync()
    {
        await Loop().AdvanceAllAsync(default);
        Assert.Equal(ExperimentState.Running, (await ExperimentAsync(_database.Databases)).State);
    }

    private static async Task<Experiment> ExperimentAsync(IDbContextFactory<LooperDb> databases)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Set<Experiment>().AsNoTracking().OrderByDescending(e => e.StartedAt).FirstAsync();
    }

    // changes the experiment between the first stop's look at it and its save
    private sealed class Meddled(IDbContextFactory<LooperDb> inner) : IDbContextFactory<LooperDb>
    {
        public bool HasMeddled { get; private set; }

        public LooperDb CreateDbContext()
        {
            var db = inner.CreateDbContext();
            db.SavingChanges += (_, _) =>
            {
                if (HasMeddled || !db.ChangeTracker.Entries<Experiment>().Any(e => e.State == EntityState.Modified)) return;
                HasMeddled = true;
                using var other = inner.CreateDbContext();
                other.Set<Experiment>().ExecuteUpdate(set => set.SetProperty(e => e.Revision, e => e.Revision + 1));
            };
            return db;
        }
    }
}
