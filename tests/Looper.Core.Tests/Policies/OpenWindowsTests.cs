using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Policies;

/// <summary>Decision points with more decisions than are judged at once: 300 whose outcome is certain, two hours old, and 200 of now, whose windows of an hour are open.</summary>
public sealed class OpenWindowsTests : IAsyncLifetime
{
    private static readonly Guid s_point = new(7, 7, 7, new byte[8]);

    private static readonly BlueprintContent s_banner = SmallLog.Even with { Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromHours(1), Absent = 0 }] };

    private readonly TestClock _clock = new();
    private readonly TemporaryDirectory _folder = new();
    private TestDatabase _database = null!;
    private OpenJournal _open = null!;

    private IDbContextFactory<LooperDb> Databases => _database.Databases;

    public async ValueTask InitializeAsync()
    {
        (_database, _open) = (await TestDatabase.CreateAsync(_clock), new(_folder.Path, _clock));
        await using var db = await Databases.CreateDbContextAsync();
        db.Add(new DecisionPoint { Id = s_point, Key = "banner", Name = "Banner", CurrentVersion = 2 });
        foreach (var version in new[] { 1, 2 }) db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = s_point, Version = version, Content = BlueprintJson.Write(s_banner), PublishedAt = _clock.GetUtcNow().AddHours(version - 4) });
        await db.SaveChangesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _open.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private async Task LogAsync(string prefix, int count, TimeSpan ago, int version = 2)
    {
        var served = new byte[1];
        ServedRow.WriteBoolean(served, true);
        for (var i = 0; i < count; i++)
        {
            await _open.AddAsync(new DecisionRecord
            {
                Id = $"{prefix}{i}", DecisionPointId = s_point, Unit = $"{prefix}{i}", Time = (_clock.GetUtcNow() - ago).AddMilliseconds(i), BlueprintVersion = version, Option = i % 2, Propensity = 0.5, Reason = Reason.Explore, Served = served,
            }, durable: i == count - 1);
        }
    }

    [Fact]
    public async Task However_many_wait_for_their_outcome_those_before_are_judged()
    {
        await LogAsync("certain", 300, TimeSpan.FromHours(2));
        await LogAsync("open", 200, TimeSpan.FromMinutes(1));
        var valuation = new PolicyValuation(Databases, _open.Examples) { Most = 150 };
        var input = new ValueInput("Draft", BlueprintJson.Write(s_banner with { Policy = new RandomPolicy { Weights = [0.4, 0.6] } }), null, null, null);
        var judged = (await valuation.EvaluateAsync(s_point, input, _clock.GetUtcNow(), Guid.Empty, (_, _) => { }, default)).Value!;
        Assert.Equal((150, 200), (judged.Decisions, judged.NotUsed.WithoutOutcome));
    }

    [Theory, InlineData(150, true), InlineData(300, false)]
    public async Task Standing_policies_are_compared_on_the_newest_that_are_certain(int most, bool isNewest)
    {
        await LogAsync("certain", 300, TimeSpan.FromHours(2));
        await LogAsync("open", 200, TimeSpan.FromMinutes(1));
        var compared = (await new PolicyValueQueries(Databases, _open.Examples, _clock) { Most = most }.EvaluateAsync(Caller.System, "banner", new(), default)).Value!;
        Assert.Equal((most, 200L, isNewest), (compared.Decisions, compared.WithoutOutcome, compared.IsNewest));
    }

    [Fact]
    public async Task A_launch_is_looked_at_by_those_that_are_certain()
    {
        await LogAsync("certain", 300, TimeSpan.FromHours(2));
        await LogAsync("open", 200, TimeSpan.FromMinutes(1));
        await using (var db = await Databases.CreateDbContextAsync())
        {
            var evaluation = Evaluation(Guid.CreateVersion7(), 300);
            evaluation.Launch(2, _clock.GetUtcNow().AddHours(-2));
            db.Add(evaluation);
            await db.SaveChangesAsync();
        }
        await new LaunchFollowing(Databases, _open.Examples, _clock) { Most = 150 }.CheckAsync(default);
        await using var after = await Databases.CreateDbContextAsync();
        var observed = PolicyJson.Read<ObservedLift>((await after.Set<PolicyEvaluation>().SingleAsync()).Observed!);
        Assert.Equal(150, observed.Decisions);
    }

    [Theory, InlineData(70, 300), InlineData(126, null)] // 60 days and the window
    public async Task A_launch_is_followed_until_what_its_decisions_led_to_is_certain(int daysAgo, int? decisions)
    {
        await LogAsync("certain", 300, TimeSpan.FromDays(67));
        await using (var db = await Databases.CreateDbContextAsync())
        {
            var slow = BlueprintJson.Write(s_banner with { Outcomes = [s_banner.Outcomes[0] with { Window = TimeSpan.FromDays(65) }] });
            await db.Set<Blueprint>().ExecuteUpdateAsync(b => b.SetProperty(x => x.Content, slow));
            var evaluation = Evaluation(Guid.CreateVersion7(), 300);
            evaluation.Launch(2, _clock.GetUtcNow().AddDays(-daysAgo));
            evaluation.Observed = PolicyJson.Write(new ObservedLift(_clock.GetUtcNow(), "", false, 0, Estimated.Undefined, Estimated.Undefined, Estimated.Undefined, null, "0 of 50 decisions have a known outcome yet."));
            db.Add(evaluation);
            await db.SaveChangesAsync();
        }
        Assert.Equal(decisions is null ? 0 : 1, await new LaunchFollowing(Databases, _open.Examples, _clock).CheckAsync(default));
        await using var after = await Databases.CreateDbContextAsync();
        Assert.Equal(decisions ?? 0, PolicyJson.Read<ObservedLift>((await after.Set<PolicyEvaluation>().SingleAsync()).Observed!).Decisions);
    }

    [Theory] // judged an hour ago, on 100
    [InlineData(1_000, 15, 0)]
    [InlineData(1_000, 25, 1)]
    [InlineData(100, 200, 0)] // more are never judged at once
    public async Task An_apprentice_is_judged_again_when_there_are_a_fifth_more_that_can_be_judged(int most, int more, int asked)
    {
        await LogAsync("before", 100, TimeSpan.FromHours(3));
        await LogAsync("since", more, TimeSpan.FromMinutes(90)); // certain for half an hour
        var id = Guid.CreateVersion7();
        await using (var db = await Databases.CreateDbContextAsync())
        {
            var apprentice = new Apprentice { Id = Guid.CreateVersion7(), DecisionPointId = s_point };
            apprentice.Begin(new FixedPolicy("b"), "somebody", _clock.GetUtcNow().AddHours(-3));
            apprentice.Asked(id, _clock.GetUtcNow().AddHours(-1));
            db.AddRange(apprentice, Evaluation(id, 100));
            await db.SaveChangesAsync();
        }
        var (ids, changes) = (_database.Get<Ids>(), _database.Get<ChangeFeed>());
        var values = new PolicyValueActions(Databases, new JobRequests(Databases, changes, ids, _clock));
        var apprentices = new ApprenticeActions(Databases, values, null!, null!, _open.Examples, ids, changes, _clock) { MostJudged = most };
        Assert.Equal(asked, await apprentices.FollowAsync(default));
    }

    private PolicyEvaluation Evaluation(Guid id, int decisions) => new()
    {
        Id = id, DecisionPointId = s_point, MadeAt = _clock.GetUtcNow().AddHours(-1),
        Result = PolicyJson.Write(new PolicyEvaluationResult { DecisionPoint = "banner", Title = "Draft", Policy = "b", Reward = "purchase", Decisions = decisions, NotUsed = new(0, 0, 0, 0) }),
    };
}
