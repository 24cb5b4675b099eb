namespace Looper.Client;

/// <summary>What became of observations, or of decisions made in this process. Taken = delivered + waiting + dropped as refused, overflow or closed after they were taken.</summary>
/// <param name="Taken">Those that were taken, and those that an earlier client left in the spool.</param>
/// <param name="Delivered">Looper has them on disk.</param>
/// <param name="Waiting">In memory or the spool.</param>
/// <param name="Dropped">Given up, by reason.</param>
public sealed record LooperCounters(long Taken, long Delivered, long Waiting, DroppedObservations Dropped);

/// <summary>Those that were given up.</summary>
/// <param name="Refused">Looper refused them.</param>
/// <param name="Overflow">They were the oldest when more waited than may. One whose request was under way may have arrived all the same.</param>
/// <param name="Fallback">Never taken: of a decision that was a fallback, which Looper knows nothing of.</param>
/// <param name="Invalid">Never taken: not usable.</param>
/// <param name="Closed">Still waiting in memory when the client closed, or offered afterwards.</param>
public sealed record DroppedObservations(long Refused, long Overflow, long Fallback, long Invalid, long Closed);
