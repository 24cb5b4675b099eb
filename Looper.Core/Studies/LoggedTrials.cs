using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Policies;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Studies;

/// <summary>Trials measured by the off-policy estimators on the decisions that were logged before the study began: the relative change against what
/// was served in them, with its standard error.</summary>
/// <remarks>One trial a step. Every trial is judged on the same decisions, as they stood at the start, and with the same random numbers, so that a step
/// that is taken again after a fall finds the same. A setting that the log says too little about has failed, with the reason.</remarks>
public sealed class LoggedTrials(IDbContextFactory<LooperDb> databases, PolicyValuation valuation, TimeProvider clock, ChangeFeed changes) : ITrialSource
{
    /// <summary>Why a study cannot go on when its settings would be valued by other means than those before.</summary>
    internal const string Moved = "Since the first setting was estimated another version was published or another model went live, so the next would be valued by other means than those before. Stop the study and begin one from here.";

    public async Task<bool> MeasureAsync(Study study, StudyPlan plan, IReadOnlyList<StudyTrial> open, CancellationToken cancel)
    {
        if (study.State != StudyState.Running) return false; // nothing runs elsewhere that would be lost
        var trial = open[0];
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == study.DecisionPointId, cancel);
        var content = await StudyActions.ContentAsync(db, point, cancel);
        if (await HasMovedAsync(db, study, point, content, cancel)) return await PauseAsync(study.Id, Moved, cancel);
        var judged = LoggedReading.Judged(plan, content, StudyJson.ReadValues(trial.Parameters));
        if (judged is null) return await PauseAsync(study.Id, PolicyParameters.Gone, cancel);
        var start = study.StartedAt!.Value;
        var input = new ValueInput($"Trial {trial.Number}", BlueprintJson.Write(judged), plan.LoggedDays is { } days ? start.AddDays(-days) : null, start, null);
        var answered = await valuation.EvaluateAsync(point.Id, input, start, SeedOf(plan), (_, _) => { }, cancel);
        if (answered.Refusal is { } unjudged) return await PauseAsync(study.Id, unjudged.Reason, cancel);
        var result = answered.Value!;
        if (result.RefusedCode == LoggedReading.TooFew && plan.Source == TrialSource.Logged)
            return await PauseAsync(study.Id, $"{result.Refused} This study reads what was logged before its start: stop it, and make another when there is more.", cancel);
        return await TellAsync(study.Id, plan, trial, LoggedReading.Of(plan, judged, result), result.Units, cancel);
    }

    public Task<bool> EndBatchAsync(Study study, int batch, CancellationToken cancel) => Task.FromResult(true);

    // Whether what values a setting is another than when the first was asked for: the blueprint, or a model of its goal.
    private static async Task<bool> HasMovedAsync(LooperDb db, Study study, DecisionPoint point, BlueprintContent content, CancellationToken cancel)
    {
        if (await db.Set<StudyTrial>().Where(t => t.StudyId == study.Id && t.IsLogged && t.ToldAt != null).OrderBy(t => t.Number).Select(t => (DateTimeOffset?)t.AskedAt).FirstOrDefaultAsync(cancel) is not { } first) return false;
        string[] goal = [.. content.Goal.Terms.Select(t => t.Outcome)];
        var then = await VersionAtAsync(db, point, first, cancel);
        return (then is { } version && version != point.CurrentVersion && Valued(await StoredVersions.StoredAsync(db, point.Id, version, cancel)) != Valued(content))
            || await db.Set<Model>().AnyAsync(m => m.DecisionPointId == point.Id && m.State == ModelState.Live && goal.Contains(m.Outcome) && m.PromotedAt > first, cancel);
    }

    /// <summary>The version that was current at a moment; null before the first.</summary>
    internal static Task<int?> VersionAtAsync(LooperDb db, DecisionPoint point, DateTimeOffset at, CancellationToken cancel) =>
        db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point.Id && b.PublishedAt <= at).OrderByDescending(b => b.Version).Select(b => (int?)b.Version).FirstOrDefaultAsync(cancel);

    // What a value depends on: neither who is given it, nor how models are trained.
    private static string Valued(BlueprintContent content) => BlueprintJson.Write(content with { Rollout = new(), Training = new(), Durable = false });

    // The evaluation takes its random numbers from the second half.
    private static Guid SeedOf(StudyPlan plan) => new(0, 0, 0, BitConverter.GetBytes(plan.Seed));

    private async Task<bool> TellAsync(Guid id, StudyPlan plan, StudyTrial trial, LoggedReading reading, long units, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var study = await db.Set<Study>().SingleAsync(s => s.Id == id, cancel);
        var trials = await db.Set<StudyTrial>().Where(t => t.StudyId == id).ToListAsync(cancel);
        if (trials.Find(t => t.Id == trial.Id) is not { State: StudyTrialState.Running } row) return true; // told meanwhile
        Proposals.Told(row, reading.Metrics is { } metrics ? StudyJson.Write(metrics) : null, units, reading.Note, clock.GetUtcNow());
        (study.ReadAt, study.Reason) = (clock.GetUtcNow(), study.State == StudyState.Running ? null : study.Reason); // the study's revision guards its trials
        if (plan.Source == TrialSource.Logged) Proposals.PauseWhenSpoiled(study, trials);
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, id);
        return true;
    }

    private async Task<bool> PauseAsync(Guid id, string reason, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var study = await db.Set<Study>().SingleAsync(s => s.Id == id, cancel);
        if (study.Pause(reason) is not null) return false; // paused or ended meanwhile
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, id);
        return false;
    }
}
