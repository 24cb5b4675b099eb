using System.Collections.Immutable;

namespace Looper.Core.Models;

/// <summary>Why a model was, or was not, promoted: every rule with what it needed and what it found.</summary>
/// <param name="JudgedAt">When the rule looked.</param>
/// <param name="Comparison">Names what the candidate was compared with, and on what.</param>
public sealed record Evidence(DateTimeOffset JudgedAt, string Comparison, ImmutableArray<EvidenceLine> Lines, bool Holds, string Verdict)
{
    public static Evidence None { get; } = new(default, "", [], false, "");
}

/// <param name="Rule">In words.</param>
/// <param name="Needed">What must hold.</param>
/// <param name="Candidate">What was found.</param>
/// <param name="Live">The same of the live model; empty where it has none.</param>
public sealed record EvidenceLine(string Rule, string Needed, string Candidate, string Live, bool Holds);
