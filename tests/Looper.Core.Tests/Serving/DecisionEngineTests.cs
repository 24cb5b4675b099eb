using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

public sealed class DecisionEngineTests
{
    private static readonly ImmutableArray<string> Options = ["none", "ten-percent", "free-shipping"];

    [Fact]
    public void The_same_decision_id_draws_the_same_option_and_another_may_not()
    {
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner()));
        Assert.Equal(Serve.Decide(snapshot, "u", "d-1"), Serve.Decide(snapshot, "u", "d-1"));
        Assert.Equal(3, Enumerable.Range(0, 100).Select(i => Serve.Decide(snapshot, "u", $"d-{i}").Key()).Distinct().Count());
    }

    [Fact]
    public void A_best_policy_without_a_model_answers_the_default_and_greedy_explores_evenly()
    {
        var best = Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(new BestPolicy()))), "u");
        Assert.Equal(("none", Reason.DefaultNoModel, 1.0), (best.Key(), best.Reason, best.Propensity));
        var greedy = Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(new EpsilonGreedyPolicy(0.1)))), "u");
        Assert.Equal((Reason.Explore, 1.0 / 3), (greedy.Reason, greedy.Propensity));
    }

    [Fact]
    public void The_best_option_has_the_highest_weighted_goal_and_lower_is_better_counts_against()
    {
        var content = Serve.Banner(new BestPolicy()) with { Goal = new() { Terms = [new("purchase"), new("refunds", 0.1)] } };
        var point = Serve.Point(content) with { Models = [Serve.Model("purchase", Options, [0.1, 0.4, 0.5]), Serve.Model("refunds", Options, [0, 1, 3], number: 9)] };
        var workspace = new DecisionWorkspace();
        var decision = Serve.Decide(Serve.Snapshot(point), "u", workspace: workspace);
        Assert.Equal(("ten-percent", Reason.Policy, 1.0, 9), (decision.Key(), decision.Reason, decision.Propensity, decision.ModelNumber));
        Assert.Equal(0.1, workspace.Scores[0], 1e-12);
        Assert.Equal(0.3, workspace.Scores[1], 1e-12);
        Assert.Equal(0.2, workspace.Scores[2], 1e-12);
    }

    [Fact]
    public void A_goal_with_an_outcome_that_has_no_model_yet_counts_as_no_model()
    {
        var content = Serve.Banner(new BestPolicy()) with { Goal = new() { Terms = [new("purchase"), new("refunds")] } };
        var decision = Serve.Decide(Serve.Snapshot(Serve.Point(content) with { Models = [Serve.Model("purchase", Options, [0, 0, 1])] }), "u");
        Assert.Equal(Reason.DefaultNoModel, decision.Reason);
    }

    [Fact]
    public void A_value_is_the_predicted_number_inside_its_range_and_a_fixed_one_is_itself()
    {
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Value, Default = "10", Range = new(5, 20), Policy = new BestPolicy(),
            Outcomes = [new("minutes", OutcomeKind.Number) { Better = Direction.Lower }], Goal = new() { Terms = [new("minutes", 3)] },
        };
        var none = Serve.Decide(Serve.Snapshot(Serve.Point(content)), "u");
        Assert.Equal((10.0, Reason.DefaultNoModel, -1), (none.Answer.Value, none.Reason, none.Answer.Option));
        foreach (var (predicted, answered) in new[] { (12.5, 12.5), (3.0, 5.0), (99.0, 20.0) })
        {
            var decision = Serve.Decide(Serve.Snapshot(Serve.Point(content) with { Models = [Serve.Model("minutes", ["x"], [predicted])] }), "u");
            Assert.Equal((answered, Reason.Policy, 1.0), (decision.Answer.Value, decision.Reason, decision.Propensity));
        }
        Assert.Equal(7, Serve.Decide(Serve.Snapshot(Serve.Point(content with { Policy = new FixedPolicy("7") })), "u").Answer.Value);
    }

    [Fact]
    public void Paused_and_archived_points_answer_the_default_and_still_carry_the_features()
    {
        foreach (var point in new[] { Serve.Point(Serve.Banner()) with { IsPaused = true }, Serve.Point(Serve.Banner()) with { IsArchived = true } })
        {
            var workspace = new DecisionWorkspace();
            var decision = Serve.Decide(Serve.Snapshot(point), "u", context: """{"country":"NL"}""", workspace: workspace);
            Assert.Equal(("none", Reason.DefaultPaused), (decision.Key(), decision.Reason));
            Assert.Equal("NL - - -", ContextReaderTests.Shown(workspace.Served));
        }
    }

    [Fact]
    public void A_context_that_is_no_object_answers_the_default() =>
        Assert.Equal(Reason.DefaultInvalidContext, Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner())), "u", context: "[1,2]").Reason);

    [Fact]
    public void Holdout_and_rollout_give_the_baseline_to_their_share_of_units_for_good()
    {
        var content = Serve.Banner(new FixedPolicy("free-shipping")) with { Rollout = new() { Share = 0.5, Holdout = 0.1, Baseline = "ten-percent" } };
        var snapshot = Serve.Snapshot(Serve.Point(content));
        var baseline = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var first = Serve.Decide(snapshot, $"user-{i}", "first");
            Assert.Equal(first.Key(), Serve.Decide(snapshot, $"user-{i}", "second").Key());
            Assert.Equal(first.Reason == Reason.Holdout ? "ten-percent" : "free-shipping", first.Key());
            if (first.Reason == Reason.Holdout) baseline++;
        }
        Assert.Equal(0.1 + 0.9 * 0.5, baseline / 10_000.0, 4 * Math.Sqrt(0.55 * 0.45 / 10_000)); // holdout and rollout are drawn apart
    }

    [Fact]
    public void A_stale_snapshot_says_so()
    {
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner())).Marked(isStale: true);
        Assert.Equal(Reason.Stale, Serve.Decide(snapshot, "u").Reason);
        Assert.Equal(Reason.Explore, Serve.Decide(snapshot.Marked(isStale: false), "u").Reason);
    }

    [Fact]
    public void Binary_options_are_false_and_true_in_this_order()
    {
        var decision = Serve.Decide(Serve.Snapshot(Serve.Point(new BlueprintContent { Shape = DecisionShape.Binary, Default = "false", Policy = new FixedPolicy("true") })), "u");
        Assert.Equal(1, decision.Answer.Option);
    }
}
