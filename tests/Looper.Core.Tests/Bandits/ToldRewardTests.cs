using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Tests.Policies;

namespace Looper.Core.Tests.Bandits;

/// <summary>What an option earned, in the terms of the goal and not of what is learned from.</summary>
public class ToldRewardTests
{
    private static BanditReward Goal(params (OutcomeKind Kind, Direction Better, double Weight)[] terms) => new(new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Outcomes = [.. terms.Select((t, i) => new Outcome($"o{i}", t.Kind) { Better = t.Better })],
        Goal = new() { Terms = [.. terms.Select((t, i) => new GoalTerm($"o{i}", t.Weight))] },
    });

    [Fact]
    public void A_goal_of_one_outcome_is_told_as_its_own_mean()
    {
        foreach (var kind in new[] { OutcomeKind.Boolean, OutcomeKind.Number })
        {
            foreach (var better in new[] { Direction.Higher, Direction.Lower })
            {
                var goal = Goal((kind, better, 4));
                Assert.Equal(0.05, goal.Told(0.05 * goal.Of([1])!.Value + 0.95 * goal.Of([0])!.Value), 1e-12);
            }
        }
    }

    [Fact]
    public void A_goal_of_several_is_told_as_their_weighted_sum()
    {
        var goal = Goal((OutcomeKind.Number, Direction.Higher, 2), (OutcomeKind.Boolean, Direction.Lower, 3));
        Assert.Equal(2 * 7 - 3, goal.Told(goal.Of([7, 1])!.Value), 1e-12);
    }

    [Fact]
    public void The_mean_goal_of_an_option_with_churn_of_a_twentieth_is_a_twentieth()
    {
        var (goal, contexts) = (Goal((OutcomeKind.Boolean, Direction.Lower, 1)), SmallLog.Of(SmallLog.AlwaysB, [new("u", 0, 0.5, 1)]).Contexts);
        var design = BanditDesign.Of(contexts.Columns, contexts.Values);
        var statistics = new BanditStatistics(2, design.Width);
        for (var i = 0; i < 20; i++) statistics.Add(1, new double[design.Width], goal.Of([i == 0 ? 1 : 0])!.Value);
        var option = BanditQueries.OptionOf("b", new(["a", "b"], design, statistics, null), [], goal);
        Assert.Equal((20.0, 0.05), (option.Decisions, Math.Round(option.MeanReward!.Value, 12)));
        Assert.Null(BanditQueries.OptionOf("a", new(["a", "b"], design, statistics, null), [], goal).MeanReward);
    }
}
