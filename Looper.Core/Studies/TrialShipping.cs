using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Studies;

/// <summary>Turns a trial into something that can be published, and checked.</summary>
public sealed class TrialShipping(IDbContextFactory<LooperDb> databases, DraftActions drafts, ExperimentActions experiments)
{
    /// <summary>Puts a trial's values into a draft of the blueprint. Asked twice, it finds what it made.</summary>
    /// <returns>Id of the draft.</returns>
    public async Task<Answered<Guid>> DraftAsync(Caller caller, Guid id, int number, CancellationToken cancel)
    {
        if (caller.Lacks(Right.EditDrafts) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await FindAsync(db, id, number, cancel);
        if (found.Refusal is { } refusal) return refusal;
        var (_, point, content, policy) = found.Value!;
        var wanted = content with { Policy = policy };
        var made = await drafts.CreateAsync(caller, new(point.Key, Content: wanted), cancel);
        if (made.Refusal is { } refused) return refused;
        var draft = made.Value!; // one that was there, or that somebody began in this moment, where there is one
        return BlueprintJson.Write(draft.Content) == BlueprintJson.Write(wanted) ? draft.Id
            : new Refusal("draft.exists", $"'{point.Key}' has a draft of {draft.ChangedBy} already. Publish or delete it first, or put the values into it yourself.");
    }

    /// <summary>Drafts an experiment of a trial's values against the present policy, on new units. Asked twice, it finds what it made.</summary>
    /// <returns>Id of the experiment.</returns>
    public async Task<Answered<Guid>> ConfirmAsync(Caller caller, Guid id, int number, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await FindAsync(db, id, number, cancel);
        if (found.Refusal is { } refusal) return refusal;
        var (study, point, content, policy) = found.Value!;
        var key = $"confirm-{id.ToString("n")[^12..]}-{number}";
        if (await db.Set<Experiment>().AsNoTracking().Where(e => e.Key == key).Select(e => (Guid?)e.Id).SingleOrDefaultAsync(cancel) is { } made) return made;
        var goal = StudyJson.ReadPlan(study.Plan).Goals[0].Metric;
        return await experiments.CreateAsync(caller, new(point.Key, key, $"Confirm trial {number}", $"The values that study {study.Name} found are better than the present ones, on new units.", new()
        {
            Arms = [new("present", 0.5) { Name = "The present policy" }, new($"trial-{number}", 0.5) { Name = $"Trial {number}", Policy = policy }],
            PrimaryOutcome = content.Outcomes.Any(o => o.Name == goal) ? goal : null,
        }), cancel);
    }

    /// <summary>A rule that was chosen by what the log says of it knows that log: all of it before the start, as if it had been made from it.</summary>
    internal static PolicySpec Marked(PolicySpec policy, StudyPlan plan, DateTimeOffset? startedAt)
    {
        if (policy is not TreePolicy rule || !plan.ReadsLog || startedAt is not { } start) return policy;
        var from = plan.LoggedDays is { } days ? start.AddDays(-days) : DateTimeOffset.UnixEpoch;
        return rule with { MadeFrom = rule.MadeFrom is { } made ? new(made.From < from ? made.From : from, made.Until > start ? made.Until : start) : new(from, start) };
    }

    private sealed record Found(Study Study, DecisionPoint Point, BlueprintContent Content, PolicySpec Policy);

    private static async Task<Answered<Found>> FindAsync(LooperDb db, Guid id, int number, CancellationToken cancel)
    {
        if (await db.Set<Study>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancel) is not { } study) return StudyActions.Unknown(id);
        if (await db.Set<StudyTrial>().AsNoTracking().SingleOrDefaultAsync(t => t.StudyId == id && t.Number == number, cancel) is not { } trial) return StudyActions.UnknownTrial(id, number);
        if (trial.State != StudyTrialState.Measured) return new Refusal("trial.not-measured", $"Trial {number} has not been measured, so nothing speaks for its values. Choose a measured one.", "trial");
        if (study.DecisionPointId is not { } pointId) return new Refusal("study.no-policy", $"'{study.Name}' tunes no policy of a decision point. Take the values of trial {number} over yourself.");
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == pointId, cancel);
        var (content, values, plan) = (await StudyActions.ContentAsync(db, point, cancel), StudyJson.ReadValues(trial.Parameters), StudyJson.ReadPlan(study.Plan));
        if (PolicyParameters.With(content, values) is not { } policy)
            return new Refusal("study.no-policy", $"The policy of '{point.Key}' does not have the numbers that '{study.Name}' tunes. Take the values over yourself.");
        var measured = await LiveTrials.VersionOfAsync(db, study, trial.Batch, cancel) ?? await LoggedTrials.VersionAtAsync(db, point, trial.AskedAt, cancel);
        if (measured is { } version && version != point.CurrentVersion && TrialMeaning.Of(await StoredVersions.StoredAsync(db, point.Id, version, cancel), values, plan) != TrialMeaning.Of(content, values, plan))
            return new Refusal("study.policy-changed", $"Trial {number} was measured beside version {version} of '{point.Key}'. In version {point.CurrentVersion} its values make another policy, or one that is judged by another goal, so nothing speaks for them there. Go back to version {version}, or take the values over yourself.");
        return new Found(study, point, content, Marked(policy, plan, study.StartedAt));
    }
}
