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
            var point = DecisionPointSnapshot.Compile(WithoutTheRest(source));
            return NotHere(point) is { } why ? new(null, true, why) : new(point, true, null);
        }
        catch (Exception fault) // whatever was sent: the product goes on with what it has
        {
            return new(null, false, $"The snapshot cannot be used: {Client.FaultText.Of(fault)}.");
        }
    }

    /// <summary>What the compiled decision point keeps of its source is copied, so that the whole file is not kept for a few bytes of it.</summary>
    private static PointSource WithoutTheRest(PointSource source) => source with
    {
        Experiments = [.. source.Experiments.Select(e => e with { Arms = [.. e.Arms.Select(a => a with { Bandit = a.Bandit.ToArray() })] })],
    };

    // Looper says so itself; another version of it may not know.
    private static string? NotHere(DecisionPointSnapshot point) => point switch
    {
        { Current: null } or { Fault: not null } => $"This program cannot decide it: {point.Fault?.Reason ?? "it has no version."}",
        { HasUnreadableModel: true } => "This program cannot read its live model.",
        { Current.Answers.TakesCandidates: true } => "It decides on candidates that come with the call.",
        { Histories.IsEmpty: false } => "It has a feature that looks back on what was reported, which only Looper knows.",
        _ => IsDurable(point) ? "It is durable: each decision is on Looper's disk before it is answered." : null,
    };

    private static bool IsDurable(DecisionPointSnapshot point) => point.Current!.Durable || point.Experiments.Any(e => e.Arms.Any(a => a.Blueprint.Durable));
}
