using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.AsCode;

public sealed class PointsFileQueries(IDbContextFactory<LooperDb> databases)
{
    /// <summary>The current versions as one YAML file, by key; a version that cannot be read is left out, and the file says so.</summary>
    /// <param name="keys">Those alone, also a simulated or archived one; empty takes every other.</param>
    public async Task<Answered<string>> ExportAsync(Caller caller, IReadOnlyCollection<string> keys, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var which = keys.Count > 0 ? db.Set<DecisionPoint>().Where(p => keys.Contains(p.Key)) : db.Set<DecisionPoint>().Where(p => !p.IsArchived && !p.IsSimulated);
        var stored = await which.AsNoTracking()
            .Join(db.Set<Blueprint>(), p => new { p.Id, Version = p.CurrentVersion }, b => new { Id = b.DecisionPointId, b.Version }, (p, b) => new { Point = p, Current = b })
            .ToListAsync(cancel);
        if (keys.FirstOrDefault(key => stored.TrueForAll(s => s.Point.Key != key)) is { } unknown) return DecisionPointActions.Unknown(unknown);
        var read = stored.OrderBy(s => s.Point.Key, StringComparer.Ordinal).Select(s => (s.Point, s.Current, Content: BlueprintJson.Readable(s.Current.Content))).ToList();
        return BlueprintYaml.ExportAll(
            read.Where(r => r.Content is not null).Select(r => (r.Point, r.Current, r.Content!)),
            read.Where(r => r.Content is null).Select(r => DecisionPointQueries.Unreadable(r.Point.Key, r.Point.CurrentVersion).Reason));
    }
}
