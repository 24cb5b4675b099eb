using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>What a snapshot is compiled from, as plain values: read from the database, written to disk, never used to decide.</summary>
public sealed record SnapshotSource(DateTimeOffset ReadAt, ImmutableArray<PointSource> Points);

/// <param name="Blueprints">The current version and those named by running arms.</param>
/// <param name="Versions">The words of every version that can be read.</param>
/// <param name="Models">Live ones.</param>
public sealed record PointSource(
    Guid Id,
    string Key,
    long Salt,
    int CurrentVersion,
    bool IsPaused,
    bool IsArchived,
    bool IsSimulated,
    ImmutableArray<BlueprintSource> Blueprints,
    ImmutableArray<VersionWords> Versions,
    ImmutableArray<ModelSource> Models,
    ImmutableArray<ExperimentSource> Experiments)
{
    /// <summary>What the bandit of its current version has learned, in the format of <c>Learning.Bandits</c>; empty for nothing.</summary>
    public ReadOnlyMemory<byte> Bandit { get; init; }

    /// <summary>What versions that serve no more asked for, where a decision of theirs may still wait for it.</summary>
    public ImmutableArray<AskedOutcome> FormerOutcomes { get; init; } = [];
}

public readonly record struct AskedOutcome(string Name, OutcomeKind Kind);

/// <param name="Content">JSON of a <see cref="BlueprintContent"/>.</param>
public sealed record BlueprintSource(int Version, string Content);

/// <summary>What an option index of a version means.</summary>
public sealed record VersionWords(int Version, DecisionShape Shape, ImmutableArray<string> Options);

/// <param name="Artefact">In the format of <c>Learning</c>.</param>
public sealed record ModelSource(int Number, string Outcome, ReadOnlyMemory<byte> Artefact);

/// <param name="Holdout">Share of units that were held out of the decision point when it started: it takes none of them.</param>
/// <param name="IsRunning">Others are kept for the words of stored answers.</param>
public sealed record ExperimentSource(
    Guid Id, string Key, long Salt, double Traffic, double Holdout, bool IsRunning, DateTimeOffset StartedAt, ImmutableArray<ArmSource> Arms)
{
    /// <summary>Conditions on the context; empty for everyone.</summary>
    public ImmutableArray<AudienceSource> Audience { get; init; } = [];

    /// <summary>Units that get an arm whatever the lot, audience and holdout say.</summary>
    public ImmutableArray<TesterSource> Testers { get; init; } = [];

    /// <summary>Experiments of one layer share one lot and each takes its own piece of it; null draws a lot of its own.</summary>
    public string? Layer { get; init; }

    /// <summary>Where its piece of the layer begins, in [0, 1); it is as long as the traffic.</summary>
    public double LayerFrom { get; init; }

    /// <summary>Feature by whose value arms are given, all units of one value together; null for none.</summary>
    public string? Cluster { get; init; }

    /// <summary>Arms are given to slots of time instead; null for none.</summary>
    public SlotSource? Slots { get; init; }

    /// <summary>Shares that changed since the start, oldest first; empty keeps the arms' own.</summary>
    public ImmutableArray<SharesSource> Shares { get; init; } = [];
}

/// <param name="Minutes">Length of a slot; divides a day.</param>
/// <param name="Region">Feature whose values have slots of their own; null for one lot everywhere.</param>
public sealed record SlotSource(int Minutes, string? Region);

/// <param name="From">They hold from this moment on.</param>
/// <param name="Weights">One per arm.</param>
public sealed record SharesSource(DateTimeOffset From, ImmutableArray<double> Weights);

/// <param name="Arm">Index of the arm.</param>
public sealed record TesterSource(string Unit, int Arm);

/// <summary>At most one of the last three is set; with none, the arm is what the current blueprint does.</summary>
public sealed record ArmSource(string Key, double Weight, string? Option, PolicySpec? Policy, int? BlueprintVersion)
{
    /// <summary>What a bandit that is this arm has learned from the arm's own decisions; empty for nothing.</summary>
    public ReadOnlyMemory<byte> Bandit { get; init; }
}
