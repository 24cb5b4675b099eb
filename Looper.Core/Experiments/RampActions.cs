using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>What may change while an experiment runs: how much traffic it has, on the way of its plan, and who tries it out.</summary>
public sealed class RampActions(IDbContextFactory<LooperDb> databases, ReportActions reports, TimeProvider clock, ChangeFeed changes)
{
    /// <summary>Takes every step whose time is over and whose gate is open; notes why the others wait. Safe to run twice. One that cannot be analysed keeps none
    /// of the others back.</summary>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task CheckAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var running = await db.Set<Experiment>().AsNoTracking().Where(e => e.State == ExperimentState.Running).ToListAsync(cancel);
        await OneByOne.DoAsync(running, e => $"The traffic of '{e.Key}'", async e =>
        {
            if (!IsDue(e, ExperimentJson.ReadPlan(e.Plan), clock.GetUtcNow())) return false;
            var report = await reports.GaugeAsync(e.Id, cancel);
            await MoveAsync(Caller.System, e.Id, report is null ? null : RampGate.WhyHeld(report), null, mustBeDue: true, cancel);
            return true;
        });
    }

    /// <summary>Takes the next step now, whatever the gate says.</summary>
    /// <param name="from">The step it is on, as far as whoever asks knows; null takes the next whichever it is.</param>
    public async Task<Refusal?> StepAsync(Caller caller, Guid id, string? reason, CancellationToken cancel, int? from = null)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        if (reason?.Length > ExperimentRules.MaxNote)
            return new("experiment.invalid", $"Reason: {reason.Length} characters are more than the {ExperimentRules.MaxNote} there is room for. Shorten it.", "reason");
        return await MoveAsync(caller, id, null, string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(), mustBeDue: false, cancel, from);
    }

    /// <summary>Replaces the units that always get an arm. They are in no analysis, so it may change while the experiment runs.</summary>
    public async Task<Refusal?> SetTestersAsync(Caller caller, Guid id, ImmutableArray<Tester> testers, CancellationToken cancel)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return ExperimentActions.Unknown(id);
        if (experiment.State is not (ExperimentState.Draft or ExperimentState.Running))
            return new("experiment.already-stopped", $"'{experiment.Key}' was stopped at {experiment.StoppedAt:u}: no arm acts any more, so there is nothing to try out.");
        if (testers.IsDefault) testers = [];
        if (DesignRules.CheckTesters(testers, ExperimentJson.ReadPlan(experiment.Plan)) is { } fault) return fault;
        var before = ExperimentJson.ReadTesters(experiment.Testers).Length;
        experiment.Testers = testers.IsEmpty ? null : ExperimentJson.Write(testers);
        // Counts only: who they are stands in the experiment, not for ever in the audit.
        db.Add(AuditEntry.Of(caller, "experiment.testers-changed", id, clock.GetUtcNow(), before: new { testers = before },
            after: new { testers = testers.Length, sentence = testers.IsEmpty ? "No tester is left." : $"{testers.Length} unit{(testers.Length == 1 ? " gets an arm" : "s get an arm")} for trying it out." }));
        return await SavedAsync(db, experiment, cancel);
    }

    private static bool IsDue(Experiment experiment, ExperimentPlan plan, DateTimeOffset now) =>
        experiment.RampStep < plan.Ramp.Length && experiment.RampStepAt is { } since && now >= since.AddHours(plan.Ramp[experiment.RampStep].Hours);

    private async Task<Refusal?> MoveAsync(Caller caller, Guid id, string? held, string? reason, bool mustBeDue, CancellationToken cancel, int? from = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return ExperimentActions.Unknown(id);
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        var now = clock.GetUtcNow();
        if (mustBeDue && (experiment.State != ExperimentState.Running || !IsDue(experiment, plan, now))) return null; // another node was here first
        var share = plan.TrafficAt(experiment.RampStep);
        if (from is { } step && step != experiment.RampStep)
            return new("experiment.changed-meanwhile", $"Traffic of '{experiment.Key}' is {Percent(share)} by now, not {Percent(plan.TrafficAt(step))}: the step was taken meanwhile. Look at it again.");
        if (held is not null)
        {
            var why = held.Length <= 1_000 ? held : held[..999] + "…";
            // The figures in it move with every look; only another cause is news.
            if (experiment.RampHeld is { } known && known.Split(':')[0] == why.Split(':')[0]) return null;
            experiment.Hold(why);
            db.Add(AuditEntry.Of(caller, "experiment.ramp-held", id, now, after: new { step = experiment.RampStep, sentence = $"Traffic stays at {Percent(share)}. {why}" }));
        }
        else
        {
            if (experiment.TakeStep(plan.Ramp.Length, now) is { } refusal) return refusal;
            db.Add(AuditEntry.Of(caller, "experiment.ramp-stepped", id, now, before: new { traffic = share },
                after: new { traffic = plan.TrafficAt(experiment.RampStep), sentence = $"Traffic {Percent(share)} → {Percent(plan.TrafficAt(experiment.RampStep))}." }, reason: reason));
        }

        return await SavedAsync(db, experiment, cancel);
    }

    // Jobs that look at ramps and shares write the same row every few minutes.
    private async Task<Refusal?> SavedAsync(LooperDb db, Experiment experiment, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new("experiment.changed-meanwhile", $"Somebody else changed '{experiment.Key}' meanwhile. Look at it again.");
        }
        changes.Announce(ChangeKind.Experiment, experiment.Id);
        changes.Announce(ChangeKind.DecisionPoint, experiment.DecisionPointId);
        return null;
    }

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.##}%");
}
