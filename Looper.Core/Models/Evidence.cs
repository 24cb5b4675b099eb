using System.Collections.Immutable;

namespace Looper.Core.Models;

/// <summary>Why a model was, or was not, promoted: every rule with what it needed and what it found.</summary>
/// <param name="JudgedAt">When the rule looked.</param>
/// <param name="Comparison">Names what the candidate was compared with, and on what.</param>
public sealed record Evidence(DateTimeOffset JudgedAt, string Comparison, ImmutableArray<EvidenceLine> Lines, bool Holds, string Verdict)
{
    public static Evidence None { get; } = new(default, "", [], false, "");

    internal static Evidence Of(DateTimeOffset at, string comparison, ImmutableArray<EvidenceLine> lines)
    {
        var missing = lines.Where(l => !l.Holds).Select(l => l.Rule).ToList();
        return new(at, comparison, lines, missing.Count == 0, missing.Count == 0 ? "The rule holds." : $"Missing: {string.Join("; ", missing)}.");
    }
}

/// <param name="Rule">In words.</param>
/// <param name="Needed">What must hold.</param>
/// <param name="Candidate">What was found.</param>
/// <param name="Live">The same of the live model; empty where it has none.</param>
public sealed record EvidenceLine(string Rule, string Needed, string Candidate, string Live, bool Holds)
{
    /// <summary>The figure behind <see cref="Candidate"/>; NaN where the rule has none.</summary>
    public double Value { get; init; } = double.NaN;

    /// <summary>Its 95 % interval, units counted once; NaN where there is none.</summary>
    public double Low { get; init; } = double.NaN;

    public double High { get; init; } = double.NaN;

    /// <summary>What the figure, or the end of its interval that counts, was held against.</summary>
    public double Limit { get; init; } = double.NaN;

    /// <summary>Rows it rests on; 0 where it rests on none.</summary>
    public int Rows { get; init; }
}
