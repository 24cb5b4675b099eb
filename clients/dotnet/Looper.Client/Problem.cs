namespace Looper.Client;

/// <summary>What went wrong beside the answers: with observations, and with decisions that are made in this process.</summary>
/// <param name="Kind">What became of them.</param>
/// <param name="Message">In sentences, for a log.</param>
public sealed record Problem(ProblemKind Kind, string Message);

/// <summary>What becomes of what a problem is about.</summary>
public enum ProblemKind
{
    /// <summary>They are kept, and delivered later.</summary>
    Delivery,

    /// <summary>Looper refuses them for good, so they were dropped.</summary>
    Refused,

    /// <summary>They were the oldest when too many waited, so they were dropped.</summary>
    Overflow,

    /// <summary>They are not usable, so they were never taken.</summary>
    Invalid,

    /// <summary>They were in memory when the client was closed, so they are lost.</summary>
    Closed,

    /// <summary>The folder of the spool cannot be used as it should.</summary>
    Spool,

    /// <summary>The snapshot of a decision point that is decided in this process cannot be had, used or kept.</summary>
    Snapshot,
}
