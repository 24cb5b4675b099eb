namespace Looper.Core.Events;

/// <summary>What became of a record handed to the <see cref="Journal"/>.</summary>
public enum AppendStatus : byte
{
    /// <summary>Committed, and flushed where that was asked for.</summary>
    Stored = 1,

    /// <summary>The same id with the same content is there already: nothing changed.</summary>
    Replayed = 2,

    /// <summary>The same id is there with other content: nothing changed.</summary>
    Conflict = 3,

    /// <summary>Too many records wait already: send again later.</summary>
    Full = 4,

    /// <summary>The journal cannot write (disk full, flush failed, stopped): nothing is known to be stored.</summary>
    Unavailable = 5,

    /// <summary>It names a decision that its sender may not report on, or that is not there: nothing changed.</summary>
    Foreign = 6,

    /// <summary>It names a candidate that its decision did not answer with: nothing changed.</summary>
    NoSuchCandidate = 7,
}

/// <param name="Stored">The decision that is in the journal under this id, when the status is <see cref="AppendStatus.Replayed"/>.</param>
public readonly record struct Appended(AppendStatus Status, DecisionRecord? Stored = null)
{
    /// <summary>The record is in the journal, now or from before.</summary>
    public bool IsRecorded => Status is AppendStatus.Stored or AppendStatus.Replayed;
}
