using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Tests.Serving;
using Looper.Core.Tests.Serving.Candidates;

namespace Looper.Core.Tests.Policies;

/// <summary>The value of a draft that picks among candidates, from picks that the engine itself drew and logged.</summary>
public class PickedValueTests
{
    private static readonly double[] s_prices = [4.5, 9, 1.5, 6, 0.5];

    [Fact] // bought one time in twenty, and 4 % more for every step of the price
    public void What_a_draft_would_pick_is_weighed_by_what_was_drawn()
    {
        BlueprintContent logging = Offers.Pick(new SoftmaxPolicy(0.5)), draft = Offers.Pick(new EpsilonGreedyPolicy(0.2));
        var log = LoggedDecisions.For(draft, new Dictionary<int, BlueprintContent> { [1] = logging }, GoalReward.Of(draft).Value!, [Offers.Model()]).Value!;
        var snapshot = Serve.Snapshot(Offers.Point(logging));
        var (workspace, random) = (new DecisionWorkspace(), new Philox(3, "picked"));
        for (var i = 0; i < 6_000; i++)
        {
            var decision = Offers.Decide(snapshot, $"d-{i}", Offers.Priced(s_prices), workspace, $"u-{i}");
            var bought = random.Uniform() < Chance(s_prices[decision.Answer.Option]) ? 1.0 : 0;
            log.Add(new(new()
            {
                Id = $"d-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = DateTimeOffset.UnixEpoch.AddSeconds(i), BlueprintVersion = 1, Option = decision.Answer.Option,
                Propensity = decision.Propensity, Reason = decision.Reason, Served = workspace.Served.ToArray(), Candidates = ServedCandidates.Write(workspace.Candidates),
            }, [bought], [bought], [true], 0));
        }
        var result = PolicyValuation.Judge(new() { Key = "offers" }, new("Draft", "{}", null, null, null), draft, GoalReward.Of(draft).Value!, log, new([], 0, null, null), 1, (_, _) => { }, default);
        var truth = 0.8 * Chance(9) + 0.2 * s_prices.Average(Chance);
        Assert.Null(result.Refused);
        Assert.Equal(("snips", 6_000L, 5), (result.Headline, result.Decisions, log.ModelNumber));
        Assert.InRange(truth, result.Value.Low, result.Value.High);
        Assert.True(result.Value.High - result.Value.Low < 0.15 && result.Relative.Low > 0);
        Assert.Equal(1, result.Overlap!.MeanWeight, 0.05);
        Assert.False(double.IsNaN(result.FromBaseline.Value)); // the first as sent, for everyone
    }

    [Fact] // the log is certain: it kept the order as sent
    public void Candidates_that_could_not_be_picked_are_no_support()
    {
        BlueprintContent logging = Offers.Pick(new AsSentPolicy()), draft = Offers.Pick(new BestPolicy());
        var log = LoggedDecisions.For(draft, new Dictionary<int, BlueprintContent> { [1] = logging }, GoalReward.Of(draft).Value!, [Offers.Model()]).Value!;
        var snapshot = Serve.Snapshot(Offers.Point(logging));
        var workspace = new DecisionWorkspace();
        for (var i = 0; i < 200; i++)
        {
            var decision = Offers.Decide(snapshot, $"d-{i}", Offers.Priced(s_prices), workspace, $"u-{i}");
            log.Add(new(new()
            {
                Id = $"d-{i}", DecisionPointId = default, Unit = $"u-{i}", Time = DateTimeOffset.UnixEpoch.AddSeconds(i), BlueprintVersion = 1, Option = decision.Answer.Option,
                Propensity = decision.Propensity, Reason = Reason.Policy, Served = workspace.Served.ToArray(), Candidates = ServedCandidates.Write(workspace.Candidates),
            }, [1], [1], [true], 0));
        }
        Assert.Equal(1, log.Unsupported(out var never), 1e-12);
        Assert.Empty(never);
        Assert.Equal("never-tried", PolicyValuation.Judge(new() { Key = "offers" }, new("Draft", "{}", null, null, null), draft, GoalReward.Of(draft).Value!, log, new([], 0, null, null), 1, (_, _) => { }, default).RefusedCode);
    }

    private static double Chance(double price) => 0.05 + 0.04 * Math.Floor(price);
}
