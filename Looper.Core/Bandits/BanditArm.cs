using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;

namespace Looper.Core.Bandits;

/// <summary>An arm of a running experiment that is a bandit: it learns from its own decisions alone.</summary>
/// <remarks>Were it taught by the other arms as well, what is measured would be a bandit that nobody could ship: one with the others' data beside its own.</remarks>
/// <param name="Index">Its place in the plan.</param>
public sealed record BanditArm(Guid ExperimentId, int Index, Arm Arm)
{
    /// <summary>No decision before this moment is the arm's; null where that is not known.</summary>
    public DateTimeOffset? Since { get; init; }

    public const int MostCharacters = 32 + 1 + ExperimentRules.MaxKey;

    internal string Name => NameOf(ExperimentId, Arm.Key);

    /// <summary>The name of an arm among what bandits of a decision point have learned.</summary>
    public static string NameOf(Guid experiment, string arm) => $"{experiment:N}/{arm}";

    internal bool Decided(DecisionRecord decision) => decision.ExperimentId == ExperimentId && decision.Arm == Index;

    /// <summary>Version whose rules it follows.</summary>
    internal int VersionAt(int current) => Arm.BlueprintVersion ?? current;

    /// <summary>The blueprint as the arm has it; null where a bandit is no part of it, or it is the current version's own.</summary>
    internal BlueprintContent? ContentOf(IReadOnlyDictionary<int, BlueprintContent> versions, int current) =>
        Arm.BlueprintVersion == current || versions.GetValueOrDefault(VersionAt(current)) is not { } content ? null
        : Arm.BlueprintVersion is not null ? content.Policy is BanditPolicy ? content : null
        : Arm.Policy is BanditPolicy policy ? content with { Policy = policy } : null;
}
