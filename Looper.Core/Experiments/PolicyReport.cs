using System.Collections.Immutable;

namespace Looper.Core.Experiments;

/// <summary>Which decisions to judge policies on, and by what.</summary>
/// <param name="Outcome">Null takes the first goal.</param>
/// <param name="From">Decisions from this time on.</param>
/// <param name="Until">Decisions before this time.</param>
/// <param name="BlueprintVersion">Only decisions of this version; null any.</param>
public sealed record PolicyQuestion(string? Outcome = null, DateTimeOffset? From = null, DateTimeOffset? Until = null, int? BlueprintVersion = null);

/// <summary>What each policy would have earned a decision, on the same logged decisions.</summary>
public sealed record PolicyReport
{
    public required string DecisionPoint { get; init; }
    public required string Outcome { get; init; }
    public required PolicyQuestion Question { get; init; }
    public required DateTimeOffset DataUntil { get; init; }
    public double Level { get; init; } = 0.95;
    public string? UnitOfMeasure { get; init; }

    /// <summary>A rate of yes/no values rather than a mean.</summary>
    public bool IsRate { get; init; }

    public bool LowerIsBetter { get; init; }

    /// <summary>Time of the first and last decision used; null without any.</summary>
    public DateTimeOffset? FirstAt { get; init; }

    public DateTimeOffset? LastAt { get; init; }

    /// <summary>Decisions used: drawn by lot with a known propensity, outcome known. One for an option that is gone is among them, and weighs nothing in policies that do not give it.</summary>
    public required long Decisions { get; init; }

    public required long Units { get; init; }

    /// <summary>There were more whose outcome is certain: the newest <see cref="PolicyValueQueries.MostDecisions"/> were looked at.</summary>
    public bool IsNewest { get; init; }

    /// <summary>Not used: the answer was forced, a default or a baseline outside the rollout.</summary>
    public long LeftOut { get; init; }

    /// <summary>Not used: the propensity is unknown (imported decisions).</summary>
    public long WithoutPropensity { get; init; }

    /// <summary>Not used: the outcome is unknown, its window is open, or the version did not have it as it is now.</summary>
    public long WithoutOutcome { get; init; }

    /// <summary>Not used: of an experiment whose lot was drawn for groups of units or slots of time, which a value by unit would take for far more than they are.</summary>
    public long DrawnInGroups { get; init; }

    public required ImmutableArray<PolicyRow> Policies { get; init; }
}

public enum PolicyKind
{
    /// <summary>What was answered in fact.</summary>
    Served,

    /// <summary>The option the logged predictions preferred, without exploration.</summary>
    BestPredicted,

    Random,
    Constant,
}

public enum Overlap
{
    Good,
    Thin,
    None,
}

/// <summary>One policy on these decisions.</summary>
public sealed record PolicyRow
{
    public required PolicyKind Kind { get; init; }

    /// <summary>Option of a constant policy; null otherwise.</summary>
    public string? Option { get; init; }

    public required string Name { get; init; }

    /// <summary>Self-normalised; the headline.</summary>
    public required ValueFigures Snips { get; init; }

    public required ValueFigures Ips { get; init; }

    /// <summary>Against what was served, decision by decision.</summary>
    public required ValueFigures Change { get; init; }

    public required double EffectiveDecisions { get; init; }
    public required double LargestWeight { get; init; }
    public required double MeanWeight { get; init; }
    public required Overlap Overlap { get; init; }

    /// <summary>Why no value is given; null when one is.</summary>
    public string? Refused { get; init; }
}

public sealed record ValueFigures(double Value, double StandardError, double Low, double High, string Method)
{
    public static ValueFigures Undefined(string method) => new(double.NaN, double.NaN, double.NaN, double.NaN, method);
}
