namespace Looper.Core.Events;

/// <summary>An erasure of a unit, noted in the journal from before its first row goes until its receipt is stored: one that is cut off is ended later,
/// and counted as one. Names the unit by hashes only.</summary>
/// <param name="Id">Of the receipt too.</param>
/// <param name="KeyedHash">What the receipt calls the unit.</param>
/// <param name="Removed">So far; committed together with what it counts.</param>
public sealed record NotedErasure(Guid Id, string AskedBy, string KeyedHash, RemovalOrder Order, Removed Removed = default);
