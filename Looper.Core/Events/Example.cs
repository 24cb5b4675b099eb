using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Events;

/// <summary>Which decisions to join with which outcomes.</summary>
public sealed record ExampleQuery(Guid DecisionPointId, ImmutableArray<Outcome> Outcomes)
{
    /// <summary>Decisions from this time on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Decisions before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The moment at which windows count as open or closed; null takes the present. Observations received later are left out.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Leave out decisions for which some window is still open.</summary>
    public bool ClosedOnly { get; init; }

    /// <summary>At most this many, the newest ones; null for all.</summary>
    public int? Newest { get; init; }

    /// <summary>Also join each place of a ranking with what was observed for the candidate that stood there.</summary>
    public bool ByPlace { get; init; }

    /// <summary>Decisions before this moment are read.</summary>
    internal DateTimeOffset EndAt(DateTimeOffset now)
    {
        var end = Until ?? DateTimeOffset.MaxValue;
        if (!ClosedOnly || Outcomes.IsEmpty) return end;
        var closed = (AsOf ?? now) - Outcomes.Max(o => o.Window) + TimeSpan.FromTicks(1);
        return closed < end ? closed : end;
    }
}

/// <summary>A decision joined with its outcomes.</summary>
/// <param name="Values">One per outcome asked for: the folded value, or the outcome's value when absent; NaN while its window is
/// open, and when nothing came and absence means unknown.</param>
/// <param name="SoFar">One per outcome: the fold of what has come within the window until now; NaN when nothing has.</param>
/// <param name="Closed">One per outcome: its window is over.</param>
/// <param name="Late">Observations of these outcomes that came after their window, and do not count.</param>
public sealed record Example(
    DecisionRecord Decision, ImmutableArray<double> Values, ImmutableArray<double> SoFar, ImmutableArray<bool> Closed, int Late)
{
    /// <summary>Every window is over: the example will not change any more, but for late arrivals inside a window.</summary>
    public bool IsClosed => !Closed.Contains(false);

    /// <summary>One per place of a ranking that was drawn, from the first, where that was asked for; else empty.</summary>
    public ImmutableArray<PlaceOutcomes> Places { get; init; } = [];
}

/// <summary>What was observed for the candidate at one place of a ranking. Observations of the decision as a whole, or of its unit, count for none.</summary>
/// <param name="Values">As <see cref="Example.Values"/>.</param>
/// <param name="SoFar">As <see cref="Example.SoFar"/>.</param>
public readonly record struct PlaceOutcomes(ImmutableArray<double> Values, ImmutableArray<double> SoFar);
