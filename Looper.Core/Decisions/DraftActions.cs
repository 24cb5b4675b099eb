using System.Text.Json.Serialization;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <param name="DecisionPoint">Key of the decision point to edit; null to make a new one.</param>
/// <param name="Template"><c>show-or-hide</c>, <c>pick-a-variant</c> or <c>estimate-a-value</c>; read where <paramref name="Content"/> is null.</param>
public sealed record NewDraft(
    string? DecisionPoint = null, string? Template = null, string? Key = null, string? Name = null, string? Description = null, BlueprintContent? Content = null)
{
    /// <summary>The simulator's own: its decision point is marked so everywhere and goes with it. No caller of the API can say so.</summary>
    [JsonIgnore]
    public bool IsSimulated { get; init; }

    /// <summary>Where the content comes from, for the version it becomes.</summary>
    [JsonIgnore]
    public string? Note { get; init; }

    /// <summary>Refused with <c>draft.already-open</c> where the decision point has a draft.</summary>
    [JsonIgnore]
    public bool MustBeNew { get; init; }
}

/// <summary>The whole of a draft as its editor left it.</summary>
public sealed record DraftChange(string Key, string Name, string? Description, BlueprintContent Content);

/// <summary>What can be done with drafts.</summary>
public sealed class DraftActions(IDbContextFactory<LooperDb> databases, Publishing publishing, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    /// <summary>For a decision point that has a draft already, that draft.</summary>
    public async Task<Answered<DraftView>> CreateAsync(Caller caller, NewDraft request, CancellationToken cancel)
    {
        if (caller.Lacks(Right.EditDrafts) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        Draft draft;
        var version = 0;
        if (request.DecisionPoint is { } key)
        {
            if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return DecisionPointActions.Unknown(key);
            if (await db.Set<Draft>().SingleOrDefaultAsync(d => d.DecisionPointId == point.Id, cancel) is { } open)
                return request.MustBeNew ? AlreadyOpen(key) : DraftQueries.View(open, point.CurrentVersion);
            var current = await db.Set<Blueprint>().AsNoTracking().SingleAsync(b => b.DecisionPointId == point.Id && b.Version == point.CurrentVersion, cancel);
            version = point.CurrentVersion;
            draft = New(caller, point.Id, point.Key, point.Name, point.Description, request.Content is { } c ? BlueprintJson.Write(c) : current.Content);
        }
        else
        {
            if (request.Template is { } name && DraftTemplates.Find(name) is null)
                return new Refusal("template.unknown", $"Template: there is no `{name}`. Use {Words.List([.. DraftTemplates.All.Select(t => t.Key)], "or")}.", "template");
            var content = request.Content ?? DraftTemplates.Find(request.Template ?? "pick-a-variant")!.Content;
            draft = New(caller, null, request.Key ?? "", request.Name ?? "", request.Description, BlueprintJson.Write(content), request.IsSimulated);
        }
        if (BlueprintJson.Readable(draft.Content) is not { } begun) return DecisionPointQueries.Unreadable(draft.Key, version);
        if (Unstorable(draft.Key, draft.Name, draft.Description, begun) is { } refused) return refused;
        draft.Note = request.Note;
        db.Add(draft);
        db.Add(AuditEntry.Of(caller, DraftBase.Created, draft.Id, draft.ChangedAt, after: version == 0 ? draft.Key : new DraftBase(draft.Key, version, draft.Name, draft.Description)));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException fault) when (draft.DecisionPointId is not null && !DatabaseFaults.IsAway(fault)) // somebody began one at the same moment
        {
            db.ChangeTracker.Clear();
            if (await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.DecisionPointId == draft.DecisionPointId, cancel) is not { } theirs) throw;
            return request.MustBeNew ? AlreadyOpen(draft.Key) : DraftQueries.View(theirs, version);
        }
        changes.Announce(ChangeKind.Draft, draft.Id);
        return DraftQueries.View(draft, version);
    }

    /// <summary>Refused with <c>draft.changed-meanwhile</c> when the stored revision is not <paramref name="revision"/>.</summary>
    public async Task<Answered<DraftView>> ChangeAsync(Caller caller, Guid id, long revision, DraftChange change, CancellationToken cancel)
    {
        if (caller.Lacks(Right.EditDrafts) is { } denied) return denied;
        if (Unstorable(change.Key, change.Name, change.Description, change.Content) is { } refused) return refused;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Draft>().SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } draft) return Unknown(id);
        if (draft.Revision != revision) return Changed(draft, clock.GetUtcNow());
        if (BlueprintJson.Readable(draft.Content) is not { } before) return DraftQueries.Unreadable(draft);
        if (draft.DecisionPointId is not null && change.Key != draft.Key) return RuleTexts.KeyFixed(draft.Key);
        (draft.Key, draft.Name, draft.Description) = (change.Key, change.Name, string.IsNullOrWhiteSpace(change.Description) ? null : change.Description);
        if (before.Policy != change.Content.Policy) draft.Note = null;
        draft.Content = BlueprintJson.Write(change.Content);
        (draft.ChangedAt, draft.ChangedBy) = (clock.GetUtcNow(), caller.Name);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            var theirs = await db.Set<Draft>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancel);
            return theirs is null ? Unknown(id) : Changed(theirs, clock.GetUtcNow());
        }
        changes.Announce(ChangeKind.Draft, id);
        return DraftQueries.View(draft, await DraftQueries.VersionOf(db, draft, cancel));
    }

    public async Task<Refusal?> DeleteAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.EditDrafts) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Draft>().SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } draft) return Unknown(id);
        db.Remove(draft);
        db.Add(AuditEntry.Of(caller, "draft.deleted", id, clock.GetUtcNow(), before: draft.Key));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Draft, id);
        return null;
    }

    /// <summary>Freezes the draft as the next version and makes it serve. Refused with <c>blueprint.invalid</c> and every fault in
    /// <see cref="Refusal.Faults"/>, with <c>blueprint.unchanged</c>, or with <c>draft.outdated</c> where another version has become current since the draft was begun.</summary>
    /// <param name="against">The version that it was compared with, and that it may replace; null for the one it was begun from.</param>
    public async Task<Answered<BlueprintView>> PublishAsync(Caller caller, Guid id, long? revision, string? note, CancellationToken cancel, int? against = null)
    {
        if (caller.Lacks(Right.Publish) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Draft>().SingleOrDefaultAsync(d => d.Id == id, cancel) is not { } draft) return Unknown(id);
        if (revision is { } expected && draft.Revision != expected) return Changed(draft, clock.GetUtcNow());
        var published = await publishing.PublishAsync(db, caller, draft, note ?? draft.Note, against, cancel);
        if (published.Value is not null) changes.Announce(ChangeKind.Draft, id);
        return published;
    }

    internal static Refusal AlreadyOpen(string key) =>
        new("draft.already-open", $"'{key}' has a draft already. Publish it or delete it first, so that nobody’s change is lost.");

    internal static Refusal Unknown(Guid id) => new("draft.unknown", $"There is no draft {id}; it was published or deleted.");

    private static Refusal Changed(Draft theirs, DateTimeOffset now)
    {
        var minutes = (int)(now - theirs.ChangedAt).TotalMinutes;
        var ago = minutes < 1 ? "just now" : $"{minutes} min ago";
        return new("draft.changed-meanwhile", $"{theirs.ChangedBy} saved this draft {ago} (revision {theirs.Revision}). Compare the two versions, then save again on top of it.");
    }

    /// <summary>A draft may be unfinished, but not shapeless: entries are there, and texts are not longer than their columns.</summary>
    private static Refusal? Unstorable(string key, string name, string? description, BlueprintContent content)
    {
        if (key.Length > 200) return RuleTexts.KeyForm(BlueprintRules.Shown(key));
        if (name.Length > 200) return RuleTexts.NameLength(name.Length);
        if (description?.Length > 2_000) return RuleTexts.DescriptionLength(description.Length);
        return BlueprintRules.NullParts(content) is [{ } first, ..] ? first : null;
    }

    private Draft New(Caller caller, Guid? point, string key, string name, string? description, string content, bool isSimulated = false) => new()
    {
        Id = ids.Next(),
        DecisionPointId = point,
        Key = key,
        Name = name,
        Description = description,
        Content = content,
        IsSimulated = isSimulated,
        ChangedAt = clock.GetUtcNow(),
        ChangedBy = caller.Name,
        Revision = 1,
    };
}
