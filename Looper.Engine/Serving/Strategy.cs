using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>What a strategy makes of one context; for options the distribution itself lies in the workspace.</summary>
/// <param name="Reason">Certain already, or default when the draw decides between <c>policy</c> and <c>explore</c>.</param>
/// <param name="Preferred">Option the policy prefers, or −1.</param>
/// <param name="Value">The number of a <c>value</c> decision.</param>
/// <param name="Configuration">The answer of a <c>configuration</c> decision.</param>
internal readonly record struct Verdict(Reason Reason, int Preferred, double Value, int ModelNumber, Configuration? Configuration = null)
{
    /// <summary>Where there are no options to draw from.</summary>
    public Answer Answer => Configuration is { } configuration ? Answer.Of(configuration) : Answer.Of(Value);
}

/// <summary>How a blueprint or an arm comes to its answer: a fixed one, a policy over options, or the predicted number.</summary>
internal sealed class Strategy
{
    private readonly Policy? _policy;
    private readonly Answer _fixed;
    private readonly Reason _fixedReason;
    private readonly bool _predicts;
    private readonly TreeRule? _rule;
    private readonly double _explore;
    private readonly BanditRule? _bandit;

    private Strategy(Policy? policy, Answer @fixed, Reason fixedReason, bool predicts) =>
        (_policy, _fixed, _fixedReason, _predicts) = (policy, @fixed, fixedReason, predicts);

    private Strategy(TreeRule rule, double explore) => (_rule, _explore) = (rule, explore);

    private Strategy(BanditRule bandit) => _bandit = bandit;

    /// <summary>Kind of its policy, as blueprints write it.</summary>
    public string Word { get; private init; } = "fixed";

    /// <summary>It asks the models for their scores, where there are any.</summary>
    public bool UsesScores => _predicts || _policy is { UsesScores: true };

    /// <summary>The configuration that it always answers; null for every other shape.</summary>
    public Configuration? Configuration => _fixed.Configuration;

    /// <summary>Stands where a version cannot serve; never asked.</summary>
    public static Strategy Nothing { get; } = new(null, default, Reason.DefaultError, false);

    /// <summary>An arm that fixes the answer.</summary>
    public static Strategy Arm(Answer answer) => new(null, answer, Reason.Experiment, false);

    /// <param name="known">What a <see cref="BanditPolicy"/> rests on.</param>
    public static Answered<Strategy> Compile(PolicySpec spec, AnswerSet answers, Answer @default, ImmutableArray<Feature> features, BanditKnowledge known = default)
    {
        if (answers.Shape == DecisionShape.Configuration)
            return spec is not FixedPolicy { Option: var values } ? new Refusal("policy.invalid", "A configuration is fixed, and tuned by a study: choose the policy `fixed`.", "policy.kind")
                : answers.Parse(values) is { } configuration ? new Strategy(null, configuration, Reason.Policy, false) { Word = spec.Word } : AnswerSet.NoAnswer("policy.option", values);
        if (spec is TreePolicy tree && answers.Shape != DecisionShape.Value)
        {
            if (tree.Explore is not (>= 0 and <= 1)) return new Refusal("policy.invalid", "policy.explore must lie in [0, 1].", "policy.explore");
            var rule = TreeRule.Compile(tree.Root, features, answers.Options);
            return rule.Refusal is { } unfit ? unfit : new Strategy(rule.Value!, tree.Explore) { Word = spec.Word };
        }
        if (spec is BanditPolicy learning && answers.Shape != DecisionShape.Value)
            return BanditCheck.Fault(learning, "policy") is { } bad ? bad : new Strategy(known.Rule(learning, answers.Options, features, @default.Option)) { Word = spec.Word };
        if (answers.Shape != DecisionShape.Value)
        {
            var policy = Policy.Compile(spec, answers.Options, @default.Option);
            return policy.Refusal is { } unfit ? unfit : new Strategy(policy.Value, default, default, false) { Word = spec.Word };
        }
        return spec switch
        {
            BestPolicy => new Strategy(null, @default, Reason.DefaultNoModel, predicts: true) { Word = spec.Word },
            FixedPolicy { Option: var text } when answers.Parse(text) is { } answer => new Strategy(null, Answer.Of(answers.Clamp(answer.Value)), Reason.Policy, false) { Word = spec.Word },
            FixedPolicy { Option: var text } => AnswerSet.NoAnswer("policy.option", text),
            _ => new Refusal("policy.invalid", "A value is either predicted or fixed: choose one of these policies.", "policy.kind"),
        };
    }

    /// <summary>The distribution over the answers for the row as served in the workspace.</summary>
    /// <param name="scored">The workspace holds this blueprint's scores of this row already; set once it does.</param>
    public Verdict Evaluate(BlueprintSnapshot blueprint, DecisionWorkspace workspace, ref bool scored)
    {
        var answers = blueprint.Answers;
        var probabilities = workspace.ProbabilityBuffer[..answers.Options.Length];
        workspace.ProbabilityCount = probabilities.Length;
        var ready = false;
        workspace.ScoreCount = 0;
        if (UsesScores)
        {
            if (blueprint.Scorer.IsBroken) return Certain(blueprint.Default, Reason.DefaultError, probabilities);
            if (blueprint.Scorer.IsReady)
            {
                if (!scored && !blueprint.Scorer.Score(workspace)) return Certain(blueprint.Default, Reason.DefaultError, probabilities);
                scored = true;
                workspace.ScoreCount = answers.Scores;
                ready = true;
            }
        }
        var model = ready ? blueprint.Scorer.ModelNumber : 0;
        if (_predicts && ready) return new(Reason.Policy, -1, answers.Clamp(workspace.ScoreBuffer[0]), model);
        if (_rule is not null)
        {
            var chosen = _rule.OptionOf(workspace.Served);
            probabilities.Fill(_explore / probabilities.Length);
            probabilities[chosen] += 1 - _explore;
            return new(default, chosen, double.NaN, 0);
        }
        if (_bandit is not null) return new(default, _bandit.Distribute(workspace, probabilities), double.NaN, 0);
        if (_policy is null) return Certain(_fixed, _fixedReason, probabilities);
        var preferred = _policy.Distribute(workspace.Scores, probabilities);
        return new(_policy.AnswersDefault(workspace.Scores) ? Reason.DefaultNoModel : default, preferred, double.NaN, model);
    }

    private static Verdict Certain(Answer answer, Reason reason, Span<double> probabilities)
    {
        probabilities.Clear();
        if (answer.Option >= 0) probabilities[answer.Option] = 1;
        return new(reason, answer.Option, answer.Value, 0, answer.Configuration);
    }
}
