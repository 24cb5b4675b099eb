using System.Collections.Immutable;
using Looper.Core.Learning;

namespace Looper.Web.Commands.Learn;

/// <summary>What <c>learn</c> was asked to do.</summary>
internal sealed record LearnPlan
{
    public required string Data { get; init; }
    public required string Label { get; init; }
    public required Objective Objective { get; init; }
    public required string Out { get; init; }
    public required string Report { get; init; }
    public double Quantile { get; init; } = 0.5;
    public string? SplitColumn { get; init; }
    public string Train { get; init; } = "train";
    public string Test { get; init; } = "test";
    public string? TestRows { get; init; }
    public ImmutableArray<string> Categorical { get; init; } = [];
    public ImmutableArray<string> Numeric { get; init; } = [];
    public ImmutableArray<string> Drop { get; init; } = [];
    public double BudgetSeconds { get; init; }
    public int? Trees { get; init; }
    public int? Leaves { get; init; }
    public double? LearningRate { get; init; }
    public long Seed { get; init; } = 1;
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>Arguments or data admit no model; the message is the one line that the user sees.</summary>
internal sealed class LearnFault(string message) : Exception(message);
