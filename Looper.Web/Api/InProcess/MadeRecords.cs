using Looper.Core.Events;

namespace Looper.Web.Api.InProcess;

/// <summary>Whether a decision came again, or another one under its id: the hash that a record keeps is of the call alone, so that it is the one that a call to decide would have left.</summary>
internal static class MadeRecords
{
    /// <param name="stored">Has the same call.</param>
    /// <param name="time">As it was sent: <paramref name="sent"/> has none that is ahead of the clock, which may have been set back since.</param>
    public static bool AreSame(DecisionRecord stored, DecisionRecord sent, DateTimeOffset time) =>
        stored.DecisionPointId == sent.DecisionPointId && stored.Unit == sent.Unit
        && stored.Time <= time // one that was ahead of the clock counted as then
        && (stored.BlueprintVersion, stored.Option, stored.Reason, stored.ExperimentId, stored.Arm, stored.ModelNumber)
            == (sent.BlueprintVersion, sent.Option, sent.Reason, sent.ExperimentId, sent.Arm, sent.ModelNumber)
        && stored.Value.Equals(sent.Value) && stored.Propensity.Equals(sent.Propensity)
        && stored.Served.Span.SequenceEqual(sent.Served.Span) && stored.Configuration.Span.SequenceEqual(sent.Configuration.Span)
        && stored.Scores.AsSpan().SequenceEqual(sent.Scores.AsSpan());
}
