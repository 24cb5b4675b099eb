using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Looper.Core.Decisions.Import;

/// <summary>Which column of a file of past decisions means what.</summary>
public sealed record ImportMapping
{
    /// <summary>Key of a published decision point.</summary>
    public required string DecisionPoint { get; init; }

    /// <summary>Column with the option that was chosen, or the number for <c>value</c>.</summary>
    public required string Option { get; init; }

    /// <summary>Text in the file → option key, where they differ.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Column that names the unit; null makes each row a unit of its own.</summary>
    public string? Unit { get; init; }

    /// <summary>Column with the time, RFC 3339 or Unix seconds; null puts the rows one millisecond apart, in their order, before the decision point was made.</summary>
    public string? Time { get; init; }

    /// <summary><c>uniform</c> where each option had the same chance, or the column with the chance of the option chosen; null where it is not known.</summary>
    public string? Propensity { get; init; }

    /// <summary>Feature → column; null takes the columns that are named like features.</summary>
    public ImmutableSortedDictionary<string, string>? Features { get; init; }

    /// <summary>Outcome → column; null takes the columns that are named like outcomes.</summary>
    public ImmutableSortedDictionary<string, string>? Outcomes { get; init; }

    /// <summary>Makes the rows a past experiment with the options as arms.</summary>
    public PastExperiment? Experiment { get; init; }
}

/// <param name="Baseline">Option key of the arm to compare with; null takes the blueprint's baseline.</param>
/// <param name="PrimaryOutcome">Null takes the first goal term.</param>
public sealed record PastExperiment(string Key, string Name, string? Baseline = null, string? PrimaryOutcome = null);

/// <summary>What an import did, or would do.</summary>
/// <param name="Stored">Decisions that are new.</param>
/// <param name="Replayed">Decisions that were there from an earlier run of the same file.</param>
/// <param name="Outcomes">Outcomes of the rows that are in the journal now, whether new or not.</param>
/// <param name="Refused">Rows with a fault; the first are in <paramref name="Faults"/>, all of them counted in <paramref name="Reasons"/>, most frequent first.</param>
/// <param name="OutcomesReplayed">Those of <paramref name="Outcomes"/> that were there from an earlier run of the same file.</param>
public sealed record ImportResult(
    long Rows, long Stored, long Replayed, long Outcomes, long Refused, ImmutableArray<ImportFault> Faults, DateTimeOffset? From, DateTimeOffset? Until,
    ImmutableArray<ImportReason> Reasons, long OutcomesReplayed = 0)
{
    public string InWords => FormattableString.Invariant(
        $"{Rows:#,0} rows: {Stored:#,0} decisions imported, {Replayed:#,0} there already, {Refused:#,0} refused; {Outcomes - OutcomesReplayed:#,0} outcomes imported, {OutcomesReplayed:#,0} there already.");
}

/// <summary>All rows that were refused for one reason.</summary>
/// <param name="Reason">As of a fault, with what the row said left open.</param>
/// <param name="Lines">The first of them.</param>
public sealed record ImportReason(string Field, string Reason, long Rows, ImmutableArray<long> Lines)
{
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Field}: {Reason} Rows: {Rows:#,0}, first lines: {string.Join(", ", Lines)}.");
}

/// <param name="Line">In the file; the header is line 1.</param>
/// <param name="Field">What the column stands for: <c>option</c>, <c>features.recency</c>.</param>
public sealed partial record ImportFault(long Line, string Field, string Reason)
{
    public override string ToString() => $"Line {Line}, {Field}: {Reason}";

    /// <summary>Without what the row said: for what everyone may read, or what outlives the row.</summary>
    public ImportFault Masked() => this with { Reason = Quoted().Replace(Reason, "`…`") };

    // What a row said stands between backticks.
    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Quoted();
}
