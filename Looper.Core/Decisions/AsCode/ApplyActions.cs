using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.AsCode;

/// <summary>Applies a file of decision points by the road that a draft takes when it is published: the same rules, rights and audit.</summary>
public sealed class ApplyActions(IDbContextFactory<LooperDb> databases, Publishing publishing, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    /// <summary>What applying would change. Nothing is written.</summary>
    /// <param name="force">Also over versions that the file was not made from.</param>
    public async Task<Answered<ApplyPlan>> PlanAsync(Caller caller, PointsFile file, bool force, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var planned = await ApplyPlanning.PlanAsync(db, file, force, cancel);
        return planned.Refusal is { } refusal ? refusal : new ApplyPlan(planned.Value);
    }

    /// <summary>All of the file or nothing of it. Applied again it changes nothing.</summary>
    /// <inheritdoc cref="PlanAsync"/>
    /// <param name="note">For the versions it makes; null says that they come from a file.</param>
    public async Task<Answered<ApplyPlan>> ApplyAsync(Caller caller, PointsFile file, bool force, string? note, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (caller.Lacks(Right.Publish) is { } denied) return denied;
        if (note?.Length > BlueprintRules.MaxNote) return RuleTexts.NoteLength(note.Length);
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var together = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("experiments", cancel); // a start that came before is seen by the plan, one that comes later sees what was applied
        var planned = await ApplyPlanning.PlanAsync(db, file, force, cancel);
        if (planned.Refusal is { } refusal) return refusal;
        List<Guid> changed = [];
        for (var i = 0; i < file.Entries.Length; i++)
        {
            if (planned.Value[i].Action == PlannedAction.Unchanged) continue;
            var (refused, id) = planned.Value[i].Action == PlannedAction.Describe
                ? (null, await DescribeAsync(db, caller, file.Entries[i], cancel)) : await PublishAsync(db, caller, file.Entries[i], planned.Value[i], note, cancel);
            if (refused is not null) return file.Blame(i, refused, refused.Code);
            changed.Add(id);
        }
        await together.CommitAsync(cancel);
        foreach (var id in changed) changes.Announce(ChangeKind.DecisionPoint, id); // who heard it while it was being saved could not see it yet
        return new ApplyPlan(planned.Value);
    }

    private async Task<(Refusal? Refusal, Guid Id)> PublishAsync(LooperDb db, Caller caller, PointEntry entry, PlannedPoint planned, string? note, CancellationToken cancel)
    {
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == entry.DecisionPoint, cancel);
        var (name, description) = Renaming.Named(entry, point);
        var draft = new Draft // never stored: publishing takes it away before it is saved
        {
            Id = ids.Next(),
            DecisionPointId = point?.Id,
            Key = entry.DecisionPoint,
            Name = name,
            Description = description,
            Content = BlueprintJson.Write(entry.Blueprint),
            ChangedAt = clock.GetUtcNow(),
            ChangedBy = caller.Name,
        };
        db.Add(draft);
        var published = await publishing.PublishAsync(db, caller, draft, string.IsNullOrWhiteSpace(note) ? Renaming.FromFile : note, planned.Version, cancel);
        return published.Value is { } version ? (null, version.DecisionPointId) : (published.Refusal, default);
    }

    private async Task<Guid> DescribeAsync(LooperDb db, Caller caller, PointEntry entry, CancellationToken cancel)
    {
        var point = await db.Set<DecisionPoint>().SingleAsync(p => p.Key == entry.DecisionPoint, cancel);
        var before = DecisionPointActions.State(point);
        (point.Name, point.Description) = Renaming.Named(entry, point);
        db.Add(AuditEntry.Of(caller, DecisionPointActions.Described, point.Key, clock.GetUtcNow(), before, DecisionPointActions.State(point), Renaming.FromFile));
        await db.SaveChangesAsync(cancel);
        return point.Id;
    }
}
