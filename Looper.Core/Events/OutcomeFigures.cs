using System.Collections.Immutable;
using Looper.Core.Serving;

namespace Looper.Core.Events;

/// <param name="Examples">Decisions read.</param>
public sealed record OutcomeFigures(long Examples, ImmutableArray<OutcomeFigure> Outcomes);

/// <param name="Closed">Decisions whose window for this outcome is over.</param>
/// <param name="Joined">Of those, decisions with at least one observation inside the window.</param>
/// <param name="Open">Decisions whose window is still open.</param>
/// <param name="Late">Observations that name their decision and came after its window: they do not count.</param>
/// <param name="Delays">How long after the decision its first observation came, in buckets that double from one second.</param>
/// <param name="ByOption">Mean over closed decisions with a known value, per version and option; where places of rankings were asked for, per version and place.</param>
/// <param name="ByReason">The same per reason.</param>
public sealed record OutcomeFigure(
    string Outcome, long Closed, long Joined, long Open, long Late,
    ImmutableArray<DelayCount> Delays, ImmutableArray<OptionMean> ByOption, ImmutableArray<ReasonMean> ByReason)
{
    /// <summary>Share of closed decisions that were joined; NaN without closed ones.</summary>
    public double JoinRate => Closed == 0 ? double.NaN : (double)Joined / Closed;
}

/// <param name="UpTo">Upper end of the bucket, inclusive.</param>
public readonly record struct DelayCount(TimeSpan UpTo, long Decisions);

/// <param name="Version">Of the blueprint that decided.</param>
/// <param name="Option">Index among the options of that version, or place of a ranking.</param>
/// <param name="Mean">NaN without decisions.</param>
/// <param name="Variance">Sample variance; NaN below two decisions.</param>
public readonly record struct OptionMean(int Version, int Option, long Decisions, double Mean, double Variance);

/// <param name="Mean">NaN without decisions.</param>
/// <param name="Variance">Sample variance; NaN below two decisions.</param>
public readonly record struct ReasonMean(Reason Reason, long Decisions, double Mean, double Variance);
