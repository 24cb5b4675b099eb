using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Import;

/// <summary>How a file was read under earlier versions of its blueprint: a row that is there from then is the same row, though it would be written otherwise now.</summary>
/// <param name="now">The file under the current version.</param>
/// <param name="there">The past experiment where an earlier file has made it.</param>
internal sealed class EarlierPlans(IDbContextFactory<LooperDb> databases, EventReader events, ImportPlan now, ImmutableArray<string> header, Experiment? there)
{
    private readonly Dictionary<int, ImportPlan?> _plans = [];

    /// <summary>By the version under which this decision was stored; null where that is the current one, or is gone, or the file does not fit it.</summary>
    public async Task<ImportPlan?> OfAsync(string decision, CancellationToken cancel)
    {
        if (await events.FindDecisionAsync(decision, cancel) is not { BlueprintVersion: var version } || version == now.Version) return null;
        if (_plans.TryGetValue(version, out var known)) return known;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<Blueprint>().Where(b => b.DecisionPointId == now.Point.Id && b.Version == version).Select(b => b.Content).SingleOrDefaultAsync(cancel);
        var content = stored is null ? null : BlueprintJson.Readable(stored);
        return _plans[version] = content is null ? null : ImportPlan.Make(now.Point, version, content, now.Mapping, header, there).Value;
    }
}
