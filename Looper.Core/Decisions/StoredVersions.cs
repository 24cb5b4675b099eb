using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>A published version is needed whose stored content cannot be read.</summary>
public sealed class UnreadableVersionException : Exception
{
    internal UnreadableVersionException(string key, int version)
        : this(key, version, DecisionPointQueries.Unreadable(key, version))
    {
    }

    private UnreadableVersionException(string key, int version, Refusal refusal)
        : base(refusal.Reason) => (Key, Version, Refusal) = (key, version, refusal);

    /// <summary>Of the decision point.</summary>
    public string Key { get; }

    public int Version { get; }

    /// <summary>Which version, and what to do.</summary>
    public Refusal Refusal { get; }
}

/// <summary>The published versions of a decision point as they are stored. One that cannot be read is left out until it is needed.</summary>
internal sealed class StoredVersions
{
    private readonly string _key;
    private readonly HashSet<int> _unreadable;

    private StoredVersions(string key, ImmutableDictionary<int, BlueprintContent> contents, HashSet<int> unreadable) =>
        (_key, Contents, _unreadable) = (key, contents, unreadable);

    /// <summary>Those that can be read, with their options written out.</summary>
    public ImmutableDictionary<int, BlueprintContent> Contents { get; }

    /// <exception cref="UnreadableVersionException">It cannot be read.</exception>
    public BlueprintContent Of(int version)
    {
        Need(version);
        return Contents[version];
    }

    /// <summary>For what goes on without the content, but would be wrong without it.</summary>
    /// <exception cref="UnreadableVersionException">There is such a version, and it cannot be read.</exception>
    public void Need(int version)
    {
        if (!CanRead(version)) throw new UnreadableVersionException(_key, version);
    }

    /// <exception cref="UnreadableVersionException">One cannot be read: the newest of those.</exception>
    public void NeedAll()
    {
        if (_unreadable.Count > 0) Need(_unreadable.Max());
    }

    public bool CanRead(int version) => !_unreadable.Contains(version);

    /// <summary>All of a decision point.</summary>
    public static async Task<StoredVersions> ReadAsync(LooperDb db, Guid point, CancellationToken cancel)
    {
        var stored = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point).Select(b => new { b.Version, b.Content }).ToListAsync(cancel);
        var read = stored.ConvertAll(b => (b.Version, Content: BlueprintJson.Readable(b.Content)));
        return new(
            await KeyAsync(db, point, cancel), read.Where(b => b.Content is not null).ToImmutableDictionary(b => b.Version, b => BlueprintJson.WithOptions(b.Content!)),
            [.. read.Where(b => b.Content is null).Select(b => b.Version)]);
    }

    /// <summary>One version, with its options written out.</summary>
    /// <exception cref="UnreadableVersionException">It cannot be read.</exception>
    public static async Task<BlueprintContent> ServedAsync(LooperDb db, Guid point, int version, CancellationToken cancel) =>
        BlueprintJson.WithOptions(await StoredAsync(db, point, version, cancel));

    /// <summary>One version as it was published.</summary>
    /// <inheritdoc cref="ServedAsync"/>
    public static async Task<BlueprintContent> StoredAsync(LooperDb db, Guid point, int version, CancellationToken cancel)
    {
        var stored = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point && b.Version == version).Select(b => b.Content).SingleAsync(cancel);
        return BlueprintJson.Readable(stored) ?? throw new UnreadableVersionException(await KeyAsync(db, point, cancel), version);
    }

    private static Task<string> KeyAsync(LooperDb db, Guid point, CancellationToken cancel) =>
        db.Set<DecisionPoint>().Where(p => p.Id == point).Select(p => p.Key).SingleAsync(cancel);
}
