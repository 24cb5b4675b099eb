using System.Collections.Concurrent;
using Looper.Core.Decisions;
using Looper.Core.Metering;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Studies;

/// <summary>Carries studies on: proposes, has measured, reads, proposes again. Every step is one saved change that follows from what is stored,
/// so a process that falls between two steps, or within one, loses no trial and repeats none.</summary>
public sealed class StudyLoop(
    IDbContextFactory<LooperDb> databases, SimulatorTrials simulator, LiveTrials live, LoggedTrials logged, TimeProvider clock, Ids ids, ChangeFeed changes, ILogger<StudyLoop> log)
{
    private const int MostRounds = 50; // in one go; the next go carries on

    private readonly ConcurrentDictionary<Guid, (long Revision, int Trials)> _weighed = []; // as of which its trials say that it goes on

    /// <summary>Carries every study on as far as it goes now.</summary>
    public async Task AdvanceAllAsync(CancellationToken cancel)
    {
        var (resting, moves) = (new HashSet<Guid>(), true);
        for (var i = 0; i < MostRounds && moves; i++) // in turn: a step may take its time
        {
            moves = false;
            foreach (var id in await OpenAsync(cancel)) // anew: people begin and stop studies meanwhile
            {
                if (resting.Contains(id)) continue;
                if (await AdvancedAsync(id, cancel)) moves = true;
                else if (!await HasArmsAsync(id, cancel)) resting.Add(id); // arms go by the clock, and are looked at as long as another moves
            }
        }
    }

    /// <summary>Takes one step.</summary>
    /// <returns>Whether there may be another at once.</returns>
    public async Task<bool> StepAsync(Guid id, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var study = await db.Set<Study>().SingleAsync(s => s.Id == id, cancel);
        if (study.State == StudyState.Draft) return false;
        using var counted = WorkMeter.For(study.DecisionPointId ?? WorkMeter.Shared);
        var plan = StudyJson.ReadPlan(study.Plan);
        var trials = await db.Set<StudyTrial>().Where(t => t.StudyId == id).OrderBy(t => t.Number).ToListAsync(cancel);
        var open = trials.FindAll(t => t.State is StudyTrialState.Waiting or StudyTrialState.Running);
        var source = SourceOf(plan, open.Count > 0 ? open[0] : trials.Count > 0 ? trials[^1] : null);
        if (study.IsOver) return await EndAsync(db, study, open, source, trials, cancel);
        if (open.Count > 0 && source is not null) return await source.MeasureAsync(study, plan, open, cancel);
        if (open.Count > 0) return Proposals.GiveUp(study, plan, trials, clock.GetUtcNow()) && await SavedAsync(db, id, cancel);
        if (source is not null && trials.Count > 0 && !await source.EndBatchAsync(study, trials[^1].Batch, cancel)) return true;
        if (study.State != StudyState.Running || source is null && !EndsUnasked(study, plan, trials)) return false;
        if (!study.IsOver && Proposals.End(study, plan, trials, clock.GetUtcNow()) is null)
        {
            var isLogged = LoggedPhase.IsNext(plan, trials);
            var state = plan.Source == TrialSource.Live && !isLogged && plan.VetoHours > 0 ? StudyTrialState.Waiting : StudyTrialState.Running;
            var count = isLogged ? 1 : Math.Min(plan.Batch, plan.Trials - trials.Count(plan.Counts)); // estimates are made one by one
            if (Proposals.Add(db, study, plan, trials, count, state, ids, clock.GetUtcNow(), isLogged).Count == 0)
                study.End(StudyState.Finished, "Every allowed setting has been tried.", clock.GetUtcNow());
        }
        return await SavedAsync(db, id, cancel);
    }

    // Of a study whose application asks for the next setting. What its trials say takes many seconds to work out, and says the same until one is told.
    private bool EndsUnasked(Study study, StudyPlan plan, List<StudyTrial> trials)
    {
        var told = (study.Revision, trials.Count);
        var isKnown = _weighed.TryGetValue(study.Id, out var last) && last == told;
        if (Proposals.End(study, plan, trials, clock.GetUtcNow(), isWeighed: isKnown) is not null) return _weighed.TryRemove(study.Id, out _) || true;
        _weighed[study.Id] = told;
        return false;
    }

    private ITrialSource? SourceOf(StudyPlan plan, StudyTrial? trial) => plan.Source switch
    {
        TrialSource.Simulator => simulator,
        TrialSource.Logged => logged,
        TrialSource.Live => trial is { IsLogged: true } ? logged : live,
        _ => null,
    };

    private async Task<bool> AdvancedAsync(Guid id, CancellationToken cancel)
    {
        try
        {
            return await StepOrSayAsync(id, cancel);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Somebody changed it meanwhile, the database is away, or it cannot be read: the next round tries again, and the others go on.
            log.LogWarning(fault, "study.not-advanced {Study}", id);
            return false;
        }
    }

    // What keeps it waiting until a person acts is the study's own to tell.
    private async Task<bool> StepOrSayAsync(Guid id, CancellationToken cancel)
    {
        try
        {
            return await StepAsync(id, cancel);
        }
        catch (UnreadableVersionException unread)
        {
            await using var db = await databases.CreateDbContextAsync(cancel);
            var study = await db.Set<Study>().SingleAsync(s => s.Id == id, cancel);
            if (study.Reason == unread.Refusal.Reason) return false;
            study.Reason = unread.Refusal.Reason;
            await SavedAsync(db, id, cancel);
            return false;
        }
    }

    private async Task<bool> SavedAsync(LooperDb db, Guid id, CancellationToken cancel)
    {
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, id);
        return true;
    }

    private async Task<bool> EndAsync(LooperDb db, Study study, List<StudyTrial> open, ITrialSource? source, List<StudyTrial> trials, CancellationToken cancel)
    {
        // Its trials stay open until nothing of them runs: a study without open trials is not looked at again.
        if (source is not null && trials.Count > 0 && !await source.EndBatchAsync(study, trials[^1].Batch, cancel)) return true;
        if (open.Count == 0) return false;
        foreach (var trial in open) Proposals.Told(trial, null, null, "The study ended before it was measured.", clock.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return false;
    }

    private async Task<bool> HasArmsAsync(Guid id, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await LiveTrials.ServeAsync(db, id, cancel);
    }

    // Running ones, paused ones with trials under way, and those that ended before all was cleared away.
    private async Task<List<Guid>> OpenAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Study>().AsNoTracking()
            .Where(s => s.State == StudyState.Running || s.State != StudyState.Draft
                && db.Set<StudyTrial>().Any(t => t.StudyId == s.Id && (t.State == StudyTrialState.Waiting || t.State == StudyTrialState.Running)))
            .OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(cancel);
    }
}
