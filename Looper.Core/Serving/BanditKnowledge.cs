using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>What bandits of one blueprint are made of.</summary>
/// <param name="State">What was learned at the decision point; null for nothing.</param>
/// <param name="RewardRange">See <see cref="RangeOf"/>.</param>
internal readonly record struct BanditKnowledge(BanditState? State, double RewardRange)
{
    /// <summary>Rewarded decisions before which nothing counts as learned.</summary>
    public const int FewestRewards = 50;

    /// <summary>Where every outcome of the goal is yes or no the rewards' range is known; elsewhere NaN, and it is learned.</summary>
    public static double RangeOf(BlueprintContent content) =>
        content.Goal.Terms.All(t => content.Outcomes.Any(o => o.Name == t.Outcome && o.Kind == OutcomeKind.Boolean)) ? content.Goal.Terms.Sum(t => t.Weight) : double.NaN;

    public static BanditSettings SettingsOf(BanditPolicy policy, double rewardRange) => new()
    {
        Algorithm = BanditAlgorithms.Find(policy.Algorithm) ?? new BanditSettings().Algorithm, Explore = policy.Explore, RewardRange = rewardRange,
    };

    /// <summary>The rule that serves.</summary>
    /// <param name="default">Index of the option that is answered most while nothing is known, where there is a budget.</param>
    public BanditRule Rule(BanditPolicy policy, ImmutableArray<string> options, ImmutableArray<Feature> features, int @default)
    {
        var bandit = State?.Compile(SettingsOf(policy, RewardRange), options);
        return bandit is null ? BanditRule.Untaught(policy, @default) : BanditRule.Of(policy, State!.Design, new(State.Design.Columns, features, options), bandit);
    }
}
