using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Looper.Core.Blueprints;
using Looper.Core.Events.Sqlite;
using Looper.Core.Serving;

namespace Looper.Core.Events;

/// <summary>Which units to read for a report.</summary>
public sealed record ExposureQuery(Guid DecisionPointId, Guid ExperimentId, ImmutableArray<Outcome> Outcomes)
{
    /// <summary>Further numbers per unit; their values come after those of the outcomes.</summary>
    public ImmutableArray<Measure> Measures { get; init; } = [];

    /// <summary>Any decision exposes, inside an experiment or not: for what units are like before one.</summary>
    public bool AnyDecision { get; init; }

    /// <summary>A unit counts once in each slot of time, with what its decisions there brought and with observations of the unit made in it; decisions of
    /// the burn-in count for nothing. Null counts a unit once.</summary>
    public TimeSlots? Slots { get; init; }

    /// <summary>Moments, rising, at which a unit may have moved to another arm: what it decided after the first of them past its exposure counts for
    /// nothing, in every arm alike.</summary>
    public ImmutableArray<DateTimeOffset> Moves { get; init; } = [];

    /// <summary>What the units may take in memory while they are folded, and again what single observations kept of them may; more of them take further passes
    /// over the decisions.</summary>
    internal long MostBytes { get; init; } = 320L << 20;

    /// <summary>Exposures from this time on: the start of the experiment; null looks at every decision.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Exposures before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The moment at which windows count as open or closed; null takes the present. Observations received later are left out.</summary>
    public DateTimeOffset? AsOf { get; init; }
}

/// <summary>A unit of an experiment, once.</summary>
/// <param name="Decision">The unit's first decision in the experiment: its exposure. Arm, time and features as served are in it.</param>
/// <param name="Values">One per outcome and then one per measure, folded over the outcome's window from the exposure, over all the unit's decisions on this
/// decision point; the outcome's value when absent; NaN while the window is open, and when nothing came and absence means unknown.</param>
/// <param name="SoFar">One per outcome: the fold of what has come until now; NaN when nothing has.</param>
/// <param name="Closed">One per outcome: its window is over.</param>
/// <param name="Decisions">Decisions of the unit in the experiment.</param>
/// <param name="SawOtherArms">A later decision of the unit was in another arm: a fault of assignment.</param>
public sealed record ExposedUnit(
    DecisionRecord Decision, ImmutableArray<double> Values, ImmutableArray<double> SoFar, ImmutableArray<bool> Closed,
    int Decisions, bool SawOtherArms)
{
    /// <summary>Single observations in time order, by number of the value they belong to; empty where no measure keeps any.</summary>
    public ImmutableArray<ImmutableArray<KeptEvent>> Events { get; init; } = [];
}

/// <summary>One row per unit of an experiment, ordered by exposure. Memory is bounded.</summary>
public sealed class ExposureReader(JournalOptions options, CorruptRecords corrupt, TimeProvider clock)
{
    public async IAsyncEnumerable<ExposedUnit> ReadAsync(ExposureQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var fold = await Task.Run(() => new ExposureFold(options, query, clock.GetUtcNow(), corrupt, cancel), cancel);
        var reading = Task.Run(fold.Read, CancellationToken.None);
        try
        {
            while (await reading is { Count: > 0 } units)
            {
                reading = Task.Run(fold.Read, CancellationToken.None); // while these are looked at
                foreach (var unit in units)
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return unit;
                }
            }
        }
        finally
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The arm of each unit of an experiment, by the unit's hash: that of its first decision in it.</summary>
    public Task<IReadOnlyDictionary<long, int>> ArmsAsync(Guid decisionPointId, Guid experimentId, DateTimeOffset? from, CancellationToken cancel) =>
        Task.Run(() => ExposureFold.Arms(options, decisionPointId, experimentId, from, corrupt, cancel), cancel);
}
