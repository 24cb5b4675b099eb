using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving;

/// <summary>Whether a bandit can be served, asked before anything is published.</summary>
public static class BanditCheck
{
    /// <summary>The first fault; null when there is none.</summary>
    /// <param name="field">Where the policy stands.</param>
    public static Refusal? Fault(BanditPolicy policy, string field) =>
        BanditAlgorithms.Find(policy.Algorithm) is null
            ? new("policy.invalid", $"{field}.algorithm: there is no algorithm '{policy.Algorithm}'. Use one of {string.Join(", ", BanditAlgorithms.Words)}.", $"{field}.algorithm")
        : policy.Explore is not (>= 0 and <= 1) ? new("policy.invalid", $"{field}.explore must lie in [0, 1].", $"{field}.explore")
        : policy.Budget is { } budget && !(budget >= Math.Max(policy.Explore, 0.01) && budget <= 1)
            ? new("policy.invalid", $"{field}.budget must lie between {Math.Max(policy.Explore, 0.01).ToString(CultureInfo.InvariantCulture)} (what is always drawn evenly) and 1. Leave it out for no limit.", $"{field}.budget")
        : null;

    /// <summary>What keeps it from choosing among candidates; null for nothing.</summary>
    /// <inheritdoc cref="Fault"/>
    public static Refusal? FaultOfCandidates(BanditPolicy policy, string field) =>
        BanditAlgorithms.Find(policy.Algorithm) is { } algorithm && !SharedBandit.Takes(algorithm)
            ? new("policy.invalid", $"{field}.algorithm: '{policy.Algorithm}' knows each option by itself, and candidates change from call to call: what is learned is shared by their features. Use linucb, squarecb, thompson, epsilon-greedy or softmax.", $"{field}.algorithm")
        : null;

    /// <summary>Its rewards must be yes or no.</summary>
    public static bool CountsYesAndNo(BanditPolicy policy) => BanditAlgorithms.Find(policy.Algorithm) == BanditAlgorithm.ThompsonBeta;
}
