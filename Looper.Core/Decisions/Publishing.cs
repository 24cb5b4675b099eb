using System.Buffers.Binary;
using System.Security.Cryptography;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>The one road from content to a version that serves, taken by publishing a draft and by going back.</summary>
public sealed class Publishing(TimeProvider clock, Ids ids, ChangeFeed changes)
{
    /// <summary>Publishes and deletes the draft, in one transaction. The first publish makes the decision point.</summary>
    /// <param name="against">The version it may replace; null for the one the draft was begun from.</param>
    public async Task<Answered<BlueprintView>> PublishAsync(LooperDb db, Caller caller, Draft draft, string? note, int? against, CancellationToken cancel)
    {
        if (BlueprintJson.Readable(draft.Content) is not { } content) return DraftQueries.Unreadable(draft);
        var point = draft.DecisionPointId is { } id ? await db.Set<DecisionPoint>().SingleAsync(p => p.Id == id, cancel) : null;
        List<Refusal> faults = [.. BlueprintRules.CheckNames(draft.Key, draft.Name, draft.Description), .. BlueprintRules.Check(content)];
        if (note?.Length > BlueprintRules.MaxNote) faults.Add(RuleTexts.NoteLength(note.Length));
        if (point is null && await db.Set<DecisionPoint>().AnyAsync(p => p.Key == draft.Key, cancel)) faults.Add(RuleTexts.KeyTaken(draft.Key));
        if (faults.Count > 0) return Invalid(faults);
        var begun = await DraftBase.FindAsync(db, draft, cancel);
        if (point is not null && (against ?? begun?.Version) is { } known && known != point.CurrentVersion)
            return await OutdatedAsync(db, point, known, cancel);
        var described = point is null ? null : DecisionPointActions.State(point);
        if (point is null)
        {
            var first = ids.Next();
            point = new()
            {
                Id = first,
                Key = draft.Key,
                IsSimulated = draft.IsSimulated,
                CreatedAt = clock.GetUtcNow(),
                CreatedBy = caller.Name,
                Salt = BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(first.ToByteArray())),
            };
            db.Add(point);
        }
        DraftBase.Describe(point, draft, begun);
        if (described is not null && DecisionPointActions.State(point) is var now && !now.Equals(described))
            db.Add(AuditEntry.Of(caller, DecisionPointActions.Described, point.Key, clock.GetUtcNow(), described, now));
        db.Remove(draft);
        return await AddVersionAsync(db, caller, point, content, note, restoredFrom: null, cancel);
    }

    /// <summary>Adds <paramref name="content"/> as the next version of a tracked decision point and saves.</summary>
    public async Task<Answered<BlueprintView>> AddVersionAsync(
        LooperDb db, Caller caller, DecisionPoint point, BlueprintContent content, string? note, int? restoredFrom, CancellationToken cancel)
    {
        var json = BlueprintJson.Write(content);
        var hash = BlueprintJson.Hash(json);
        var current = point.CurrentVersion == 0 ? null
            : await db.Set<Blueprint>().AsNoTracking().SingleAsync(b => b.DecisionPointId == point.Id && b.Version == point.CurrentVersion, cancel);
        var replaced = current is null ? null : BlueprintJson.Readable(current.Content); // one that cannot be read serves nothing: nothing of it is under test, and what it once was is a change
        if (replaced is not null && current!.Hash == hash)
            return new Refusal("blueprint.unchanged", $"No change: version {current.Version} has exactly this content. Change something first, or leave it as it is.");
        // A start freezes its plan on the version it finds: with its lock the two come one after the other, and the second sees what the first did.
        await using var together = current is not null && db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(cancel) : null;
        if (current is not null) await db.LockAsync("experiments", cancel);
        if (replaced is not null && await UnderTest.BlocksAsync(db, point, replaced, content, cancel) is { } blocked) return blocked;

        var blueprint = new Blueprint
        {
            Id = ids.Next(),
            DecisionPointId = point.Id,
            Version = point.CurrentVersion + 1,
            Hash = hash,
            Content = json,
            Note = string.IsNullOrWhiteSpace(note) ? null : note.Trim(),
            PublishedAt = clock.GetUtcNow(),
            PublishedBy = caller.Name,
            RestoredFrom = restoredFrom,
        };
        db.Add(blueprint);
        if (current is not null && restoredFrom is null) await KeepPredictionAsync(db, point, hash, blueprint, cancel);
        point.CurrentVersion = blueprint.Version;
        db.Add(AuditEntry.Of(caller, "blueprint.published", point.Key, blueprint.PublishedAt,
            before: current is null ? null : new { version = current.Version, hash = current.Hash }, after: new { version = blueprint.Version, hash }, reason: blueprint.Note));
        try
        {
            await db.SaveChangesAsync(cancel);
            if (together is not null) await together.CommitAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new Refusal("blueprint.changed-meanwhile", $"Somebody published or changed `{point.Key}` at the same moment. Look at what is there now, then publish again.");
        }
        catch (DbUpdateException) when (current is null) // two first publishes of one key
        {
            db.ChangeTracker.Clear();
            if (await db.Set<DecisionPoint>().AnyAsync(p => p.Key == point.Key, cancel)) return Invalid([RuleTexts.KeyTaken(point.Key)]);
            throw;
        }
        changes.Announce(ChangeKind.DecisionPoint, point.Id);
        return DecisionPointQueries.View(blueprint, point);
    }

    /// <summary>What was last foretold of exactly this content stays with the version, to be held against what comes.</summary>
    private static async Task KeepPredictionAsync(LooperDb db, DecisionPoint point, string hash, Blueprint blueprint, CancellationToken cancel)
    {
        var foretold = await db.Set<PolicyEvaluation>().Where(e => e.DecisionPointId == point.Id && e.Hash == hash && e.LaunchedVersion == null)
            .OrderByDescending(e => e.MadeAt).FirstOrDefaultAsync(cancel);
        foretold?.Launch(blueprint.Version, blueprint.PublishedAt);
    }

    private static async Task<Refusal> OutdatedAsync(LooperDb db, DecisionPoint point, int known, CancellationToken cancel)
    {
        var current = await db.Set<Blueprint>().AsNoTracking().SingleAsync(b => b.DecisionPointId == point.Id && b.Version == point.CurrentVersion, cancel);
        var how = current.RestoredFrom is { } older ? $": went back to {older}" : current.Note is { } note ? $": {note}" : "";
        return new("draft.outdated",
            $"Against: the draft was begun from or compared with version {known}; version {current.Version} is current now ({current.PublishedBy}{how}), and publishing would undo it. Look at what changes against it, then publish with `against` {current.Version}.", "against");
    }

    private static Refusal Invalid(List<Refusal> faults) => new(
        RuleTexts.Code, faults.Count == 1 ? faults[0].Reason : $"{faults.Count} things keep it from being published. The first: {faults[0].Reason}", faults[0].Field)
    {
        Faults = faults,
    };
}
