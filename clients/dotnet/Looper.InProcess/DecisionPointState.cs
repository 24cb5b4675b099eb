namespace Looper.InProcess;

/// <summary>How a decision point is decided now.</summary>
/// <param name="DecisionPoint">Its key.</param>
/// <param name="IsDecidedHere">False where Looper is asked for each decision.</param>
/// <param name="BlueprintVersion">The version that decides here; null where none does.</param>
/// <param name="Age">How long ago Looper said that the snapshot is current; null where it has not since this process began.</param>
/// <param name="IsStale">Looper has not said so for too long: answers say <c>stale</c>.</param>
/// <param name="Problem">Why it is not decided here, or its snapshot is not refreshed or not kept, in a sentence; null where all is well.</param>
public sealed record DecisionPointState(string DecisionPoint, bool IsDecidedHere, int? BlueprintVersion, TimeSpan? Age, bool IsStale, string? Problem);
