using System.Collections.Immutable;

namespace Looper.Web.Commands.Effects;

/// <summary>What <c>effects</c> was asked to do.</summary>
internal sealed record EffectsPlan
{
    public required string Data { get; init; }
    public required string Treatment { get; init; }
    public required string Control { get; init; }
    public required string Outcome { get; init; }
    public required string Learner { get; init; }
    public required string Out { get; init; }
    public required string Report { get; init; }
    public string? Propensity { get; init; }
    public ImmutableArray<string> Features { get; init; } = [];
    public string? SplitColumn { get; init; }
    public string Train { get; init; } = "train";
    public string Test { get; init; } = "test";
    public string? TestRows { get; init; }
    public ImmutableArray<string> Categorical { get; init; } = [];
    public ImmutableArray<string> Numeric { get; init; } = [];
    public ImmutableArray<string> Drop { get; init; } = [];
    public double Cost { get; init; }

    /// <summary>Of the outcome: the rule then treats where it falls. Effects are told as they are.</summary>
    public bool LowerIsBetter { get; init; }

    public long Seed { get; init; } = 1;
    public int Threads { get; init; } = Environment.ProcessorCount;
}
