using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <param name="DecisionPoint">Key of the decision point.</param>
/// <param name="Plan">Null compares the current blueprint with the baseline, half and half.</param>
public sealed record NewExperiment(string DecisionPoint, string Key, string Name, string? Hypothesis = null, ExperimentPlan? Plan = null);

/// <summary>The whole of a draft as its editor left it.</summary>
public sealed record ExperimentChange(string Key, string Name, string? Hypothesis, ExperimentPlan Plan);

/// <summary>What can be done with experiments. One method per action.</summary>
public sealed class ExperimentActions(IDbContextFactory<LooperDb> databases, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    /// <summary>Saves a draft: it may be incomplete, and says in <see cref="ExperimentQueries.DraftAsync"/> what keeps it from starting.</summary>
    public async Task<Answered<Guid>> CreateAsync(Caller caller, NewExperiment request, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        if (ExperimentRules.CheckNames(request.Key, request.Name, request.Hypothesis) is { IsEmpty: false } faults) return ExperimentRules.Invalid(faults);
        if (request.Plan is { } given && ExperimentRules.Unreadable(given) is { } unreadable) return unreadable;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == request.DecisionPoint, cancel);
        if (point is null) return new Refusal("decision-point.unknown", $"There is no decision point '{request.DecisionPoint}'. Choose one from the list.", "decisionPoint");
        if (point.CurrentVersion == 0)
            return new Refusal("decision-point.not-published", $"'{point.Key}' has not been published, so there is nothing to compare. Publish its draft first.", "decisionPoint");
        if (await IsTakenAsync(db, request.Key, null, cancel) is { } taken) return taken;
        var content = await CurrentAsync(db, point, cancel);
        var now = clock.GetUtcNow();
        var experiment = new Experiment
        {
            Id = ids.Next(),
            Key = request.Key,
            Name = request.Name.Trim(),
            Hypothesis = Trimmed(request.Hypothesis),
            DecisionPointId = point.Id,
            Plan = ExperimentJson.Write((request.Plan ?? DefaultPlan(content)) with { BlueprintVersion = 0, Holdout = 0, LayerFrom = 0 }),
            CreatedAt = now,
            CreatedBy = caller.Name,
            Salt = NewSalt(),
        };
        db.Add(experiment);
        db.Add(AuditEntry.Of(caller, "experiment.created", experiment.Id, now, after: Described(experiment)));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Experiment, experiment.Id);
        return experiment.Id;
    }

    /// <summary>Replaces a draft. Refused with <c>experiment.changed-meanwhile</c> when the stored revision is not <paramref name="revision"/>.</summary>
    /// <returns>The new revision.</returns>
    public async Task<Answered<long>> ChangeAsync(Caller caller, Guid id, long revision, ExperimentChange change, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        if (ExperimentRules.CheckNames(change.Key, change.Name, change.Hypothesis) is { IsEmpty: false } faults) return ExperimentRules.Invalid(faults);
        if (ExperimentRules.Unreadable(change.Plan) is { } unreadable) return unreadable;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return Unknown(id);
        if (experiment.State != ExperimentState.Draft) return experiment.AlreadyStarted();
        if (experiment.Revision != revision) return ChangedMeanwhile(experiment);
        if (await IsTakenAsync(db, change.Key, id, cancel) is { } taken) return taken;
        var (before, waited) = (Described(experiment), experiment.Approval is not null);
        experiment.ForgetApproval(); // what was asked for is not what would start
        (experiment.Key, experiment.Name, experiment.Hypothesis) = (change.Key, change.Name.Trim(), Trimmed(change.Hypothesis));
        experiment.Plan = ExperimentJson.Write(change.Plan with { BlueprintVersion = 0, Holdout = 0, LayerFrom = 0 });
        db.Add(AuditEntry.Of(caller, "experiment.changed", id, clock.GetUtcNow(), before, Described(experiment).Add("sentence", waited ? "The request for approval was taken back: what would start has changed." : null)));
        return await SaveAsync(db, experiment, cancel) is { } refusal ? refusal : experiment.Revision;
    }

    /// <summary>Begins assignment: from now on units get their arms. The plan is frozen.</summary>
    /// <param name="accepted">Findings of the checklist in spite of which it starts; kept beside the reason.</param>
    /// <param name="approved">The revision that another person approved; null where nobody has to, or for Looper itself.</param>
    public async Task<Refusal?> StartAsync(Caller caller, Guid id, string? reason, CancellationToken cancel, IReadOnlyList<string>? accepted = null, long? approved = null)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("experiments", cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return Unknown(id);
        if (experiment.State != ExperimentState.Draft) return experiment.AlreadyStarted();
        var request = ExperimentJson.ReadApproval(experiment.Approval);
        if (approved is not null && (request is null || experiment.Revision != approved)) return ChangedMeanwhile(experiment);
        if (approved is null && caller != Caller.System && (await ExperimentSettings.ReadAsync(db, cancel)).AsksApproval)
            return new("experiment.approval-needed", "Another person has to approve a start here. Ask for approval instead.");
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == experiment.DecisionPointId, cancel);
        if (point.IsArchived) return new("decision-point.archived", $"'{point.Key}' is archived and answers its default. Restore it first.");
        if (point.IsPaused) return new("decision-point.paused", $"'{point.Key}' is paused and answers its default, so no arm would act. Resume it first.");
        var content = await CurrentAsync(db, point, cancel);
        var versions = await VersionsAsync(db, point.Id, cancel);
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        if (ExperimentRules.Check(plan, content, versions) is { IsEmpty: false } faults) return ExperimentRules.Invalid(faults);
        var contents = new Dictionary<int, BlueprintContent> { [point.CurrentVersion] = content };
        foreach (var version in plan.Arms.Select(a => a.BlueprintVersion).OfType<int>().Distinct())
        {
            contents[version] = await StoredVersions.ServedAsync(db, point.Id, version, cancel);
            if (RandomisationRules.CheckArm(plan, version, contents[version], content) is { } unknown) return unknown;
        }

        var room = await Layers.FindRoomAsync(db, experiment, plan, cancel);
        if (room.Refusal is { } full) return full;
        var frozen = plan with
        {
            LayerFrom = room.Value,
            BlueprintVersion = point.CurrentVersion, PrimaryOutcome = ExperimentRules.PrimaryOutcome(plan, content), Holdout = content.Rollout.Holdout,
        };
        if (ExperimentCheck.Fault(ServedExperiment.Of(experiment, frozen, _ => []), point.CurrentVersion, contents) is { } fault)
            return new("experiment.invalid", $"'{experiment.Key}' could not be served, and its decision point would answer its default to everybody: {fault.Reason.TrimEnd('.')}. Change the plan.", fault.Field);
        var now = clock.GetUtcNow();
        if (experiment.Start(frozen, now) is { } refusal) return refusal;
        if (approved is not null) accepted = request!.Accepted;
        db.Add(AuditEntry.Of(caller, "experiment.started", id, now, after: Described(experiment).Add("accepted", accepted is { Count: > 0 } ? accepted : null)
            .Add("sentence", approved is null ? null : $"Approved; {request!.AskedBy} had asked for it{(request.Reason is { } why ? $": {why}" : ".")}"), reason: Trimmed(reason)));
        if (await SaveAsync(db, experiment, cancel, announce: false) is { } conflict) return conflict;
        await transaction.CommitAsync(cancel);
        Announce(experiment);
        return null;
    }

    /// <summary>Ends assignment for good. Towards safety: never needs approval.</summary>
    public async Task<Refusal?> StopAsync(Caller caller, Guid id, Conclusion conclusion, string? note, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Stop) is { } denied) return denied;
        if (note?.Length > ExperimentRules.MaxNote)
            return new("experiment.invalid", $"Note: {note.Length} characters are more than the {ExperimentRules.MaxNote} there is room for. Shorten it.", "note");
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return Unknown(id);
        var now = clock.GetUtcNow();
        if (experiment.Stop(conclusion, note, now) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, "experiment.stopped", id, now, after: new { experiment.Conclusion }, reason: Trimmed(note)));
        return await SaveAsync(db, experiment, cancel);
    }

    /// <summary>Removes a draft that never started.</summary>
    public async Task<Refusal?> DeleteDraftAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return Unknown(id);
        if (experiment.State != ExperimentState.Draft)
            return new("experiment.already-started", $"'{experiment.Key}' was started at {experiment.StartedAt:u}, so its history is kept. Only drafts can be deleted.");
        db.Remove(experiment);
        db.Add(AuditEntry.Of(caller, "experiment.deleted", id, clock.GetUtcNow(), before: Described(experiment)));
        return await SaveAsync(db, experiment, cancel);
    }

    /// <summary>The current blueprint against the baseline, half and half.</summary>
    public static ExperimentPlan DefaultPlan(BlueprintContent content) => new()
    {
        Arms =
        [
            new("baseline", 0.5) { Name = "What the product did before", Option = content.Rollout.Baseline ?? content.Default },
            new("looper", 0.5) { Name = "What Looper decides" },
        ],
    };

    internal static Refusal Unknown(Guid id) => new("experiment.unknown", $"There is no experiment {id}. It may have been a draft that was deleted: see the audit.");

    internal static Task<BlueprintContent> CurrentAsync(LooperDb db, DecisionPoint point, CancellationToken cancel) =>
        StoredVersions.ServedAsync(db, point.Id, point.CurrentVersion, cancel);

    internal static Task<List<int>> VersionsAsync(LooperDb db, Guid decisionPointId, CancellationToken cancel) =>
        db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == decisionPointId).Select(b => b.Version).OrderBy(v => v).ToListAsync(cancel);

    private static async Task<Refusal?> IsTakenAsync(LooperDb db, string key, Guid? self, CancellationToken cancel) =>
        await db.Set<Experiment>().AnyAsync(e => e.Key == key && e.Id != self, cancel)
            ? new("experiment.key-taken", $"Key: {key} already exists. Choose another, for example {key}-2.", "key")
            : null;

    private async Task<Refusal?> SaveAsync(LooperDb db, Experiment experiment, CancellationToken cancel, bool announce = true)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return ChangedMeanwhile(experiment);
        }

        if (announce) Announce(experiment);
        return null;
    }

    private void Announce(Experiment experiment)
    {
        changes.Announce(ChangeKind.Experiment, experiment.Id);
        changes.Announce(ChangeKind.DecisionPoint, experiment.DecisionPointId);
    }

    internal static Refusal ChangedMeanwhile(Experiment experiment) =>
        new("experiment.changed-meanwhile", $"Somebody else saved '{experiment.Key}' meanwhile. Load it again and repeat your change.");

    /// <summary>A salt is drawn from an id's random part: no second source of randomness.</summary>
    private long NewSalt() => BitConverter.ToInt64(ids.Next().ToByteArray(), 8);

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static ImmutableDictionary<string, object?> Described(Experiment experiment) => ImmutableDictionary<string, object?>.Empty
        .Add("key", experiment.Key).Add("name", experiment.Name).Add("hypothesis", experiment.Hypothesis)
        .Add("plan", System.Text.Json.JsonDocument.Parse(experiment.Plan).RootElement);
}
