using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Studies;

/// <summary>Trials as arms of an experiment beside the present policy. One experiment a batch, named after study and batch, so that units are
/// randomised anew and a step that is taken twice finds what it began.</summary>
public sealed class LiveTrials(
    IDbContextFactory<LooperDb> databases, ExperimentActions experiments, ReportActions reports, TimeProvider clock, ChangeFeed changes) : ITrialSource
{
    private const string Control = "present";

    public async Task<bool> MeasureAsync(Study study, StudyPlan plan, IReadOnlyList<StudyTrial> open, CancellationToken cancel)
    {
        if (open.Any(t => t.State == StudyTrialState.Waiting)) return await LaunchAsync(study, plan, cancel);
        var batch = open.Max(t => t.Batch);
        var key = KeyOf(study, batch);
        var experiment = await FindAsync(key, cancel);
        if (study.State != StudyState.Running && experiment is null or { State: ExperimentState.Draft }) return false; // no arm of a paused study begins
        if (experiment is null && await HasMovedAsync(study, plan, cancel)) return await WaitAsync(study, PolicyParameters.Moved, pause: true, cancel);
        if (experiment is null) return await CreateAsync(study, plan, key, [.. open.Where(t => t.Batch == batch)], cancel);
        if (experiment.State == ExperimentState.Draft)
        {
            if (await HasMovedAsync(study, plan, cancel)) return await WaitAsync(study, PolicyParameters.Moved, pause: true, cancel);
            if (await IsOutdatedAsync(study, experiment, [.. open.Where(t => t.Batch == batch)], cancel)) return await experiments.DeleteDraftAsync(Caller.System, experiment.Id, cancel) is null; // and is made anew
            if (await experiments.StartAsync(Caller.System, experiment.Id, $"Batch {batch} of study {study.Name}", cancel) is not { } refusal) return true;
            if (refusal.Code == "experiment.already-started") return true; // by somebody else since it was read
            // another experiment ends by itself some day; anything else needs a person
            return await WaitAsync(study, refusal.Reason, pause: refusal.Code != "experiment.another-running", cancel);
        }
        var now = clock.GetUtcNow();
        var age = now - experiment.StartedAt!.Value;
        string? breach = null;
        if (experiment.State == ExperimentState.Running)
        {
            if (study.ReadAt is { } read && now - read < TimeSpan.FromMinutes(plan.ReadMinutes)) return false;
            if (await reports.GaugeAsync(experiment.Id, cancel) is not { } gauge) return true;
            var looked = LiveReading.Of(plan, gauge, age, isStopped: false);
            if (!looked.IsComplete) return await LookedAsync(study, now, cancel);
            breach = looked.Breach;
            // Its arms end before anything is told: a process that falls now finds an experiment that is over, and no harmful arm serves on.
            if (!await EndBatchAsync(study, batch, cancel)) return true;
        }
        var report = await reports.ComputeAsync(Caller.System, experiment.Id, cancel); // what its trials are told, and the only one that is kept
        if (report.Refusal is { } unread) return await WaitAsync(study, unread.Reason, pause: true, cancel);
        var reading = LiveReading.Of(plan, report.Value!.Content, age, isStopped: true);
        return await TellAsync(study, batch, reading with { Breach = breach ?? reading.Breach }, now, cancel);
    }

    public async Task<bool> EndBatchAsync(Study study, int batch, CancellationToken cancel)
    {
        if (await FindAsync(KeyOf(study, batch), cancel) is not { } experiment) return true;
        if (experiment.State == ExperimentState.Running)
            await experiments.StopAsync(Caller.System, experiment.Id, Conclusion.Inconclusive, $"Batch {batch} of study {study.Name} has been read", cancel);
        else if (experiment.State == ExperimentState.Draft) await experiments.DeleteDraftAsync(Caller.System, experiment.Id, cancel);
        else return true;
        // refused where somebody changed it in the same moment
        return await FindAsync(KeyOf(study, batch), cancel) is not { State: ExperimentState.Draft or ExperimentState.Running };
    }

    /// <summary>Whether arms of a study serve.</summary>
    internal static Task<bool> ServeAsync(LooperDb db, Guid study, CancellationToken cancel)
    {
        var prefix = KeysOf(study);
        return db.Set<Experiment>().AnyAsync(e => e.Key.StartsWith(prefix) && e.State == ExperimentState.Running, cancel);
    }

    /// <summary>The version beside which a batch was measured; null where it was not measured live.</summary>
    internal static async Task<int?> VersionOfAsync(LooperDb db, Study study, int batch, CancellationToken cancel)
    {
        var key = KeyOf(study, batch);
        return await db.Set<Experiment>().AsNoTracking().Where(e => e.Key == key && e.StartedAt != null).Select(e => e.Plan).SingleOrDefaultAsync(cancel) is { } plan ? ExperimentJson.ReadPlan(plan).BlueprintVersion : null;
    }

    internal static string ArmOf(int trial) => $"trial-{trial}";

    private async Task<bool> LaunchAsync(Study study, StudyPlan plan, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var waiting = await db.Set<StudyTrial>().Where(t => t.StudyId == study.Id && t.State == StudyTrialState.Waiting).ToListAsync(cancel);
        if (waiting.Count == 0) return true;
        if (study.State != StudyState.Running || clock.GetUtcNow() - waiting[0].AskedAt < TimeSpan.FromHours(plan.VetoHours)) return false;
        foreach (var trial in waiting) trial.State = StudyTrialState.Running;
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return true;
    }

    private async Task<bool> CreateAsync(Study study, StudyPlan plan, string key, StudyTrial[] trials, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == study.DecisionPointId, cancel);
        var content = await StudyActions.ContentAsync(db, point, cancel);
        var weight = 1.0 / (trials.Length + 1);
        var arms = ImmutableArray.CreateBuilder<Arm>();
        arms.Add(new(Control, 1 - weight * trials.Length) { Name = "The present policy" });
        foreach (var trial in trials)
        {
            if (PolicyParameters.With(content, StudyJson.ReadValues(trial.Parameters)) is not { } policy)
                return await WaitAsync(study, PolicyParameters.Gone, pause: true, cancel);
            arms.Add(new(ArmOf(trial.Number), weight) { Name = $"Trial {trial.Number}", Policy = policy });
        }
        var created = await experiments.CreateAsync(Caller.System, new(point.Key, key, $"{(study.Name.Length > 60 ? study.Name[..60] : study.Name)}, batch {trials[0].Batch}", null,
            new() { Arms = arms.ToImmutable(), Traffic = plan.Traffic, PrimaryOutcome = plan.Goals[0].Metric, PlannedUnits = plan.UnitsPerArm * 2 }), cancel);
        return created.Refusal is not { } refusal || await WaitAsync(study, refusal.Reason, pause: refusal.Code != "experiment.key-taken", cancel);
    }

    private async Task<bool> LookedAsync(Study study, DateTimeOffset now, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<Study>().SingleAsync(s => s.Id == study.Id, cancel);
        (stored.ReadAt, stored.Reason) = (now, stored.State == StudyState.Running ? null : stored.Reason);
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return false;
    }

    private async Task<bool> TellAsync(Study study, int batch, LiveReading reading, DateTimeOffset now, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<Study>().SingleAsync(s => s.Id == study.Id, cancel);
        (stored.ReadAt, stored.Reason) = (now, stored.State == StudyState.Running ? null : stored.Reason);
        var trials = await db.Set<StudyTrial>().Where(t => t.StudyId == study.Id).ToListAsync(cancel);
        foreach (var trial in trials.Where(t => t.Batch == batch && t.State == StudyTrialState.Running))
        {
            var arm = reading.Arms.GetValueOrDefault(ArmOf(trial.Number));
            Proposals.Told(trial, arm?.Metrics is { } metrics ? StudyJson.Write(metrics) : null, arm?.Units, arm?.Note ?? (arm is null ? "It had no arm in the report." : null), now);
        }
        if (reading.Breach is { } breach && stored.State == StudyState.Running) stored.Pause(breach);
        Proposals.PauseWhenSpoiled(stored, trials);
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return true;
    }

    private async Task<bool> WaitAsync(Study study, string reason, bool pause, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<Study>().SingleAsync(s => s.Id == study.Id, cancel);
        if (stored.State == StudyState.Running && pause) stored.Pause(reason);
        else if (stored.Reason != reason) stored.Reason = reason;
        else return false;
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return false;
    }

    // Whether an arm of the draft is not what its trial's values make of the version that serves by now.
    private async Task<bool> IsOutdatedAsync(Study study, Experiment draft, StudyTrial[] trials, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == study.DecisionPointId, cancel);
        var (content, arms) = (await StudyActions.ContentAsync(db, point, cancel), ExperimentJson.ReadPlan(draft.Plan).Arms);
        static string Text(Arm arm) => ExperimentJson.Write(new ExperimentPlan { Arms = [arm] });
        return trials.Any(t => arms.FirstOrDefault(a => a.Key == ArmOf(t.Number)) is { } arm
            && Text(arm) != Text(arm with { Option = null, BlueprintVersion = null, Policy = PolicyParameters.With(content, StudyJson.ReadValues(t.Parameters)) }));
    }

    // Whether the policy has other numbers than in the first batch, whose control then was another, or other things come of the same numbers; before the first
    // batch, than when the study began.
    private async Task<bool> HasMovedAsync(Study study, StudyPlan plan, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var prefix = KeysOf(study.Id);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == study.DecisionPointId, cancel);
        var first = await db.Set<Experiment>().AsNoTracking().Where(e => e.Key.StartsWith(prefix) && e.StartedAt != null).OrderBy(e => e.StartedAt).FirstOrDefaultAsync(cancel);
        var version = first is not null ? ExperimentJson.ReadPlan(first.Plan).BlueprintVersion
            : study.StartedAt is { } began ? await LoggedTrials.VersionAtAsync(db, point, began, cancel) : null;
        if (version is not { } from) return false;
        var then = await StoredVersions.ServedAsync(db, point.Id, from, cancel);
        var (now, values) = (await ExperimentActions.CurrentAsync(db, point, cancel), PolicyParameters.Present(then));
        return !values.SequenceEqual(PolicyParameters.Present(now)) || TrialMeaning.Of(then, values, plan) != TrialMeaning.Of(now, values, plan);
    }

    private async Task<Experiment?> FindAsync(string key, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Key == key, cancel);
    }

    private static string KeyOf(Study study, int batch) => KeysOf(study.Id) + batch;

    private static string KeysOf(Guid study) => $"study-{study.ToString("n")[^12..]}-";
}
