namespace Looper.Core.Events.Sqlite;

/// <summary>Takes events away in transactions short enough that appends go on between them.</summary>
internal interface IRemoval
{
    /// <summary>One transaction's share; true while there is more.</summary>
    bool Step();

    Removed Total { get; }

    /// <summary>The point whose counts go with its events; null keeps all counts.</summary>
    Guid? Forgets { get; }
}
