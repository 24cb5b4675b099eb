namespace Looper.Core.Events;

/// <summary>Reads the journal for people: single decisions, lists, counts. Its connections cannot write.</summary>
public sealed class EventReader(JournalOptions options, TimeProvider clock)
{
    internal (JournalOptions, TimeProvider) Parts => (options, clock);

    public Task<DecisionRecord?> FindDecisionAsync(string id, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>The decision with every observation that names it, or names its unit at its time or later; oldest first.</summary>
    public Task<DecisionTrail?> FindTrailAsync(string id, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Newest first.</summary>
    /// <param name="after">The <see cref="EventPage{T}.Next"/> of the page before; null for the first.</param>
    public Task<EventPage<DecisionRecord>> DecisionsAsync(DecisionFilter filter, string? after, int take, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Observations as they came in, newest first, of all decision points.</summary>
    public Task<EventPage<ObservationRecord>> ObservationsAsync(ObservationFilter filter, string? after, int take, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>Decisions and outcomes per hour, oldest first; hours without any are left out. Up to a second old.</summary>
    public Task<IReadOnlyList<HourCount>> HoursAsync(Guid decisionPointId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>How often each option was chosen, by reason. Up to a second old; whole hours.</summary>
    public Task<IReadOnlyList<OptionCount>> OptionsAsync(Guid decisionPointId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>How many observations of each outcome came in for the decision point. Up to a second old; whole hours of receipt.</summary>
    public Task<IReadOnlyList<OutcomeCount>> OutcomesAsync(Guid decisionPointId, DateTimeOffset from, DateTimeOffset until, CancellationToken cancel) => throw new NotImplementedException();
}
