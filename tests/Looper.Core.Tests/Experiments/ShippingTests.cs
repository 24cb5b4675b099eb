using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Experiments;

public class ShippingTests
{
    private static readonly Caller Engineer = new("engineer", Role.Engineer), Analyst = new("analyst", Role.Analyst);

    private static BlueprintContent Content => new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
        Outcomes = [new("purchase", OutcomeKind.Boolean)], Goal = new() { Terms = [new("purchase")] },
        Rollout = new() { Holdout = 0.1, Share = 0.5, Baseline = "a" },
    };

    private static async Task<(TestDatabase Database, Guid Id)> RunningAsync(params Arm[] arms)
    {
        var database = await TestDatabase.CreateAsync(services: s => s.AddSingleton<ExperimentActions>().AddSingleton<ExperimentQueries>().AddSingleton<ExperimentHistory>().AddSingleton<ShipActions>().AddSingleton<Publishing>());
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1 };
            db.Add(point);
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(Content), Hash = "h" });
            await db.SaveChangesAsync();
        }
        var actions = database.Get<ExperimentActions>();
        var plan = new ExperimentPlan { Arms = [.. arms] };
        var id = (await actions.CreateAsync(Analyst, new("banner", "banner-q4", "Banner in autumn", null, plan), default)).Value;
        Assert.Null(await actions.StartAsync(Engineer, id, "agreed", default, ["Power: 90 days."]));
        return (database, id);
    }

    private static Task<(TestDatabase Database, Guid Id)> OptionsAsync() => RunningAsync(new("control", 0.5) { Option = "a" }, new("b", 0.5) { Option = "b" });

    private static async Task<(int Version, BlueprintContent Content)> ServedAsync(TestDatabase database)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        var point = await db.Set<DecisionPoint>().SingleAsync();
        return (point.CurrentVersion, BlueprintJson.Stored(await db.Set<Blueprint>().Where(b => b.Version == point.CurrentVersion).Select(b => b.Content).SingleAsync()));
    }

    [Fact]
    public async Task Shipping_an_arm_stops_the_experiment_and_lets_everyone_but_the_holdout_get_it()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        var shipping = database.Get<ShipActions>();
        var preview = (await shipping.PreviewAsync(Analyst, id, "b", default)).Value!;
        Assert.Equal((0.45, 1, 2, false), (preview.Share, preview.FromVersion, preview.ToVersion, preview.IsBaseline));
        Assert.Equal(0.45, preview.Already, 1e-12); // half of the units that are not held out
        Assert.Equal(1, (await ServedAsync(database)).Version); // looking changes nothing
        Assert.Null((await shipping.ShipAsync(Engineer, id, "b", "3% more", default)).Refusal);
        var (version, content) = await ServedAsync(database);
        Assert.Equal((2, new FixedPolicy("b"), Content.Rollout), (version, content.Policy, content.Rollout));
        var view = (await database.Get<ExperimentQueries>().FindAsync(Analyst, id, default)).Value!;
        Assert.Equal((ExperimentState.Shipped, "b", 2, 1), (view.State, view.ShippedArm, view.ShippedVersion, view.ShippedOver));
        Assert.StartsWith("won", view.Conclusion, StringComparison.Ordinal);
        Assert.Equal("experiment.already-shipped", (await shipping.ShipAsync(Engineer, id, "b", null, default)).Refusal?.Code);
    }

    [Fact]
    public async Task Taking_back_publishes_the_content_of_before()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        var shipping = database.Get<ShipActions>();
        Assert.Equal("experiment.not-shipped", (await shipping.RevertAsync(Engineer, id, null, default))?.Code);
        await shipping.ShipAsync(Engineer, id, "b", null, default);
        Assert.Null(await shipping.RevertAsync(Engineer, id, "returns went up", default));
        var (version, content) = await ServedAsync(database);
        Assert.Equal((3, BlueprintJson.Write(Content)), (version, BlueprintJson.Write(content)));
        Assert.Equal(ExperimentState.RolledBack, (await database.Get<ExperimentQueries>().FindAsync(Analyst, id, default)).Value!.State);
    }

    [Fact]
    public async Task What_was_published_since_is_not_undone_by_taking_back()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        var shipping = database.Get<ShipActions>();
        await shipping.ShipAsync(Engineer, id, "b", null, default);
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            await database.Get<Publishing>().AddVersionAsync(db, Engineer, await db.Set<DecisionPoint>().SingleAsync(), Content with { UnitName = "device" }, null, null, default);
        }
        var refusal = await shipping.RevertAsync(Engineer, id, null, default);
        Assert.Equal("experiment.published-since", refusal?.Code);
        Assert.Equal(3, (await ServedAsync(database)).Version);
        Assert.Equal(ExperimentState.Shipped, (await database.Get<ExperimentQueries>().FindAsync(Analyst, id, default)).Value!.State);
    }

    [Fact]
    public async Task Shipping_the_baseline_rolls_back_and_taking_that_back_opens_the_decision_again()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        var shipping = database.Get<ShipActions>();
        await shipping.ShipAsync(Engineer, id, "control", null, default);
        var queries = database.Get<ExperimentQueries>();
        Assert.Equal(ExperimentState.RolledBack, (await queries.FindAsync(Analyst, id, default)).Value!.State);
        Assert.Null(await shipping.RevertAsync(Engineer, id, null, default));
        Assert.Equal(ExperimentState.Stopped, (await queries.FindAsync(Analyst, id, default)).Value!.State);
    }

    [Fact]
    public async Task An_arm_that_serves_already_publishes_nothing()
    {
        var (database, id) = await RunningAsync(new("control", 0.5) { Option = "a" }, new("looper", 0.5));
        await using var _ = database;
        var shipped = (await database.Get<ShipActions>().ShipAsync(Engineer, id, "looper", null, default)).Value!;
        Assert.Equal((1, 1), (shipped.FromVersion, shipped.ToVersion));
        Assert.Equal(1, (await ServedAsync(database)).Version);
        Assert.Null(await database.Get<ShipActions>().RevertAsync(Engineer, id, null, default));
    }

    [Fact]
    public async Task An_arm_of_the_version_it_ran_on_is_shipped_as_that_version_after_another_was_published()
    {
        var (database, id) = await RunningAsync(new("control", 0.5) { Option = "a" }, new("looper", 0.5));
        await using var _ = database;
        Assert.Null(await database.Get<ExperimentActions>().StopAsync(Engineer, id, Conclusion.Won, null, default));
        var newer = Content with { Policy = new FixedPolicy("b"), Rollout = Content.Rollout with { Holdout = 0.2 } };
        await using (var db = await database.Databases.CreateDbContextAsync())
            await database.Get<Publishing>().AddVersionAsync(db, Engineer, await db.Set<DecisionPoint>().SingleAsync(), newer, null, null, default);
        var preview = (await database.Get<ShipActions>().PreviewAsync(Analyst, id, "looper", default)).Value!;
        Assert.Equal((2, 3), (preview.FromVersion, preview.ToVersion));
        Assert.Null((await database.Get<ShipActions>().ShipAsync(Engineer, id, "looper", null, default)).Refusal);
        var (version, content) = await ServedAsync(database);
        Assert.Equal((3, BlueprintJson.Write(Content with { Rollout = newer.Rollout })), (version, BlueprintJson.Write(content)));
    }

    [Fact]
    public async Task Who_may_not_and_what_is_not_there_is_said()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        var shipping = database.Get<ShipActions>();
        Assert.Equal("access.denied", (await shipping.ShipAsync(Analyst, id, "b", null, default)).Refusal?.Code);
        Assert.Equal("experiment-arm.unknown", (await shipping.ShipAsync(Engineer, id, "c", null, default)).Refusal?.Code);
        Assert.Equal("experiment.unknown", (await shipping.ShipAsync(Engineer, Guid.CreateVersion7(), "b", null, default)).Refusal?.Code);
    }

    [Fact]
    public async Task The_history_names_each_step_with_who_and_why()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        var shipping = database.Get<ShipActions>();
        await shipping.ShipAsync(Engineer, id, "b", "3% more", default);
        await shipping.RevertAsync(new("approver", Role.Approver), id, "returns went up", default);
        var steps = (await database.Get<ExperimentHistory>().OfAsync(Analyst, id, default)).Value!;
        Assert.Equal(["Draft made", "Started", "Stopped", "Shipped", "Shipping taken back"], steps.Select(s => s.Title));
        Assert.Equal(["analyst", "engineer", "engineer", "engineer", "approver"], steps.Select(s => s.Who));
        Assert.Equal([null, "agreed", "3% more", "3% more", "returns went up"], steps.Select(s => s.Why));
        Assert.Contains("In spite of: Power: 90 days.", steps[1].Detail);
        Assert.Contains(steps[3].Detail, d => d.Contains("45%", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_units_get_already_is_that_of_the_present_step_and_the_present_shares()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        await using var db = await database.Databases.CreateDbContextAsync();
        var experiment = await db.Set<Experiment>().SingleAsync();
        var plan = ExperimentJson.ReadPlan(experiment.Plan) with { Ramp = [new(0.01, 24)] };
        BlastRadius Of(ExperimentPlan of) => Shipping.Of("banner", experiment, of, of.Arms[1], Content, 1, Content with { Policy = new FixedPolicy("b") }, null);
        Assert.Equal(0.9 * 0.01 * 0.5, Of(plan).Already, 1e-12);
        Assert.Contains("0.45% of units get it already, as an arm of the experiment, which stops.", Of(plan).Sentences);
        experiment.Allocate([new(Exposed.Start, [0.5, 0.5]), new(Exposed.Start.AddDays(1), [0.9, 0.1])], Exposed.Start.AddDays(1));
        Assert.Equal(0.9 * 0.1, Of(plan with { Ramp = [] }).Already, 1e-12);
        Assert.Contains("9% of the units in its audience get it already, as an arm of the experiment, which stops.", Of(plan with { Ramp = [], Audience = [new("country", FilterRule.Is, "NL")] }).Sentences);
    }

    [Fact]
    public async Task Testers_that_are_changed_while_a_job_writes_are_refused_with_a_reason()
    {
        var (database, id) = await OptionsAsync();
        await using var _ = database;
        var meddled = false;
        var databases = new Meddled(database.Databases, () =>
        {
            if (meddled) return;
            meddled = true;
            using var other = database.Databases.CreateDbContext();
            other.Set<Experiment>().ExecuteUpdate(set => set.SetProperty(e => e.Revision, e => e.Revision + 1));
        });
        var ramp = new RampActions(databases, null!, database.Get<TimeProvider>(), database.Get<ChangeFeed>());
        Assert.Equal("experiment.changed-meanwhile", (await ramp.SetTestersAsync(Engineer, id, [new("anna", "b")], default))?.Code);
        Assert.Null(await ramp.SetTestersAsync(Engineer, id, [new("anna", "b")], default));
    }

    // does something between the look and the save
    private sealed class Meddled(IDbContextFactory<LooperDb> inner, Action meddle) : IDbContextFactory<LooperDb>
    {
        public LooperDb CreateDbContext()
        {
            var db = inner.CreateDbContext();
            db.SavingChanges += (_, _) => meddle();
            return db;
        }
    }
}
