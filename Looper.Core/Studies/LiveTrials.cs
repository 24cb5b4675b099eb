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
        if (experiment is null) return await CreateAsync(study, plan, key, [.. open.Where(t => t.Batch == batch)], cancel);
        if (experiment.State == ExperimentState.Draft)
        {
            if (await experiments.StartAsync(Caller.System, experiment.Id, $"Batch {batch} of study {study.Name}", cancel) is not { } refusal) return true;
            if (refusal.Code == "experiment.already-started") return true; // by somebody else since it was read
            // another experiment ends by itself some day; anything else needs a person
            return await WaitAsync(study, refusal.Reason, pause: refusal.Code != "experiment.another-running", cancel);
        }
        var now = clock.GetUtcNow();
        if (experiment.State == ExperimentState.Running && study.ReadAt is { } read && now - read < TimeSpan.FromMinutes(plan.ReadMinutes)) return false;
        var report = await reports.ComputeAsync(Caller.System, experiment.Id, cancel);
        if (report.Refusal is { } unread) return await WaitAsync(study, unread.Reason, pause: true, cancel);
        return await ReadAsync(study, plan, batch, LiveReading.Of(plan, report.Value!.Content, now - experiment.StartedAt!.Value, experiment.State != ExperimentState.Running), now, cancel);
    }

    public async Task EndBatchAsync(Study study, int batch, CancellationToken cancel)
    {
        if (await FindAsync(KeyOf(study, batch), cancel) is not { } experiment) return;
        if (experiment.State == ExperimentState.Running)
            await experiments.StopAsync(Caller.System, experiment.Id, Conclusion.Inconclusive, $"Batch {batch} of study {study.Name} has been read", cancel);
        else if (experiment.State == ExperimentState.Draft) await experiments.DeleteDraftAsync(Caller.System, experiment.Id, cancel);
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

    private async Task<bool> ReadAsync(Study study, StudyPlan plan, int batch, LiveReading reading, DateTimeOffset now, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<Study>().SingleAsync(s => s.Id == study.Id, cancel);
        (stored.ReadAt, stored.Reason) = (now, stored.State == StudyState.Running ? null : stored.Reason);
        if (reading.IsComplete)
        {
            var trials = await db.Set<StudyTrial>().Where(t => t.StudyId == study.Id).ToListAsync(cancel);
            foreach (var trial in trials.Where(t => t.Batch == batch && t.State == StudyTrialState.Running))
            {
                var arm = reading.Arms.GetValueOrDefault(ArmOf(trial.Number));
                Proposals.Told(trial, arm?.Metrics is { } metrics ? StudyJson.Write(metrics) : null, arm?.Units, arm?.Note ?? (arm is null ? "It had no arm in the report." : null), now);
            }
            if (reading.Breach is { } breach && stored.State == StudyState.Running) stored.Pause(breach);
            Proposals.PauseWhenSpoiled(stored, trials);
        }
        await db.SaveChangesAsync(cancel);
        if (reading.IsComplete) await EndBatchAsync(study, batch, cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return reading.IsComplete;
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

    private async Task<Experiment?> FindAsync(string key, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Key == key, cancel);
    }

    private static string KeyOf(Study study, int batch) => $"study-{study.Id.ToString("n")[^12..]}-{batch}";
}
