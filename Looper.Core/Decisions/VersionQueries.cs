using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>Reads of published versions.</summary>
public sealed class VersionQueries(IDbContextFactory<LooperDb> databases)
{
    /// <summary>Newest first; empty when there is no such decision point.</summary>
    public async Task<IReadOnlyList<VersionView>> ListAsync(Caller caller, string key, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return [];
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return [];
        var versions = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point.Id).OrderBy(b => b.Version).ToListAsync(cancel);
        var models = await db.Set<Model>().Where(m => m.DecisionPointId == point.Id).Select(m => new { m.Number, m.BlueprintVersion }).ToListAsync(cancel);
        var plans = (await db.Set<Experiment>().Where(e => e.DecisionPointId == point.Id).Select(e => new { e.Key, e.Plan }).ToListAsync(cancel))
            .ConvertAll(e => (e.Key, Pins: Pins(e.Plan)));
        var contents = versions.ConvertAll(b => BlueprintJson.Readable(b.Content));
        var current = contents[versions.FindIndex(b => b.Version == point.CurrentVersion)];
        return [.. versions.Select((b, i) => new VersionView
        {
            Version = b.Version,
            Hash = b.Hash,
            Note = b.Note,
            PublishedAt = b.PublishedAt,
            PublishedBy = b.PublishedBy,
            RestoredFrom = b.RestoredFrom,
            IsCurrent = b.Version == point.CurrentVersion,
            Change = i == 0 ? "first version" : Change(contents[i - 1], contents[i]),
            Models = [.. models.Where(m => m.BlueprintVersion == b.Version).Select(m => m.Number).Order()],
            Experiments = [.. plans.Where(p => p.Pins.Contains(b.Version)).Select(p => p.Key)],
            TrainsCurrent = contents[i] is { } older && current is not null ? Compatibility.Of(older, current) : Compatibility.Unreadable,
        }).Reverse()];
    }

    /// <summary>Null when there is no such version.</summary>
    /// <param name="version">0 means the current one.</param>
    /// <exception cref="UnreadableVersionException">It cannot be read.</exception>
    public async Task<BlueprintView?> FindAsync(Caller caller, string key, int version, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await BlueprintOfAsync(db, key, version, cancel) is not ({ } point, { } blueprint)) return null;
        return BlueprintJson.Readable(blueprint.Content) is null ? throw new UnreadableVersionException(key, blueprint.Version) : DecisionPointQueries.View(blueprint, point);
    }

    /// <summary>Refused where there is none, or it cannot be read.</summary>
    /// <param name="version">0 means the current one.</param>
    public async Task<Answered<BlueprintView>> ReadAsync(Caller caller, string key, int version, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await FindAsync(db, key, version, cancel);
    }

    /// <summary>Its content as it is served: with the options written out, which a yes-or-no decision may be stored without.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<Answered<BlueprintContent>> ServedAsync(Caller caller, string key, int version, CancellationToken cancel)
    {
        var read = await ReadAsync(caller, key, version, cancel);
        return read.Value is { } stored ? BlueprintJson.WithOptions(stored.Content) : read.Refusal!;
    }

    /// <summary>Refused where either version does not exist, or cannot be read.</summary>
    public async Task<Answered<BlueprintDiff>> DiffAsync(Caller caller, string key, int older, int newer, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var (before, after) = (await FindAsync(db, key, older, cancel), await FindAsync(db, key, newer, cancel));
        return (before.Refusal ?? after.Refusal) is { } refusal ? refusal : BlueprintDiff.Between(before.Value!.Content, after.Value!.Content);
    }

    private static string Change(BlueprintContent? before, BlueprintContent? after) => after is null ? "it cannot be read by this Looper" : before is null
        ? "nobody can tell: the version before cannot be read by this Looper" : BlueprintDiff.Words(BlueprintChanges.Between(before, after));

    private static async Task<Answered<BlueprintView>> FindAsync(LooperDb db, string key, int version, CancellationToken cancel)
    {
        var (point, blueprint) = await BlueprintOfAsync(db, key, version, cancel);
        return point is null ? DecisionPointActions.Unknown(key)
            : blueprint is null ? DecisionPointQueries.UnknownVersion(key, version == 0 ? point.CurrentVersion : version)
            : BlueprintJson.Readable(blueprint.Content) is null ? DecisionPointQueries.Unreadable(key, blueprint.Version) : DecisionPointQueries.View(blueprint, point);
    }

    private static async Task<(DecisionPoint?, Blueprint?)> BlueprintOfAsync(LooperDb db, string key, int version, CancellationToken cancel)
    {
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return (null, null);
        var number = version == 0 ? point.CurrentVersion : version;
        return (point, await db.Set<Blueprint>().AsNoTracking().SingleOrDefaultAsync(b => b.DecisionPointId == point.Id && b.Version == number, cancel));
    }

    private static IReadOnlyList<int> Pins(string plan) =>
        [.. ExperimentJson.ReadPlan(plan).Arms.Select(a => a.BlueprintVersion).OfType<int>()];
}
