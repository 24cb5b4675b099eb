using System.Collections.Immutable;

namespace Looper.Core.Serving;

/// <summary>Everything that serving needs, compiled and immutable.</summary>
public sealed class ServingSnapshot
{
    public static ServingSnapshot Empty { get; } = new();

    /// <summary>When the database was read.</summary>
    public DateTimeOffset ReadAt { get; private init; }

    /// <summary>Loaded from disk, or too old: decisions say so.</summary>
    public bool IsStale { get; private init; }

    public ImmutableArray<DecisionPointSnapshot> Points { get; private init; } = [];

    /// <summary>A point that cannot be compiled answers its default; the others are untouched.</summary>
    public static ServingSnapshot Compile(SnapshotSource source, bool isStale = false) =>
        throw new NotImplementedException();

    /// <summary>Null when there is no such decision point.</summary>
    public DecisionPointSnapshot? Find(ReadOnlySpan<byte> utf8Key) => throw new NotImplementedException();

    public DecisionPointSnapshot? Find(string key) => throw new NotImplementedException();
}

/// <summary>One decision point, compiled.</summary>
public sealed class DecisionPointSnapshot
{
    public Guid Id { get; private init; }
    public string Key { get; private init; } = "";
}

/// <summary>A running experiment, compiled: which units it covers and what each arm does.</summary>
public sealed class ExperimentSnapshot
{
    public Guid Id { get; private init; }
    public string Key { get; private init; } = "";
    public ImmutableArray<string> ArmKeys { get; private init; } = [];

    /// <summary>Index of the unit's arm, or −1 when the unit is outside the experiment's traffic.</summary>
    public int ArmOf(ReadOnlySpan<byte> utf8Unit) => throw new NotImplementedException();
}
