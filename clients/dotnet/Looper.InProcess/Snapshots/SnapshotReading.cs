using Looper.Core.Serving;

namespace Looper.InProcess.Snapshots;

/// <summary>What came of bytes that should be the snapshot of a decision point.</summary>
/// <param name="Point">Ready to decide; null where it cannot be decided here.</param>
/// <param name="IsReadable">The bytes are a snapshot of it.</param>
/// <param name="Problem">Why there is no point, in a sentence.</param>
internal sealed record SnapshotReading(DecisionPointSnapshot? Point, bool IsReadable, string? Problem)
{
    public static SnapshotReading Of(string key, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var read = SnapshotCodec.Read(bytes);
            if (read.Refusal is { } refusal) return new(null, false, refusal.Reason);
            if (read.Value is not { Points: [var source] } || source.Key != key) return new(null, false, "The snapshot cannot be used: it is not that of this decision point alone.");
            var point = DecisionPointSnapshot.Compile(source);
            return NotHere(point) is { } why ? new(null, true, why) : new(point, true, null);
        }
        catch (Exception fault) // whatever was sent: the product goes on with what it has
        {
            return new(null, false, $"The snapshot cannot be used: {Client.FaultText.Of(fault)}.");
        }
    }

    // Looper says so itself; another version of it may not know.
    private static string? NotHere(DecisionPointSnapshot point) => point switch
    {
        { Current: null } or { Fault: not null } => $"This program cannot decide it: {point.Fault?.Reason ?? "it has no version."}",
        { HasUnreadableModel: true } => "This program cannot read its live model.",
        _ => InProcessRules.Fault(point)?.Reason,
    };
}
