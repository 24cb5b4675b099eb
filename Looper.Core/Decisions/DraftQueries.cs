using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

public sealed class DraftQueries(IDbContextFactory<LooperDb> databases)
{
    /// <summary>Last changed first.</summary>
    public async Task<IReadOnlyList<DraftView>> ListAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return [];
        await using var db = await databases.CreateDbContextAsync(cancel);
        var drafts = await db.Set<Draft>().AsNoTracking().OrderByDescending(d => d.ChangedAt).ToListAsync(cancel);
        var versions = await db.Set<DecisionPoint>().ToDictionaryAsync(p => p.Id, p => p.CurrentVersion, cancel);
        return [.. drafts.Select(d => View(d, d.DecisionPointId is { } id ? versions.GetValueOrDefault(id) : 0))];
    }

    public async Task<DraftView?> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is not null) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancel) is { } draft
            ? View(draft, await VersionOf(db, draft, cancel)) : null;
    }

    /// <summary>What publishing would change against the current version; null for a first version or while the draft has faults.</summary>
    public async Task<BlueprintDiff?> PreviewAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (await FindAsync(caller, id, cancel) is not { Faults.Count: 0, DecisionPointId: { } pointId } draft) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var current = await db.Set<Blueprint>().AsNoTracking().SingleAsync(b => b.DecisionPointId == pointId && b.Version == draft.CurrentVersion, cancel);
        return BlueprintDiff.Between(BlueprintJson.Stored(current.Content), draft.Content);
    }

    internal static async Task<int> VersionOf(LooperDb db, Draft draft, CancellationToken cancel) => draft.DecisionPointId is not { } id ? 0
        : await db.Set<DecisionPoint>().Where(p => p.Id == id).Select(p => p.CurrentVersion).SingleOrDefaultAsync(cancel);

    internal static DraftView View(Draft draft, int currentVersion)
    {
        var stored = BlueprintJson.Stored(draft.Content);
        var content = BlueprintRules.WithoutNullItems(stored);
        return new()
        {
            Id = draft.Id,
            DecisionPointId = draft.DecisionPointId,
            Key = draft.Key,
            Name = draft.Name,
            Description = draft.Description,
            Content = content,
            Note = draft.Note,
            ChangedAt = draft.ChangedAt,
            ChangedBy = draft.ChangedBy,
            Revision = draft.Revision,
            CurrentVersion = currentVersion,
            Faults = [.. BlueprintRules.CheckNames(draft.Key, draft.Name, draft.Description), .. BlueprintRules.Check(stored)],
            Warnings = BlueprintSummary.Warnings(content),
        };
    }
}
