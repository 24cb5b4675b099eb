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

    /// <summary>What publishing would change against the current version; null for a first version, while the draft has faults, or where the current version cannot be read.</summary>
    public async Task<BlueprintDiff?> PreviewAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (await FindAsync(caller, id, cancel) is not { Faults.Count: 0, DecisionPointId: { } pointId } draft) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var current = await db.Set<Blueprint>().AsNoTracking().SingleAsync(b => b.DecisionPointId == pointId && b.Version == draft.CurrentVersion, cancel);
        return BlueprintJson.Readable(current.Content) is { } replaced ? BlueprintDiff.Between(replaced, draft.Content) : null;
    }

    internal static async Task<int> VersionOf(LooperDb db, Draft draft, CancellationToken cancel) => draft.DecisionPointId is not { } id ? 0
        : await db.Set<DecisionPoint>().Where(p => p.Id == id).Select(p => p.CurrentVersion).SingleOrDefaultAsync(cancel);

    /// <summary>The fault of a draft whose stored content cannot be read.</summary>
    public const string UnreadableCode = "draft.unreadable";

    internal static Refusal Unreadable(Draft draft) => new(UnreadableCode,
        $"The draft of `{draft.Key}` cannot be read: a later Looper wrote it, or it is damaged. Start that Looper, restore a backup, or delete the draft and begin another.");

    /// <summary>One that cannot be read is shown as an empty one, with that as its only fault.</summary>
    internal static DraftView View(Draft draft, int currentVersion)
    {
        var read = BlueprintJson.Readable(draft.Content);
        var stored = read ?? DecisionPointQueries.Unread;
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
            Faults = read is null ? [Unreadable(draft)] : [.. BlueprintRules.CheckNames(draft.Key, draft.Name, draft.Description), .. BlueprintRules.Check(stored)],
            Warnings = read is null ? [] : BlueprintSummary.Warnings(content),
        };
    }
}
