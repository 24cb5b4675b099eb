using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Retention;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Tests.Experiments;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Decisions.Retention;

public sealed class RetentionsTests
{
    private static readonly Caller Admin = new("admin", Role.Admin);

    private readonly TestClock _clock = new();
    private readonly Guid _point = Guid.CreateVersion7();

    [Fact]
    public async Task What_an_earlier_version_decided_is_kept_until_its_own_window_is_over()
    {
        await using var database = await CreateAsync();
        await PublishAsync(database, 1, windowDays: 30);
        await PublishAsync(database, 2, windowDays: 2);
        Assert.Equal(31, await LeastAsync(database));
        _clock.Turn(TimeSpan.FromDays(30));
        Assert.Equal(31, await LeastAsync(database)); // the last decision of version 1 may still hear of something
        Assert.Contains("Give 31 or more", (await database.Get<Retentions>().ChangeAsync(Admin, "banner", 30, default))?.Reason, StringComparison.Ordinal);
        _clock.Turn(TimeSpan.FromDays(1.1));
        Assert.Equal(3, await LeastAsync(database)); // all of it is certain by now
    }

    [Fact] // what is reported at the end of the outcome's window is counted for as long as the feature looks back
    public async Task What_a_feature_looks_back_on_is_kept_until_both_windows_are_over()
    {
        await using var database = await CreateAsync();
        var content = Exposed.Blueprint(new Outcome("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(30) }, new Outcome("refund", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(40) });
        content = content with { Features = [.. content.Features, new("lately", FeatureKind.Number) { Derived = new HistoryDerivation("purchase", HistoryAggregate.Count, TimeSpan.FromDays(30)) }] };
        await PublishAsync(database, 1, content);
        Assert.Equal(61, await LeastAsync(database));
    }

    [Fact]
    public async Task A_version_that_an_experiment_tries_counts_while_it_runs_and_its_window_after()
    {
        await using var database = await CreateAsync();
        await PublishAsync(database, 1, windowDays: 30);
        await PublishAsync(database, 2, windowDays: 2);
        var plan = Exposed.Plan(("a", 0.5), ("b", 0.5)) with { BlueprintVersion = 2 };
        var experiment = new Experiment { Id = Guid.CreateVersion7(), Key = "old-again", DecisionPointId = _point };
        Assert.Null(experiment.Start(plan with { Arms = [plan.Arms[0], new("b", 0.5) { BlueprintVersion = 1 }] }, _clock.GetUtcNow()));
        await AddAsync(database, experiment);
        _clock.Turn(TimeSpan.FromDays(20));
        Assert.Equal(31, await LeastAsync(database));
        await StopAsync(database, experiment);
        _clock.Turn(TimeSpan.FromDays(10));
        Assert.Equal(31, await LeastAsync(database));
        _clock.Turn(TimeSpan.FromDays(20)); // its first decision is counted while the last one's window is open
        Assert.Equal(51, await LeastAsync(database));
        _clock.Turn(TimeSpan.FromDays(1.1));
        Assert.Equal(3, await LeastAsync(database));
    }

    [Fact] // such as the work of a later Looper: what others decided goes in time nevertheless
    public async Task A_version_and_a_plan_that_cannot_be_read_are_kept_long_and_keep_nobody_else()
    {
        await using var database = await CreateAsync();
        await PublishAsync(database, 1, windowDays: 30);
        await PublishAsync(database, 2, windowDays: 2);
        var other = Guid.CreateVersion7();
        await AddAsync(database, new DecisionPoint { Id = other, Key = "later", Name = "Later", CurrentVersion = 1 });
        await AddAsync(database, new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = other, Version = 1, Content = """{"shape":"teleport"}""", PublishedAt = _clock.GetUtcNow() });
        await AddAsync(database, new Experiment { Id = Guid.CreateVersion7(), Key = "later", DecisionPointId = other, State = ExperimentState.Running, Plan = "{" });
        var points = (await database.Get<Retentions>().ReadAsync(default)).Points;
        Assert.Equal((31, 361), (points.Single(p => p.Id == _point).LeastDays, points.Single(p => p.Id == other).LeastDays));
    }

    [Fact] // else who came back would count as exposed at the first decision that is left, and the report would not say so
    public async Task What_an_experiment_counts_is_kept_while_it_runs_and_until_its_last_window_is_over()
    {
        await using var database = await CreateAsync();
        await PublishAsync(database, 1, windowDays: 7);
        Assert.Null(await database.Get<Retentions>().ChangeAsync(Admin, null, 30, default));
        var experiment = new Experiment { Id = Guid.CreateVersion7(), Key = "long", DecisionPointId = _point };
        Assert.Null(experiment.Start(Exposed.Plan(("a", 0.5), ("b", 0.5)), _clock.GetUtcNow()));
        await AddAsync(database, experiment);
        using var folder = new TemporaryDirectory();
        await using var journal = new OpenJournal(folder.Path, _clock);
        await journal.AddAsync(Recorded.Decision("before", point: _point, time: _clock.GetUtcNow().AddDays(-4)));
        await journal.AddAsync(Recorded.Decision("exposed", point: _point, time: _clock.GetUtcNow(), experiment: experiment.Id, arm: 0));
        await journal.AddAsync(Recorded.Decision("back", point: _point, time: _clock.GetUtcNow().AddDays(50), experiment: experiment.Id, arm: 0));
        _clock.Turn(TimeSpan.FromDays(60));
        Assert.Equal(new Removed(1, 0), await PurgeAsync(database, journal));
        Assert.Equal("exposed", await ExposedByAsync(journal, experiment));
        var refused = await database.Get<Retentions>().ChangeAsync(Admin, "banner", 40, default);
        Assert.Contains("The experiment `long` counts what happened since", refused?.Reason, StringComparison.Ordinal);
        Assert.EndsWith("Give 61 or more.", refused?.Reason, StringComparison.Ordinal);
        Assert.StartsWith("The experiment `long`", Assert.Single((await database.Get<Retentions>().ReadAsync(default)).Points).WhyLonger(30), StringComparison.Ordinal);
        await StopAsync(database, experiment);
        _clock.Turn(TimeSpan.FromDays(7));
        Assert.Equal(default, await PurgeAsync(database, journal));
        _clock.Turn(TimeSpan.FromDays(1.1));
        Assert.Equal(8, await LeastAsync(database));
        Assert.Equal(new Removed(1, 0), await PurgeAsync(database, journal));
    }

    [Fact]
    public async Task The_time_before_an_exposure_that_a_metric_looks_back_on_is_kept_too()
    {
        await using var database = await CreateAsync();
        await PublishAsync(database, 1, windowDays: 7);
        var experiment = new Experiment { Id = Guid.CreateVersion7(), Key = "looks-back", DecisionPointId = _point };
        var plan = Exposed.Plan(("a", 0.5), ("b", 0.5)) with { Metrics = [new() { Key = "bought", Kind = MetricKind.Count, Outcome = "purchase", Window = TimeSpan.FromDays(12), PrePeriod = TimeSpan.FromDays(14) }] };
        Assert.Null(experiment.Start(plan, _clock.GetUtcNow()));
        await AddAsync(database, experiment);
        _clock.Turn(TimeSpan.FromDays(10));
        Assert.Equal(25, await LeastAsync(database));
        await StopAsync(database, experiment);
        _clock.Turn(TimeSpan.FromDays(12)); // the metric's own window, which is longer than the outcome's
        Assert.Equal(37, await LeastAsync(database));
        _clock.Turn(TimeSpan.FromDays(1.1));
        Assert.Equal(8, await LeastAsync(database));
    }

    [Fact] // an import of the years before would be gone the next morning, and nobody told
    public void What_is_imported_and_too_old_to_be_kept_is_told()
    {
        var now = _clock.GetUtcNow();
        var plan = new RetentionPlan(400, [new(_point, "banner", "Banner", 100, 3)]);
        Assert.Null(plan.Losing(_point, now.AddDays(-100), now));
        Assert.StartsWith($"The oldest row is of {now.AddDays(-101).UtcDateTime:yyyy-MM-dd}, and events of `banner` are kept for 100 days", plan.Losing(_point, now.AddDays(-101), now), StringComparison.Ordinal);
        Assert.Null(plan.Losing(Guid.CreateVersion7(), now.AddDays(-101), now));
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await TestDatabase.CreateAsync(_clock, s => s.AddSingleton<Retentions>());
        await AddAsync(database, new DecisionPoint { Id = _point, Key = "banner", Name = "Banner", CurrentVersion = 2 });
        return database;
    }

    private Task PublishAsync(TestDatabase database, int version, double windowDays) =>
        PublishAsync(database, version, Exposed.Blueprint(new Outcome("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(windowDays) }));

    private Task PublishAsync(TestDatabase database, int version, BlueprintContent content) =>
        AddAsync(database, new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = _point, Version = version, Content = BlueprintJson.Write(content), Hash = $"h-{version}", PublishedAt = _clock.GetUtcNow() });

    private static async Task AddAsync(TestDatabase database, object row)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        db.Add(row);
        await db.SaveChangesAsync();
    }

    private async Task StopAsync(TestDatabase database, Experiment experiment)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        db.Attach(experiment);
        Assert.Null(experiment.Stop(Conclusion.Lost, null, _clock.GetUtcNow()));
        await db.SaveChangesAsync();
    }

    private async Task<Removed> PurgeAsync(TestDatabase database, OpenJournal journal) =>
        await journal.Journal.PurgeAsync((await database.Get<Retentions>().ReadAsync(default)).OrderAt(_clock.GetUtcNow()), default);

    private async Task<string> ExposedByAsync(OpenJournal journal, Experiment experiment) =>
        Assert.Single(await journal.Exposures.ReadAsync(new(_point, experiment.Id, []), default).ToListAsync()).Decision.Id;

    private static async Task<int> LeastAsync(TestDatabase database) => Assert.Single((await database.Get<Retentions>().ReadAsync(default)).Points).LeastDays;
}
