using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Policies;

/// <summary>Launches whose version before cannot be asked what it would have done.</summary>
public sealed class HeldOutLaunchTests
{
    private static readonly Guid s_experiment = new(8, 8, 8, new byte[8]);

    private static readonly BlueprintContent s_banner = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("isVip", FeatureKind.Boolean)], Policy = new FixedPolicy("a"), Rollout = new() { Holdout = 0.2 },
        Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] },
    };

    /// <summary>Version 2 was launched: 400 decisions of it, 200 held out, and 100 of an experiment; one in five buys.</summary>
    private static async Task<ObservedLift> LookAsync(BlueprintContent before, BlueprintContent launched, ExperimentPlan plan, int tried = 100, int decided = 400)
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", before);
        await looper.PublishAsync("banner", launched);
        var (now, journal, databases) = (looper.Get<TimeProvider>().GetUtcNow(), looper.Get<Journal>(), looper.Get<IDbContextFactory<LooperDb>>());
        var isFixed = launched.Policy is FixedPolicy;
        var served = new byte[1];
        ServedRow.WriteBoolean(served, true);
        var pending = new List<Task>();
        for (var i = 0; i < decided + 200 + tried; i++)
        {
            var at = now.AddHours(-2).AddMilliseconds(i);
            var (isHeld, isTried) = (i >= decided && i < decided + 200, i >= decided + 200);
            pending.Add(journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = at, BlueprintVersion = 2, Option = isHeld ? 0 : isFixed ? 1 : i % 2, Propensity = isHeld || isFixed ? 1 : 0.5,
                Reason = isHeld ? Reason.Holdout : isTried ? Reason.Experiment : Reason.Policy, ExperimentId = isTried ? s_experiment : null, Arm = isTried ? 0 : -1, Served = served,
            }, false, default).AsTask());
            if (i % 5 == 0) pending.Add(journal.AppendAsync([new ObservationRecord { Id = $"o{i}", DecisionId = $"d{i}", Outcome = "purchase", Value = 1, Time = at.AddMilliseconds(1), ReceivedAt = at.AddMilliseconds(1) }], default).AsTask());
        }
        await Task.WhenAll(pending);
        await using (var db = await databases.CreateDbContextAsync())
        {
            var foretold = new PolicyEvaluationResult { DecisionPoint = "banner", Title = "Draft", Policy = "b", Reward = "purchase", NotUsed = new(0, 0, 0, 0) };
            var evaluation = new PolicyEvaluation { Id = Guid.CreateVersion7(), DecisionPointId = point, MadeAt = now.AddHours(-3), Result = PolicyJson.Write(foretold) };
            evaluation.Launch(2, now.AddHours(-3));
            db.Add(evaluation);
            db.Add(new Experiment { Id = s_experiment, Key = "tried", Name = "Tried", DecisionPointId = point, Plan = ExperimentJson.Write(plan) });
            await db.SaveChangesAsync();
        }
        Assert.Equal(1, await looper.Get<LaunchFollowing>().CheckAsync(default));
        await using var after = await databases.CreateDbContextAsync();
        return PolicyJson.Read<ObservedLift>((await after.Set<PolicyEvaluation>().SingleAsync()).Observed!);
    }

    [Fact]
    public async Task An_experiment_for_everybody_leaves_the_comparison_with_held_out_units()
    {
        var observed = await LookAsync(s_banner, s_banner with { Policy = new FixedPolicy("b") }, new());
        Assert.Equal((null, true, "held-out units"), (observed.Note, observed.OnHoldout, observed.Against));
        Assert.Equal(0, observed.Relative.Value, 1e-9);
    }

    [Fact]
    public async Task An_experiment_for_an_audience_ends_it()
    {
        var observed = await LookAsync(s_banner, s_banner with { Policy = new FixedPolicy("b") }, new() { Audience = [new("isVip", FilterRule.Is, "true")] });
        Assert.Contains("took its audience from the others alone", observed.Note, StringComparison.Ordinal);
        Assert.True(double.IsNaN(observed.Relative.Value));
    }

    [Theory, InlineData(600, true), InlineData(601, false)] // beside 400 decided for and 200 held out
    public async Task An_experiment_for_everybody_that_took_most_decisions_ends_it(int tried, bool isTold)
    {
        var observed = await LookAsync(s_banner, s_banner with { Policy = new FixedPolicy("b") }, new(), tried);
        Assert.Equal((isTold, isTold), (observed.OnHoldout, double.IsFinite(observed.Relative.Value)));
        Assert.Equal(!isTold, observed.Note?.Contains("experiments took more than half of its decisions", StringComparison.Ordinal) == true);
    }

    [Fact] // on these decisions alone it would draw evenly for a while, whatever it had learned
    public async Task A_bandit_before_is_not_begun_anew()
    {
        var observed = await LookAsync(s_banner with { Policy = new BanditPolicy() }, s_banner with { Policy = new RandomPolicy() }, new());
        Assert.Equal((null, true, "held-out units"), (observed.Note, observed.OnHoldout, observed.Against));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_version_before_that_cannot_read_these_decisions_leaves_the_comparison_with_held_out_units(bool isUnit)
    {
        var before = isUnit ? s_banner with { UnitName = "household" } : s_banner with { Features = [new("isVip", FeatureKind.Number)] };
        var observed = await LookAsync(before, s_banner with { Policy = new FixedPolicy("b") }, new());
        Assert.Equal((null, true, "held-out units", 400), (observed.Note, observed.OnHoldout, observed.Against, observed.Decisions));
        Assert.Equal(0, observed.Relative.Value, 1e-9);
    }

    [Fact]
    public async Task What_experiments_took_is_said_where_too_few_decisions_are_left()
    {
        var observed = await LookAsync(s_banner, s_banner with { Policy = new FixedPolicy("b") }, new(), tried: 300, decided: 0);
        Assert.Equal("Experiments took 300 of the 500 decisions that were looked at. Of the others 0 of 50 have a known outcome yet.", observed.Note);
    }
}
