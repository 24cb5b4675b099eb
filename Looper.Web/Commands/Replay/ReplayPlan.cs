using System.Collections.Immutable;

namespace Looper.Web.Commands.Replay;

/// <summary>Which columns of a file mean what, and how fast to send them.</summary>
public sealed record ReplayPlan
{
    public required Uri Server { get; init; }
    public required string ApiKey { get; init; }
    public required string DecisionPoint { get; init; }

    /// <summary>Column that names the unit; null takes <c>row-N</c>.</summary>
    public string? UnitColumn { get; init; }

    public ImmutableArray<string> FeatureColumns { get; init; } = [];
    public ImmutableArray<string> OutcomeColumns { get; init; } = [];

    /// <summary>Column with the option that was really shown. Outcomes are then reported only where the decision is the same
    /// (replay by matching: Li, Chu, Langford &amp; Wang 2011). Null reports them always.</summary>
    public string? OptionColumn { get; init; }

    /// <summary>First row to send, from 0.</summary>
    public int Skip { get; init; }

    /// <summary>How many rows to send at most.</summary>
    public int Take { get; init; } = int.MaxValue;

    /// <summary>Rows a second; null as fast as the server answers.</summary>
    public double? Rate { get; init; }

    /// <summary>Calls under way at once.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Begins every decision id: the same run repeated changes nothing.</summary>
    public required string Run { get; init; }
}

/// <summary>What a replay did.</summary>
/// <param name="Matched">Decisions equal to the option in the file; all, where the file names none.</param>
/// <param name="Refused">Calls refused for good, by code.</param>
public sealed record ReplayResult(int Rows, int Decided, int Matched, int Observed, ImmutableSortedDictionary<string, int> Refused, TimeSpan Elapsed);
