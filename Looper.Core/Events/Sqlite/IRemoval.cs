namespace Looper.Core.Events.Sqlite;

/// <summary>Takes events away in transactions short enough that appends go on between them.</summary>
internal interface IRemoval
{
    /// <summary>One transaction's share; true while there is more.</summary>
    bool Step();

    Removed Total { get; }

    /// <summary>Ticks of what was decided or received last among what was removed; 0 where copies know by themselves what goes.</summary>
    long Newest => 0;

    /// <summary>The point whose counts go in the transaction of the step that was taken; null keeps all counts.</summary>
    Guid? Forgets => null;
}
