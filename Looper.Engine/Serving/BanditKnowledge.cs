using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>What bandits of one blueprint are made of.</summary>
/// <param name="State">What was learned at the decision point; null for nothing.</param>
/// <param name="RewardRange">See <see cref="RangeOf"/>.</param>
/// <param name="Guardrails">The goal's guardrails: see <see cref="BanditGuarding.MeaningsOf"/>.</param>
/// <param name="Baseline">Index of the option that harm is measured against.</param>
internal readonly record struct BanditKnowledge(BanditState? State, double RewardRange, ImmutableArray<string> Guardrails = default, int Baseline = 0)
{
    /// <summary>Rewarded decisions before which nothing counts as learned.</summary>
    public const int FewestRewards = 50;

    /// <summary>For the bandits of a blueprint.</summary>
    /// <param name="answers">Its options.</param>
    /// <param name="state">What was learned.</param>
    public static BanditKnowledge Of(BlueprintContent content, AnswerSet answers, BanditState? state) =>
        new(state, RangeOf(content), BanditGuarding.MeaningsOf(content), BaselineOf(content, answers));

    /// <summary>Index of the option of the baseline; of the default where none is named.</summary>
    public static int BaselineOf(BlueprintContent content, AnswerSet answers) => Math.Max(0, answers.Parse(content.Rollout.Baseline ?? content.Default)?.Option ?? 0);

    /// <summary>Where every outcome of the goal is yes or no the rewards' range is known; elsewhere NaN, and it is learned.</summary>
    public static double RangeOf(BlueprintContent content) =>
        content.Goal.Terms.All(t => content.Outcomes.Any(o => o.Name == t.Outcome && o.Kind == OutcomeKind.Boolean)) ? content.Goal.Terms.Sum(t => t.Weight) : double.NaN;

    public static BanditSettings SettingsOf(BanditPolicy policy, double rewardRange) => new()
    {
        Algorithm = BanditAlgorithms.Find(policy.Algorithm) ?? new BanditSettings().Algorithm, Explore = policy.Explore, RewardRange = rewardRange,
    };

    /// <summary>The rule that serves. One whose guardrails were not learned of gives the baseline.</summary>
    /// <param name="default">Index of the option that is answered most while nothing is known, where there is a budget.</param>
    public BanditRule Rule(BanditPolicy policy, ImmutableArray<string> options, ImmutableArray<Feature> features, int @default)
    {
        var isGuarded = !Guardrails.IsDefaultOrEmpty;
        var state = isGuarded ? State : State is null ? null : State with { Guards = null };
        if (isGuarded && !(state?.Guards is { } known && known.IsFor(Guardrails, options[Baseline]))) state = null;
        var bandit = state?.Compile(SettingsOf(policy, RewardRange), options);
        if (bandit is null) return isGuarded ? BanditRule.Cautious(policy, options.Length, Baseline) : BanditRule.Untaught(policy, @default);
        var held = state!.Guards is { Share: < 1 } guards ? BaselineShare.Of(policy.Explore, options.Length, Baseline, 1 - guards.Share) : null;
        return BanditRule.Of(policy, state.Design, new(state.Design.Columns, features, options), bandit, held);
    }
}
