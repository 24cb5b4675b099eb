using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Optimization;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Studies;

/// <param name="DecisionPoint">Key of the decision point whose policy is tuned; null for a study that an application or simulator drives.</param>
/// <param name="Plan">Null takes the defaults: every number of the present policy, its goal and its guardrails.</param>
/// <param name="Source">Who measures, where no plan is given; null takes live arms.</param>
public sealed record NewStudy(string Name, string? DecisionPoint = null, StudyPlan? Plan = null, TrialSource? Source = null);

/// <summary>What can be done with studies. One method per action.</summary>
public sealed class StudyActions(IDbContextFactory<LooperDb> databases, LiveTrials live, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    private const int MaxReason = 500;

    /// <summary>Saves a draft. Its plan is checked at once: a draft that could not start is refused.</summary>
    public async Task<Answered<Guid>> CreateAsync(Caller caller, NewStudy request, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        if (StudyRules.CheckName(request.Name) is { } unnamed) return unnamed;
        await using var db = await databases.CreateDbContextAsync(cancel);
        DecisionPoint? point = null;
        BlueprintContent? content = null;
        if (request.DecisionPoint is { Length: > 0 } key)
        {
            point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
            if (point is null) return new Refusal("decision-point.unknown", $"There is no decision point '{key}'. Choose one from the list.", "decisionPoint");
            if (point.CurrentVersion == 0) return new Refusal("decision-point.not-published", $"'{key}' has not been published, so it has no policy to tune. Publish its draft first.", "decisionPoint");
            content = await ContentAsync(db, point, cancel);
        }
        var plan = request.Plan ?? (content is null ? new() : DefaultPlan(content, request.Source ?? TrialSource.Live));
        if (StudyRules.Check(plan, content) is { IsEmpty: false } faults) return StudyRules.Invalid(faults);
        var now = clock.GetUtcNow();
        var study = new Study { Id = ids.Next(), Name = request.Name.Trim(), DecisionPointId = point?.Id, Plan = StudyJson.Write(plan), CreatedAt = now, CreatedBy = caller.Name };
        db.Add(study);
        db.Add(AuditEntry.Of(caller, "study.created", study.Id, now, after: new { study.Name, decisionPoint = point?.Key }));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return study.Id;
    }

    /// <summary>Every number of the present policy, the blueprint's first goal, its guardrails as relative changes, five live arms at a time.
    /// A simulator or an application reports in units of its own, in which the blueprint has no bounds.</summary>
    public static StudyPlan DefaultPlan(BlueprintContent content, TrialSource source = TrialSource.Live) => new()
    {
        Source = source, Batch = source == TrialSource.Live ? 5 : 1, Parameters = PolicyParameters.Of(content), ParameterConstraints = PolicyParameters.ConstraintsOf(content),
        StatusQuo = PolicyParameters.Present(content),
        Goals = [.. content.Goal.Terms.Take(1).Select(t => new StudyGoal(t.Outcome, IsHigher(content, t.Outcome) ? Aim.Maximize : Aim.Minimize))],
        Guardrails = source is not (TrialSource.Live or TrialSource.Logged) ? [] : [.. content.Goal.Guardrails.Select(g => IsHigher(content, g.Outcome) ? new StudyGuardrail(g.Outcome) { AtLeast = -g.MarginRelative } : new(g.Outcome) { AtMost = g.MarginRelative })],
    };

    public Task<Refusal?> StartAsync(Caller caller, Guid id, CancellationToken cancel) =>
        ChangeAsync(caller, Right.RunExperiments, id, "study.started", study => study.Start(StudyJson.ReadPlan(study.Plan), clock.GetUtcNow()), cancel);

    /// <summary>Nothing new begins; what is being measured is still read.</summary>
    public Task<Refusal?> PauseAsync(Caller caller, Guid id, string? reason, CancellationToken cancel) => TooLong(reason) is { } refusal ? Task.FromResult<Refusal?>(refusal)
        : ChangeAsync(caller, Right.Stop, id, "study.paused", study => study.Pause(Because(reason, $"Paused by {caller.Name}.")), cancel);

    public Task<Refusal?> ResumeAsync(Caller caller, Guid id, CancellationToken cancel) =>
        ChangeAsync(caller, Right.RunExperiments, id, "study.resumed", study => study.Resume(), cancel);

    /// <summary>Ends it for good, and its arms with it; trials without metrics have failed.</summary>
    public async Task<Refusal?> StopAsync(Caller caller, Guid id, string? reason, CancellationToken cancel)
    {
        if (TooLong(reason) is { } refusal) return refusal;
        if (await ChangeAsync(caller, Right.Stop, id, "study.stopped", study => study.End(StudyState.Stopped, Because(reason, $"Stopped by {caller.Name}."), clock.GetUtcNow()), cancel) is { } refused) return refused;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<StudyTrial>().Where(t => t.StudyId == id).MaxAsync(t => (int?)t.Batch, cancel) is { } batch)
            await live.EndBatchAsync(await db.Set<Study>().AsNoTracking().SingleAsync(s => s.Id == id, cancel), batch, cancel); // where somebody changes them in that moment, the loop ends them
        return null;
    }

    /// <summary>Removes a draft that never started.</summary>
    public async Task<Refusal?> DeleteDraftAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Study>().SingleOrDefaultAsync(s => s.Id == id, cancel) is not { } study) return Unknown(id);
        if (study.State != StudyState.Draft) return new("study.already-started", $"'{study.Name}' was started at {study.StartedAt:u}, so its trials are kept. Only drafts can be deleted.");
        db.Remove(study);
        db.Add(AuditEntry.Of(caller, "study.deleted", id, clock.GetUtcNow(), before: study.Name));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, id);
        return null;
    }

    /// <summary>Strikes out a trial that has not begun: it counts as failed and is not proposed again.</summary>
    public async Task<Refusal?> VetoAsync(Caller caller, Guid id, int number, string? reason, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Stop) is { } denied) return denied;
        if (TooLong(reason) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<StudyTrial>().SingleOrDefaultAsync(t => t.StudyId == id && t.Number == number, cancel) is not { } trial) return UnknownTrial(id, number);
        if (trial.State != StudyTrialState.Waiting) return new("trial.already-begun", $"Trial {number} is {trial.State.ToString().ToLowerInvariant()}; only one that waits can be struck out. Stop the study to end it.");
        (trial.State, trial.Note, trial.ToldAt) = (StudyTrialState.Failed, Because(reason, $"Struck out by {caller.Name}."), clock.GetUtcNow());
        db.Add(AuditEntry.Of(caller, "trial.struck-out", id, clock.GetUtcNow(), after: new { number }, reason: trial.Note));
        return await SaveAsync(db, id, cancel);
    }

    internal static Refusal Unknown(Guid id) => new("study.unknown", $"There is no study {id}. It may have been a draft that was deleted: see the audit.");

    internal static Refusal UnknownTrial(Guid id, int number) => new("trial.unknown", $"Study {id} has no trial {number}.", "trial");

    internal static Task<BlueprintContent> ContentAsync(LooperDb db, DecisionPoint point, CancellationToken cancel) =>
        StoredVersions.StoredAsync(db, point.Id, point.CurrentVersion, cancel);

    private async Task<Refusal?> ChangeAsync(Caller caller, Right right, Guid id, string action, Func<Study, Refusal?> change, CancellationToken cancel)
    {
        if (caller.Lacks(right) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Study>().SingleOrDefaultAsync(s => s.Id == id, cancel) is not { } study) return Unknown(id);
        if (action == "study.started" && await CheckAsync(db, study, cancel) is { } invalid) return invalid;
        if (change(study) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, action, id, clock.GetUtcNow(), after: new { study.State }, reason: study.Reason));
        return await SaveAsync(db, id, cancel);
    }

    // The blueprint may have changed since the draft was made.
    private static async Task<Refusal?> CheckAsync(LooperDb db, Study study, CancellationToken cancel)
    {
        var point = study.DecisionPointId is { } pointId ? await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == pointId, cancel) : null;
        var faults = StudyRules.Check(StudyJson.ReadPlan(study.Plan), point is null ? null : await ContentAsync(db, point, cancel));
        return faults.IsEmpty ? null : StudyRules.Invalid(faults);
    }

    private async Task<Refusal?> SaveAsync(LooperDb db, Guid id, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new("study.changed-meanwhile", "The study changed meanwhile. Load it again and repeat your change.");
        }
        changes.Announce(ChangeKind.Study, id);
        return null;
    }

    private static bool IsHigher(BlueprintContent content, string outcome) => content.Outcomes.FirstOrDefault(o => o.Name == outcome)?.Better != Direction.Lower;

    private static Refusal? TooLong(string? reason) => reason?.Length > MaxReason
        ? new("study.invalid", $"Reason: {reason.Length} characters are more than the {MaxReason} there is room for. Shorten it.", "reason") : null;

    private static string Because(string? reason, string otherwise) => string.IsNullOrWhiteSpace(reason) ? otherwise : reason.Trim();
}
