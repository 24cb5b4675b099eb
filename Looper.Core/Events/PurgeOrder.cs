namespace Looper.Core.Events;

/// <summary>What has become too old to keep.</summary>
/// <param name="PointsBefore">Decisions of the point before this moment go, with the observations that name them.</param>
/// <param name="OthersBefore">The same for points not listed; and observations received before it that name a unit, or a decision that is not here.</param>
public sealed record PurgeOrder(IReadOnlyDictionary<Guid, DateTimeOffset> PointsBefore, DateTimeOffset OthersBefore);
