using System.Collections.Concurrent;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Api.InProcess;

/// <summary>The versions that apps decide by: those that serve, and those that served when the app's snapshot was made. A published version never changes, so what was
/// read of one is kept.</summary>
internal sealed class MadeVersions(IDbContextFactory<LooperDb> databases)
{
    private const int Most = 256;

    private readonly ConcurrentDictionary<(Guid Point, int Version), MadeVersion> _known = new();

    /// <summary>Null for one that is to be loaded first.</summary>
    public MadeVersion? Find(DecisionPointSnapshot point, int version) =>
        _known.TryGetValue((point.Id, version), out var known) ? known
        : point.Serving(version) is { Fault: null } serving ? Keep((point.Id, version), MadeVersion.Of(serving)) : null;

    /// <summary>Reads those that are in the database and keeps them, too.</summary>
    public async Task<Dictionary<(Guid Point, int Version), MadeVersion>> LoadAsync(IReadOnlyCollection<(Guid Point, int Version)> wanted, CancellationToken cancel)
    {
        List<Guid> points = [.. wanted.Select(w => w.Point).Distinct()];
        List<int> numbers = [.. wanted.Select(w => w.Version).Distinct()];
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<Blueprint>().AsNoTracking().Where(b => points.Contains(b.DecisionPointId) && numbers.Contains(b.Version))
            .Select(b => new { b.DecisionPointId, b.Version, b.Content }).ToListAsync(cancel);
        var loaded = new Dictionary<(Guid Point, int Version), MadeVersion>();
        foreach (var one in stored)
        {
            var key = (one.DecisionPointId, one.Version);
            if (MadeVersion.Of(one.Version, one.Content) is { } version) loaded[key] = Keep(key, version);
        }
        return loaded;
    }

    private MadeVersion Keep((Guid Point, int Version) key, MadeVersion version)
    {
        if (_known.Count >= Most) _known.Clear(); // rare, and each is read again in no time
        return _known[key] = version;
    }
}
