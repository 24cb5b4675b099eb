using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Experiments;

public class ExperimentActionsTests
{
    private static readonly Caller Engineer = new("engineer", Role.Engineer), Analyst = new("analyst", Role.Analyst), Viewer = new("viewer", Role.Viewer);

    private static async Task<TestDatabase> WithPointAsync()
    {
        var database = await TestDatabase.CreateAsync(services: s => s.AddSingleton<ExperimentActions>().AddSingleton<ExperimentQueries>());
        await using var db = await database.Databases.CreateDbContextAsync();
        var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1 };
        var content = Exposed.Blueprint(new Outcome("purchase", OutcomeKind.Boolean)) with { Rollout = new() { Holdout = 0.05 } };
        db.Add(point);
        db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(content), Hash = "h" });
        await db.SaveChangesAsync();
        return database;
    }

    private static async Task<Guid> DraftAsync(TestDatabase database, string key = "banner-q4") =>
        (await database.Get<ExperimentActions>().CreateAsync(Analyst, new("banner", key, "Banner in autumn"), default)).Value;

    [Fact]
    public async Task A_draft_compares_the_blueprint_with_the_baseline_and_can_start_as_it_is()
    {
        await using var database = await WithPointAsync();
        var id = await DraftAsync(database);
        Assert.Null(await database.Get<ExperimentActions>().StartAsync(Engineer, id, "agreed", default));
        var view = (await database.Get<ExperimentQueries>().FindAsync(Viewer, id, default)).Value!;
        Assert.Equal((ExperimentState.Running, 1, "purchase", 0.05), (view.State, view.Plan.BlueprintVersion, view.Plan.PrimaryOutcome, view.Plan.Holdout));
        Assert.Equal(["baseline", "looper"], view.Plan.Arms.Select(a => a.Key));
        await using var db = await database.Databases.CreateDbContextAsync();
        Assert.Equal(["experiment.created", "experiment.started"], await db.Set<AuditEntry>().OrderBy(e => e.Id).Select(e => e.Action).ToListAsync());
    }

    [Fact]
    public async Task One_decision_point_runs_one_experiment_at_a_time()
    {
        await using var database = await WithPointAsync();
        Guid first = await DraftAsync(database, "first"), second = await DraftAsync(database, "second");
        var actions = database.Get<ExperimentActions>();
        Assert.Null(await actions.StartAsync(Engineer, first, null, default));
        var refusal = await actions.StartAsync(Engineer, second, null, default);
        Assert.Equal("experiment.another-running", refusal?.Code);
        Assert.Contains("'first'", refusal!.Reason, StringComparison.Ordinal);
        Assert.Null(await actions.StopAsync(Engineer, first, Conclusion.Won, "kept", default));
        Assert.Null(await actions.StartAsync(Engineer, second, null, default));
    }

    [Fact]
    public async Task Of_many_who_start_at_once_one_wins()
    {
        await using var database = await WithPointAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++) ids.Add(await DraftAsync(database, $"start-{i}"));
        var answers = await Task.WhenAll(ids.Select(id => database.Get<ExperimentActions>().StartAsync(Engineer, id, null, default)));
        Assert.Single(answers, a => a is null);
    }

    [Fact]
    public async Task Stopping_twice_is_refused_with_a_stable_code()
    {
        await using var database = await WithPointAsync();
        var id = await DraftAsync(database);
        var actions = database.Get<ExperimentActions>();
        Assert.Equal("experiment.not-started", (await actions.StopAsync(Engineer, id, Conclusion.Lost, null, default))?.Code);
        await actions.StartAsync(Engineer, id, null, default);
        Assert.Null(await actions.StopAsync(Engineer, id, Conclusion.Inconclusive, "no difference", default));
        Assert.Equal("experiment.already-stopped", (await actions.StopAsync(Engineer, id, Conclusion.Lost, null, default))?.Code);
        Assert.Equal("inconclusive: no difference", (await database.Get<ExperimentQueries>().FindAsync(Viewer, id, default)).Value!.Conclusion);
    }

    [Fact]
    public async Task Two_people_editing_the_same_draft_do_not_overwrite_each_other()
    {
        await using var database = await WithPointAsync();
        var id = await DraftAsync(database);
        var view = (await database.Get<ExperimentQueries>().FindAsync(Analyst, id, default)).Value!;
        var actions = database.Get<ExperimentActions>();
        Assert.Null((await actions.ChangeAsync(Analyst, id, view.Revision, new("banner-q4", "Mine", null, view.Plan), default)).Refusal);
        Assert.Equal("experiment.changed-meanwhile", (await actions.ChangeAsync(Engineer, id, view.Revision, new("banner-q4", "Theirs", null, view.Plan), default)).Refusal?.Code);
        Assert.Equal("Mine", (await database.Get<ExperimentQueries>().FindAsync(Analyst, id, default)).Value!.Name);
    }

    [Fact]
    public async Task A_started_plan_is_frozen_and_its_history_kept()
    {
        await using var database = await WithPointAsync();
        var id = await DraftAsync(database);
        var actions = database.Get<ExperimentActions>();
        await actions.StartAsync(Engineer, id, null, default);
        var view = (await database.Get<ExperimentQueries>().FindAsync(Analyst, id, default)).Value!;
        Assert.Equal("experiment.already-started", (await actions.ChangeAsync(Analyst, id, view.Revision, new("x-1", "X", null, view.Plan), default)).Refusal?.Code);
        Assert.Equal("experiment.already-started", (await actions.DeleteDraftAsync(Analyst, id, default))?.Code);
    }

    [Fact]
    public async Task Who_may_not_is_told_which_role_may()
    {
        await using var database = await WithPointAsync();
        var id = await DraftAsync(database);
        var actions = database.Get<ExperimentActions>();
        Assert.Equal("access.denied", (await actions.StartAsync(Analyst, id, null, default))?.Code);
        Assert.Equal("access.denied", (await actions.CreateAsync(Viewer, new("banner", "x-1", "X"), default)).Refusal?.Code);
        Assert.Equal("experiment.key-taken", (await actions.CreateAsync(Analyst, new("banner", "banner-q4", "X"), default)).Refusal?.Code);
        Assert.Equal("decision-point.unknown", (await actions.CreateAsync(Analyst, new("nowhere", "x-1", "X"), default)).Refusal?.Code);
    }
}
