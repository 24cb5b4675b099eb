namespace Looper.Core;

/// <summary>Where ids come from: UUID v7, ordered by the clock that was handed in.</summary>
public sealed class Ids(TimeProvider clock)
{
    public Guid Next() => Guid.CreateVersion7(clock.GetUtcNow());
}
