using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions;

/// <summary>What can be done with a decision point once it is there. Each is addressed by key.</summary>
public sealed class DecisionPointActions(IDbContextFactory<LooperDb> databases, Publishing publishing, TimeProvider clock, ChangeFeed changes)
{
    internal const string Paused = "decision-point.paused", Described = "decision-point.described";

    /// <summary>Answers the default from now on; calls are still logged.</summary>
    public Task<Refusal?> PauseAsync(Caller caller, string key, string? reason, CancellationToken cancel) =>
        ChangeAsync(caller, Right.Stop, key, Paused, reason, point =>
        {
            if (point.IsPaused) return new("decision-point.already-paused", $"`{key}` is paused already. Resume it to let it decide again.");
            point.IsPaused = true;
            return null;
        }, cancel);

    public Task<Refusal?> ResumeAsync(Caller caller, string key, CancellationToken cancel) =>
        ChangeAsync(caller, Right.Publish, key, "decision-point.resumed", null, point =>
        {
            if (!point.IsPaused) return new("decision-point.not-paused", $"`{key}` is not paused. There is nothing to resume.");
            point.IsPaused = false;
            return null;
        }, cancel);

    /// <summary>Puts it away: it answers the default, never an error.</summary>
    public Task<Refusal?> ArchiveAsync(Caller caller, string key, CancellationToken cancel) =>
        ChangeAsync(caller, Right.Stop, key, "decision-point.archived", null, point =>
        {
            if (point.IsArchived) return new("decision-point.already-archived", $"`{key}` is archived already. Restore it to use it again.");
            point.IsArchived = true;
            return null;
        }, cancel);

    /// <summary>Takes an archived decision point back.</summary>
    public Task<Refusal?> RestoreAsync(Caller caller, string key, CancellationToken cancel) =>
        ChangeAsync(caller, Right.Publish, key, "decision-point.restored", null, point =>
        {
            if (!point.IsArchived) return new("decision-point.not-archived", $"`{key}` is not archived. There is nothing to restore.");
            point.IsArchived = false;
            return null;
        }, cancel);

    /// <param name="description">Null leaves it as it is; an empty one takes it away.</param>
    /// <param name="revision">Of the decision point as it was read; refused with <c>decision-point.changed-meanwhile</c> where another is stored. Null asks for none.</param>
    public Task<Refusal?> DescribeAsync(Caller caller, string key, string name, string? description, CancellationToken cancel, long? revision = null) =>
        ChangeAsync(caller, Right.EditDrafts, key, Described, null, point =>
        {
            if (revision is { } read && read != point.Revision)
                return new("decision-point.changed-meanwhile", $"Somebody changed `{key}` meanwhile. It is named “{point.Name}” now and described as “{point.Description}”: look at that, then save again to replace it.");
            if (BlueprintRules.CheckNames(point.Key, name, description) is [{ } fault, ..]) return fault;
            point.Name = name;
            if (description is not null) point.Description = string.IsNullOrWhiteSpace(description) ? null : description;
            return null;
        }, cancel);

    /// <summary>Publishes the content of <paramref name="version"/> again as a new version.</summary>
    public async Task<Answered<BlueprintView>> GoBackAsync(Caller caller, string key, int version, string? note, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Stop) is { } denied) return denied;
        if (note?.Length > BlueprintRules.MaxNote) return RuleTexts.NoteLength(note.Length);
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return Unknown(key);
        var older = await db.Set<Blueprint>().AsNoTracking().SingleOrDefaultAsync(b => b.DecisionPointId == point.Id && b.Version == version, cancel);
        if (older is null) return DecisionPointQueries.UnknownVersion(key, version);
        if (BlueprintJson.Readable(older.Content) is not { } content) return DecisionPointQueries.Unreadable(key, version);
        return await publishing.AddVersionAsync(db, caller, point, content, note, version, cancel);
    }

    /// <summary>Publishes the current content again with another durability: the only field that settings change without a draft.</summary>
    public async Task<Answered<BlueprintView>> SetDurableAsync(Caller caller, string key, bool durable, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Publish) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return Unknown(key);
        var content = await StoredVersions.StoredAsync(db, point.Id, point.CurrentVersion, cancel) with { Durable = durable };
        return await publishing.AddVersionAsync(db, caller, point, content, durable ? "Durable writing on" : "Durable writing off", null, cancel);
    }

    /// <summary>Publishes the current content again with another way to train.</summary>
    /// <param name="version">The current version as the caller read it.</param>
    public async Task<Answered<BlueprintView>> SetTrainingAsync(Caller caller, string key, int version, TrainingPlan plan, string? note, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Publish) is { } denied) return denied;
        if (note?.Length > BlueprintRules.MaxNote) return RuleTexts.NoteLength(note.Length);
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { CurrentVersion: > 0 } point) return Unknown(key);
        if (point.CurrentVersion != version)
            return new Refusal("blueprint.changed-meanwhile", $"The training settings of `{key}` were read from version {version}; version {point.CurrentVersion} is current now. Read them again, then change them.", "version");
        var content = await StoredVersions.StoredAsync(db, point.Id, point.CurrentVersion, cancel) with { Training = plan };
        if (BlueprintRules.Check(content) is { Count: > 0 } faults)
            return new Refusal(RuleTexts.Code, faults.Count == 1 ? faults[0].Reason : $"{faults.Count} settings cannot be used. The first: {faults[0].Reason}", faults[0].Field) { Faults = faults };
        return await publishing.AddVersionAsync(db, caller, point, content, string.IsNullOrWhiteSpace(note) ? "Training settings" : note, null, cancel);
    }

    internal static Refusal Unknown(string key) => new("decision-point.unknown", $"There is no decision point `{BlueprintRules.Shown(key)}`. Check the key, or look at the list.");

    private async Task<Refusal?> ChangeAsync(
        Caller caller, Right right, string key, string action, string? reason, Func<DecisionPoint, Refusal?> change, CancellationToken cancel)
    {
        if (caller.Lacks(right) is { } denied) return denied;
        if (reason?.Length > BlueprintRules.MaxNote) return RuleTexts.NoteLength(reason.Length);
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return Unknown(key);
        var before = State(point);
        if (change(point) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, action, key, clock.GetUtcNow(), before, State(point), reason));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new("decision-point.changed-meanwhile", $"Somebody changed `{key}` at the same moment. Look at what is there now, then try again.");
        }
        changes.Announce(ChangeKind.DecisionPoint, point.Id);
        return null;
    }

    /// <summary>What the audit keeps of one, before and after.</summary>
    internal static object State(DecisionPoint p) => new { p.Name, p.Description, p.IsPaused, p.IsArchived };
}
