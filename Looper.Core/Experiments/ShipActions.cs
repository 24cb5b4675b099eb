using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>The decision after an experiment: an arm becomes what everyone gets, and can be taken back in one step.</summary>
public sealed class ShipActions(IDbContextFactory<LooperDb> databases, Publishing publishing, TimeProvider clock, ChangeFeed changes)
{
    /// <summary>What shipping <paramref name="arm"/> would change now.</summary>
    public async Task<Answered<BlastRadius>> PreviewAsync(Caller caller, Guid id, string arm, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await FindAsync(db, id, arm, cancel);
        return found.Value is { } it ? await RadiusAsync(db, it, cancel) : found.Refusal!;
    }

    /// <summary>Makes <paramref name="arm"/> what everyone gets: stops the experiment when it runs and publishes the arm as the next version.
    /// The baseline is an arm too: shipping it is a roll-back.</summary>
    public async Task<Answered<BlastRadius>> ShipAsync(Caller caller, Guid id, string arm, string? note, CancellationToken cancel)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        if (caller.Lacks(Right.Publish) is { } unpublished) return unpublished;
        if (TooLong(note) is { } tooLong) return tooLong;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("experiments", cancel);
        var found = await FindAsync(db, id, arm, cancel);
        if (found.Value is not { } it) return found.Refusal!;
        var radius = await RadiusAsync(db, it, cancel);
        if (radius.Blocked is { } blocked) return blocked;
        var now = clock.GetUtcNow();
        if (it.Experiment.State == ExperimentState.Running)
        {
            it.Experiment.Stop(radius.IsBaseline ? Conclusion.Lost : Conclusion.Won, note, now);
            db.Add(AuditEntry.Of(caller, "experiment.stopped", id, now, after: new { it.Experiment.Conclusion }, reason: Trimmed(note)));
            await db.SaveChangesAsync(cancel); // a publish is checked against what runs
        }

        if (radius.ToVersion != radius.FromVersion)
        {
            var published = await publishing.AddVersionAsync(db, caller, it.Point, it.Next, $"Ships arm {arm} of {it.Experiment.Key}", null, cancel);
            if (published.Refusal is { } refused) return refused;
        }

        if (it.Experiment.Ship(arm, radius.IsBaseline, radius.ToVersion, radius.FromVersion, now) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, radius.IsBaseline ? "experiment.rolled-back" : "experiment.shipped", id, now,
            before: new { version = radius.FromVersion }, after: new { arm, version = radius.ToVersion, sentence = string.Join(" ", radius.Sentences) }, reason: Trimmed(note)));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        Announce(it.Experiment);
        return radius;
    }

    /// <summary>Takes back what was shipped: the version that served before is published again. Towards safety: needs no more than the right to stop.</summary>
    public async Task<Refusal?> RevertAsync(Caller caller, Guid id, string? note, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Stop) is { } denied) return denied;
        if (TooLong(note) is { } tooLong) return tooLong;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("experiments", cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return ExperimentActions.Unknown(id);
        var (arm, shipped, over) = (experiment.ShippedArm, experiment.ShippedVersion, experiment.ShippedOver);
        if (experiment.Revert() is { } refusal) return refusal;
        var point = await db.Set<DecisionPoint>().SingleAsync(p => p.Id == experiment.DecisionPointId, cancel);
        if (point.CurrentVersion != shipped)
            return new("experiment.published-since", $"Version {point.CurrentVersion} of '{point.Key}' has been published since version {shipped} shipped '{arm}'; going back to version {over} would undo that too. Go back in the decision point's versions.");
        var sentence = $"Version {over} already served; nothing was published.";
        if (over != shipped)
        {
            var before = await StoredVersions.ServedAsync(db, point.Id, over!.Value, cancel);
            var published = await publishing.AddVersionAsync(db, caller, point, before, $"Takes back arm {arm} of {experiment.Key}", over, cancel);
            if (published.Refusal is { } refused) return refused;
            sentence = $"Version {published.Value!.Version} is published with the content of version {over}.";
        }

        db.Add(AuditEntry.Of(caller, "experiment.reverted", id, clock.GetUtcNow(), before: new { arm, version = shipped }, after: new { version = point.CurrentVersion, sentence }, reason: Trimmed(note)));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        Announce(experiment);
        return null;
    }

    private sealed record Found(Experiment Experiment, ExperimentPlan Plan, Arm Arm, DecisionPoint Point, BlueprintContent Current, BlueprintContent Next);

    private static async Task<Answered<Found>> FindAsync(LooperDb db, Guid id, string arm, CancellationToken cancel)
    {
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return ExperimentActions.Unknown(id);
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        if (plan.Arms.FirstOrDefault(a => a.Key == arm) is not { } chosen)
            return new Refusal("experiment-arm.unknown", $"'{experiment.Key}' has no arm '{arm}'. Choose one of {string.Join(", ", plan.Arms.Select(a => a.Key))}.", "arm");
        var point = await db.Set<DecisionPoint>().SingleAsync(p => p.Id == experiment.DecisionPointId, cancel);
        var current = await ExperimentActions.CurrentAsync(db, point, cancel);
        var pinned = Shipping.VersionOf(chosen, plan) is { } version ? await StoredVersions.ServedAsync(db, point.Id, version, cancel) : null;
        return new Found(experiment, plan, chosen, point, current, Shipping.ContentOf(chosen, current, pinned));
    }

    private static async Task<BlastRadius> RadiusAsync(LooperDb db, Found it, CancellationToken cancel) =>
        Shipping.Of(it.Point.Key, it.Experiment, it.Plan, it.Arm, it.Current, it.Point.CurrentVersion, it.Next, await BlockedAsync(db, it, cancel));

    private static async Task<Refusal?> BlockedAsync(LooperDb db, Found it, CancellationToken cancel)
    {
        if (it.Experiment.State != ExperimentState.Running && it.Experiment.MayNotShip() is { } refusal) return refusal;
        if (it.Point.IsArchived) return new("decision-point.archived", $"'{it.Point.Key}' is archived and answers its default. Restore it first.");
        if (BlueprintJson.Write(it.Next) == BlueprintJson.Write(it.Current)) return null;
        if (BlueprintRules.Check(it.Next) is [{ } fault, ..]) return fault;
        var other = await db.Set<Experiment>().AsNoTracking().Where(e => e.DecisionPointId == it.Point.Id && e.State == ExperimentState.Running && e.Id != it.Experiment.Id)
            .Select(e => e.Key).FirstOrDefaultAsync(cancel);
        return other is null ? null : new("experiment.another-running", $"'{other}' runs on '{it.Point.Key}', and publishing would change what it compares. Stop it first.");
    }

    private void Announce(Experiment experiment)
    {
        changes.Announce(ChangeKind.Experiment, experiment.Id);
        changes.Announce(ChangeKind.DecisionPoint, experiment.DecisionPointId);
    }

    private static Refusal? TooLong(string? note) => note?.Length > ExperimentRules.MaxNote
        ? new("experiment.invalid", $"Note: {note.Length} characters are more than the {ExperimentRules.MaxNote} there is room for. Shorten it.", "note")
        : null;

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
