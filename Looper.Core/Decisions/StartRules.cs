using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Decisions;

/// <summary>Rules about how to start: policy and rollout.</summary>
internal static class StartRules
{
    public static void Check(BlueprintContent content, List<Refusal> faults)
    {
        Policy("policy", content.Policy, content, faults);
        var rollout = content.Rollout;
        if (!(rollout.Share is >= 0 and <= 1)) faults.Add(RuleTexts.ShareSize(rollout.Share));
        if (!(rollout.Holdout is >= 0 and <= 0.9)) faults.Add(RuleTexts.HoldoutSize(rollout.Holdout));
        if (rollout.Baseline is { } baseline) AnswerRules.Answer("rollout.baseline", baseline, content, faults);
    }

    private static void Policy(string field, PolicySpec policy, BlueprintContent content, List<Refusal> faults)
    {
        switch (policy)
        {
            case not FixedPolicy when content.Shape == DecisionShape.Configuration:
                faults.Add(RuleTexts.PolicyOfConfiguration());
                break;
            case FixedPolicy when content.Shape.TakesCandidates():
                faults.Add(RuleTexts.PolicyOfCandidates());
                break;
            case AsSentPolicy when !content.Shape.TakesCandidates():
                faults.Add(RuleTexts.PolicyNeedsCandidates());
                break;
            case TreePolicy when content.Shape == DecisionShape.Value || content.Shape.TakesCandidates():
                faults.Add(RuleTexts.PolicyNeedsOptions("tree"));
                break;
            case TreePolicy tree:
                if (RuleCheck.Fault(tree, content, field) is { } fault) faults.Add(fault with { Code = RuleTexts.Code });
                break;
            case BanditPolicy bandit:
                faults.AddRange(BanditRules.Faults(field, bandit, content));
                break;
            case SoftmaxPolicy when content.Shape == DecisionShape.Value:
                faults.Add(RuleTexts.PolicyNeedsOptions("softmax"));
                break;
            case SoftmaxPolicy { Temperature: var temperature } when !(temperature > 0 && double.IsFinite(temperature)):
                faults.Add(RuleTexts.TemperatureSize(temperature));
                break;
            case RandomPolicy { Weights.IsEmpty: false } when content.Shape.TakesCandidates():
                faults.Add(RuleTexts.WeightsOfCandidates());
                break;
            case FixedPolicy one:
                AnswerRules.Answer($"{field}.option", one.Option, content, faults);
                break;
            case RandomPolicy when content.Shape == DecisionShape.Value:
                faults.Add(RuleTexts.PolicyNeedsOptions("random"));
                break;
            case EpsilonGreedyPolicy when content.Shape == DecisionShape.Value:
                faults.Add(RuleTexts.PolicyNeedsOptions("epsilon-greedy"));
                break;
            case RandomPolicy { Weights: var weights }:
                var options = AnswerRules.OptionKeys(content).Count;
                if (!weights.IsEmpty && weights.Length != options) faults.Add(RuleTexts.WeightsCount(weights.Length, options));
                for (var i = 0; i < weights.Length; i++)
                    if (!(weights[i] > 0 && double.IsFinite(weights[i]))) faults.Add(RuleTexts.WeightSize(i));
                break;
            case EpsilonGreedyPolicy { Epsilon: var epsilon } when !(epsilon is > 0 and <= 1):
                faults.Add(RuleTexts.EpsilonSize(epsilon));
                break;
        }
    }
}
