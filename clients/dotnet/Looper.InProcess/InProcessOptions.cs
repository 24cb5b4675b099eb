using Looper.Client;

namespace Looper.InProcess;

/// <summary>What is decided in this process, and how Looper is called. They are checked when the decider is made, which is the one thing that throws.</summary>
public sealed class InProcessOptions
{
    /// <summary>How Looper is called. The key needs to decide, observe and read. With a spool, decisions wait in its folder <c>decisions</c>.</summary>
    public LooperClientOptions Client { get; init; } = new();

    /// <summary>Keys of the decision points that are decided here. Any other is asked of Looper.</summary>
    public IReadOnlyList<string> DecisionPoints { get; init; } = [];

    /// <summary>Folder where snapshots are kept, so that a start can do without Looper. Default null: a start needs Looper.</summary>
    public string? SnapshotDirectory { get; init; }

    /// <summary>How often Looper is asked whether a decision point has changed. 100 ms to an hour; default 10 s.</summary>
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Decisions that may wait, in memory and on disk alike; above it the oldest is dropped and counted. 1 to 10,000,000; default 100,000.</summary>
    public int DecisionLimit { get; init; } = 100_000;
}
