using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>The start by two: one person asks, another approves, and then it starts. Where an admin has switched that on.</summary>
public sealed class LaunchApprovals(ExperimentLaunch launch, ExperimentActions actions, IDbContextFactory<LooperDb> databases, TimeProvider clock, ChangeFeed changes)
{
    /// <summary>Asks for what <see cref="ExperimentLaunch.StartAsync"/> does at once elsewhere, on the same conditions.</summary>
    public async Task<Refusal?> AskAsync(Caller caller, Guid id, string? reason, CancellationToken cancel)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        var checkedFirst = await launch.AcceptedAsync(caller, id, reason, cancel);
        if (checkedFirst.Refusal is { } red) return red;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return ExperimentActions.Unknown(id);
        if (!(await ExperimentSettings.ReadAsync(db, cancel)).AsksApproval)
            return new("experiment.approval-not-needed", "Nobody has to approve a start here. Start it.");
        if (caller.UserId is not { } asker) // else whoever holds the key could approve what it asked for
            return new("experiment.asker-unknown", "A key cannot ask for approval, because nobody knows who uses it, so nobody could tell that another person approves. Sign in and ask in person.");
        var (now, why) = (clock.GetUtcNow(), string.IsNullOrWhiteSpace(reason) ? null : reason.Trim());
        if (experiment.AskApproval(new(caller.Name, asker, now, why, [.. checkedFirst.Value!])) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, "experiment.approval-asked", id, now, after: new { accepted = checkedFirst.Value!.Count > 0 ? checkedFirst.Value : null }, reason: why));
        return await SaveAsync(db, experiment, cancel);
    }

    /// <summary>Starts it, exactly as it was seen.</summary>
    /// <param name="revision">The revision that the approver has read; another is refused.</param>
    public async Task<Refusal?> ApproveAsync(Caller caller, Guid id, long revision, string? note, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Approve) is { } denied) return denied;
        if (TooLong(note) is { } tooLong) return tooLong;
        var found = await WaitingAsync(id, cancel);
        if (found.Value is not { } experiment) return found.Refusal!;
        if (experiment.Revision != revision) return ExperimentActions.ChangedMeanwhile(experiment);
        if (caller.UserId is null) return new("experiment.approver-unknown", "A key cannot approve, because nobody knows who uses it. Sign in and approve in person.");
        if (ExperimentJson.ReadApproval(experiment.Approval)!.UserId == caller.UserId)
            return new("experiment.approval-own", "You asked for this start yourself. Another person with the role approver has to approve it.");
        return await actions.StartAsync(caller, id, note, cancel, approved: revision);
    }

    /// <summary>Sends the draft back; who asked may take the request back in the same way.</summary>
    /// <param name="note">Why; needed.</param>
    public async Task<Refusal?> RejectAsync(Caller caller, Guid id, string? note, CancellationToken cancel)
    {
        if (caller.Lacks(Right.RunExperiments) is { } denied) return denied;
        if (string.IsNullOrWhiteSpace(note)) return new("experiment.reason-needed", "Reason: it is empty. Say why, so that whoever asked knows what to change.", "note");
        if (TooLong(note) is { } tooLong) return tooLong;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().SingleOrDefaultAsync(e => e.Id == id, cancel);
        if (experiment is null) return ExperimentActions.Unknown(id);
        if (ExperimentJson.ReadApproval(experiment.Approval) is not { } request) return NothingAsked(experiment);
        var isOwn = request.UserId == caller.UserId;
        if (!isOwn && caller.Lacks(Right.Approve) is { } notTheirs) return notTheirs;
        experiment.ForgetApproval();
        db.Add(AuditEntry.Of(caller, isOwn ? "experiment.approval-withdrawn" : "experiment.approval-rejected", id, clock.GetUtcNow(), reason: note.Trim()));
        return await SaveAsync(db, experiment, cancel);
    }

    internal static Refusal NothingAsked(Experiment experiment) => experiment.State != ExperimentState.Draft
        ? experiment.AlreadyStarted()
        : new("experiment.approval-not-asked", $"Nobody has asked to start '{experiment.Key}', or its draft was changed since, which takes the request back.");

    private async Task<Answered<Experiment>> WaitingAsync(Guid id, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancel);
        return experiment is null ? ExperimentActions.Unknown(id) : experiment.Approval is null ? NothingAsked(experiment) : experiment;
    }

    private static Refusal? TooLong(string? note) => note?.Length > ExperimentRules.MaxNote
        ? new("experiment.invalid", $"Reason: {note.Length} characters are more than the {ExperimentRules.MaxNote} there is room for. Shorten it.", "note")
        : null;

    private async Task<Refusal?> SaveAsync(LooperDb db, Experiment experiment, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return ExperimentActions.ChangedMeanwhile(experiment);
        }
        changes.Announce(ChangeKind.Experiment, experiment.Id);
        return null;
    }
}
