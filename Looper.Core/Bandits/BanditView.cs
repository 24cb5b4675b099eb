using System.Collections.Immutable;

namespace Looper.Core.Bandits;

/// <summary>What a bandit has learned and done, as people read it.</summary>
/// <param name="Algorithm">As the blueprint names it.</param>
/// <param name="Explore">Share drawn evenly whatever was learned.</param>
/// <param name="Budget">Exploration budget; null for none.</param>
/// <param name="Window">How long a decision's outcomes are waited for: as long is what was learned behind.</param>
/// <param name="Version">Blueprint version it serves; it was learned for <paramref name="LearnedVersion"/>.</param>
/// <param name="LearnedAt">Null while too little is known.</param>
/// <param name="LearnedUntil">Decisions before this moment are in it: later ones still wait for their outcomes.</param>
/// <param name="Decisions">Rewarded decisions it rests on.</param>
/// <param name="Needed">Rewarded decisions from which on it learns.</param>
/// <param name="Explored">Share of the decisions of the <paramref name="Steps"/> of the last week that were not what was believed to be best, of rankings of the places shown; null without any.</param>
public sealed record BanditView(
    string Key, string Algorithm, double Explore, double? Budget, TimeSpan Window, int Version, int? LearnedVersion, DateTimeOffset? LearnedAt, DateTimeOffset? LearnedUntil, long Decisions, int Needed, double? Explored,
    ImmutableArray<BanditOption> Options, ImmutableArray<BanditStep> Steps)
{
    /// <summary>Key of the experiment whose arm it is, learning from its own decisions alone; null where it is the policy of the current version.</summary>
    public string? Experiment { get; init; }

    /// <summary>Key of that arm.</summary>
    public string? Arm { get; init; }

    /// <summary>How it stands with each guardrail of its goal, as last learned; without a figure before. Empty where the goal has none.</summary>
    public ImmutableArray<GuardrailFigure> Guardrails { get; init; } = [];

    /// <summary>The goal is one yes-or-no outcome: means of it are shares.</summary>
    public bool GoalIsRate { get; init; }

    /// <summary>Unit of the goal where all that it is made of have the same.</summary>
    public string? GoalUnit { get; init; }

    /// <summary>The candidates of each call are chosen among: the options are those picked, or placed first, most of late, and no chance of being best is told.</summary>
    public bool Picks { get; init; }

    /// <summary>An order of them is answered.</summary>
    public bool Ranks { get; init; }

    /// <summary>Of a ranking, whose options are those placed first most of late: what its places bring, from the first. Empty for other shapes, and while too little is known.</summary>
    public ImmutableArray<PlaceEffect> Places { get; init; } = [];

    /// <summary>Option that guardrails are measured against; null where the goal has none.</summary>
    public string? Baseline { get; init; }

    /// <summary>Share of decisions that guardrails leave to the baseline, now; null where the goal has none.</summary>
    public double? Held { get; init; }
}

/// <param name="Decisions">Rewarded decisions that were answered with it.</param>
/// <param name="MeanReward">Mean goal of those: of a goal of one outcome that outcome's own mean, also where less of it is better; null without any. Units differ between options: it is no comparison of them.</param>
/// <param name="ChanceOfBest">How likely it is to be the best, on average over the newest rows; null before the first learning.</param>
public sealed record BanditOption(string Key, double Decisions, double? MeanReward, double? ChanceOfBest);

/// <param name="First">The place, from 1; places far down share one effect.</param>
/// <param name="Last">The last of those that share it.</param>
/// <param name="Effect">What a candidate brings here, over what the same one brings at the first place.</param>
/// <param name="Shown">Candidates shown here that were learned from.</param>
public sealed record PlaceEffect(int First, int Last, double Effect, double Shown);
