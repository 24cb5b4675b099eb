using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Decisions;

public sealed class StageFactsTests
{
    public static TheoryData<PolicySpec, bool> Policies => new()
    {
        { new FixedPolicy("a"), false },
        { new RandomPolicy(), false },
        { new BanditPolicy(), false },
        { new BestPolicy(), true },
        { new EpsilonGreedyPolicy(0.1), true },
        { new SoftmaxPolicy(0.05), true },
    };

    [Theory, MemberData(nameof(Policies))]
    public void Until_there_is_a_model_a_policy_that_goes_by_scores_collects(PolicySpec policy, bool needsModel)
    {
        var facts = new StageFacts(IsArchived: false, IsPaused: false, PointActivity.None with { Decisions = 1 }, IsTested: false, HasLiveModel: false, HasShadow: false, IsTraining: false, policy, FirstModelAt: 500);
        Assert.Equal(needsModel ? DecisionPointState.Collecting : DecisionPointState.Deciding, facts.State);
        Assert.Equal(DecisionPointState.Deciding, (facts with { HasLiveModel = true }).State);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void What_is_said_of_a_policy_is_what_it_does_when_it_serves(PolicySpec policy, bool needsModel)
    {
        var answers = AnswerSet.Of(new() { Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a" }).Value!;
        Assert.Equal(needsModel, Strategy.Compile(policy, answers, answers.Parse("a")!.Value, []).Value!.UsesScores);
    }
}
