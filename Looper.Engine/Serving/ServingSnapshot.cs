using System.Collections.Immutable;
using System.Text;

namespace Looper.Core.Serving;

/// <summary>Everything that serving needs, compiled and immutable.</summary>
public sealed class ServingSnapshot
{
    private readonly Utf8Table _keys;

    private ServingSnapshot(DateTimeOffset readAt, bool isStale, ImmutableArray<DecisionPointSnapshot> points, OutcomeTable outcomes)
    {
        (ReadAt, IsStale, Points, Outcomes) = (readAt, isStale, points, outcomes);
        _keys = new(points.Select(p => p.Key));
    }

    public static ServingSnapshot Empty { get; } = Compile(new(DateTimeOffset.UnixEpoch, []));

    /// <summary>When the database was read.</summary>
    public DateTimeOffset ReadAt { get; }

    /// <summary>Loaded from disk, or too old: decisions say so.</summary>
    public bool IsStale { get; }

    public ImmutableArray<DecisionPointSnapshot> Points { get; }

    /// <summary>Every outcome that may be observed.</summary>
    public OutcomeTable Outcomes { get; }

    /// <summary>A point that cannot be compiled answers its default; the others are untouched.</summary>
    public static ServingSnapshot Compile(SnapshotSource source, bool isStale = false)
    {
        ImmutableArray<DecisionPointSnapshot> points = [.. source.Points.Where(p => p.CurrentVersion > 0).AsParallel().AsOrdered().Select(DecisionPointSnapshot.Compile)];
        return Of(source.ReadAt, points, isStale);
    }

    /// <summary>From decision points compiled already, now or for the snapshot before.</summary>
    public static ServingSnapshot Of(DateTimeOffset readAt, ImmutableArray<DecisionPointSnapshot> points, bool isStale = false) => new(readAt, isStale, points, new OutcomeTable(points));

    /// <summary>The same, marked as stale or as fresh.</summary>
    public ServingSnapshot Marked(bool isStale) => new(ReadAt, isStale, Points, Outcomes);

    /// <summary>Null when there is no such decision point.</summary>
    public DecisionPointSnapshot? Find(ReadOnlySpan<byte> utf8Key) => _keys.Find(utf8Key) is >= 0 and var i ? Points[i] : null;

    public DecisionPointSnapshot? Find(string key) => Find(Encoding.UTF8.GetBytes(key));

    public DecisionPointSnapshot? Find(Guid id) => Points.FirstOrDefault(p => p.Id == id);
}
