using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Studies;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Studies;

/// <summary>A trial of the cut of a rule, measured beside version 1.</summary>
public sealed class TrialShippingTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private TestDatabase _database = null!;
    private Guid _study;

    private DraftActions Drafts(IDbContextFactory<LooperDb> databases) =>
        new(databases, new(_clock, _database.Get<Ids>(), _database.Get<ChangeFeed>()), _clock, _database.Get<Ids>(), _database.Get<ChangeFeed>());

    private TrialShipping Shipping(IDbContextFactory<LooperDb>? drafting = null) =>
        new(_database.Databases, Drafts(drafting ?? _database.Databases), new(_database.Databases, _clock, _database.Get<Ids>(), _database.Get<ChangeFeed>()));

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(_clock);
        var ids = _database.Get<Ids>();
        await using (var db = await _database.Databases.CreateDbContextAsync())
        {
            db.Add(new DecisionPoint { Id = ids.Next(), Key = "banner", Name = "Banner" });
            await db.SaveChangesAsync();
        }
        await PublishAsync(Rule("a", "b", 20));
        await using (var db = await _database.Databases.CreateDbContextAsync())
        {
            var study = new Study
            {
                Id = _study = ids.Next(), Name = "Cut", DecisionPointId = (await db.Set<DecisionPoint>().SingleAsync()).Id, State = StudyState.Running, StartedAt = _clock.GetUtcNow(),
                Plan = StudyJson.Write(StudyActions.DefaultPlan(Rule("a", "b", 20), TrialSource.Logged)),
            };
            db.Add(study);
            db.Add(new StudyTrial
            {
                Id = ids.Next(), StudyId = _study, Number = 1, Batch = 1, State = StudyTrialState.Measured, IsLogged = true, AskedAt = _clock.GetUtcNow(), ToldAt = _clock.GetUtcNow(), Metrics = "{}",
                Parameters = StudyJson.Write(PolicyParameters.Present(Rule("a", "b", 30))),
            });
            await db.SaveChangesAsync();
        }
        _clock.Turn(TimeSpan.FromHours(1));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Values_go_into_no_rule_and_under_no_goal_that_they_were_not_measured_with()
    {
        foreach (var other in new[] { Rule("b", "a", 20), Rule("a", "b", 20) with { Goal = new() { Terms = [new("refund")] } } })
        {
            await PublishAsync(other);
            Assert.Equal("study.policy-changed", (await Shipping().DraftAsync(Caller.System, _study, 1, default)).Refusal?.Code);
            Assert.Equal("study.policy-changed", (await Shipping().ConfirmAsync(Caller.System, _study, 1, default)).Refusal?.Code);
        }
    }

    [Fact]
    public async Task Another_present_value_does_not_keep_them_from_being_drafted()
    {
        await PublishAsync(Rule("a", "b", 25) with { Rollout = new() { Holdout = 0.1 } });
        var draft = (await Shipping().DraftAsync(Caller.System, _study, 1, default)).Value;
        Assert.Equal(draft, (await Shipping().DraftAsync(Caller.System, _study, 1, default)).Value); // asked twice
        await using var db = await _database.Databases.CreateDbContextAsync();
        var content = BlueprintJson.Readable((await db.Set<Draft>().SingleAsync(d => d.Id == draft)).Content)!;
        Assert.Equal((30, 0.1), (((TreePolicy)content.Policy).Root.AtMost, content.Rollout.Holdout));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_draft_of_somebody_else_is_not_given_for_that_of_a_trial(bool isBegunInThatMoment)
    {
        async Task BeginAsync() => Assert.NotNull((await Drafts(_database.Databases).CreateAsync(Caller.System, new("banner", Content: Rule("b", "a", 5)), default)).Value);
        if (!isBegunInThatMoment) await BeginAsync();
        var refusal = (await Shipping(new Before(_database.Databases, isBegunInThatMoment ? BeginAsync : () => Task.CompletedTask)).DraftAsync(Caller.System, _study, 1, default)).Refusal;
        Assert.Equal("draft.exists", refusal?.Code);
    }

    private static BlueprintContent Rule(string low, string high, double cut) => new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("cart", FeatureKind.Number)],
        Outcomes = [new("purchase", OutcomeKind.Boolean), new("refund", OutcomeKind.Boolean)], Goal = new() { Terms = [new("purchase")] },
        Policy = new TreePolicy(new() { Feature = "cart", AtMost = cut, Then = new() { Option = low }, Else = new() { Option = high } }) { Explore = 0.1 },
    };

    private async Task PublishAsync(BlueprintContent content)
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        var point = await db.Set<DecisionPoint>().SingleAsync();
        point.CurrentVersion++;
        db.Add(new Blueprint { Id = _database.Get<Ids>().Next(), DecisionPointId = point.Id, Version = point.CurrentVersion, Content = BlueprintJson.Write(content), Hash = $"{point.CurrentVersion}", PublishedAt = _clock.GetUtcNow() });
        await db.SaveChangesAsync();
    }

    private sealed class Before(IDbContextFactory<LooperDb> inner, Func<Task> act) : IDbContextFactory<LooperDb>
    {
        public LooperDb CreateDbContext() => inner.CreateDbContext();

        public async Task<LooperDb> CreateDbContextAsync(CancellationToken cancellationToken)
        {
            await act();
            return await inner.CreateDbContextAsync(cancellationToken);
        }
    }
}
