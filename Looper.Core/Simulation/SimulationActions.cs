using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.LongTerm;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Looper.Core.Runs;
using Looper.Core.Studies;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Simulation;

/// <param name="DecisionPoints">Simulated decision points that were removed, with their versions, models, experiments, reports and studies.</param>
public sealed record SimulationRemoved(int DecisionPoints, int Models, int Experiments, long Decisions, long Observations);

/// <summary>Takes everything away that the simulator made.</summary>
public sealed class SimulationActions(IDbContextFactory<LooperDb> databases, NotedRemovals removals, TimeProvider clock, ChangeFeed changes)
{
    /// <summary>Removes the simulated decision points first, so that nothing new is logged, and then their events.</summary>
    public async Task<Answered<SimulationRemoved>> RemoveAsync(Caller caller, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().Where(p => p.IsSimulated).ToListAsync(cancel);
        var ids = points.ConvertAll(p => p.Id);
        var models = await db.Set<Model>().Where(m => ids.Contains(m.DecisionPointId)).ToListAsync(cancel);
        var experiments = await db.Set<Experiment>().Where(e => ids.Contains(e.DecisionPointId)).ToListAsync(cancel);
        var experimentIds = experiments.ConvertAll(e => e.Id);
        var runs = await db.Set<JobRun>().Where(r => r.DecisionPointId != null && ids.Contains(r.DecisionPointId.Value)).ToListAsync(cancel);
        var runIds = runs.ConvertAll(r => r.Id);

        db.RemoveRange(points);
        db.RemoveRange(models);
        db.RemoveRange(experiments);
        db.RemoveRange(runs);
        db.RemoveRange(await db.Set<Blueprint>().Where(b => ids.Contains(b.DecisionPointId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<Draft>().Where(d => d.IsSimulated || (d.DecisionPointId != null && ids.Contains(d.DecisionPointId.Value))).ToListAsync(cancel));
        db.RemoveRange(await db.Set<Alert>().Where(a => ids.Contains(a.DecisionPointId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<LearnedBandit>().Where(b => ids.Contains(b.DecisionPointId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<GateDecision>().Where(d => ids.Contains(d.DecisionPointId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<Report>().Where(r => experimentIds.Contains(r.ExperimentId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<EffectReport>().Where(r => experimentIds.Contains(r.ExperimentId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<LongTermReport>().Where(r => experimentIds.Contains(r.ExperimentId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<JobLogLine>().Where(l => runIds.Contains(l.JobRunId)).ToListAsync(cancel));
        db.RemoveRange(await db.Set<ApiKey>().Where(k => k.IsSimulated).ToListAsync(cancel));
        var studies = await db.Set<Study>().Where(s => s.DecisionPointId != null && ids.Contains(s.DecisionPointId.Value)).ToListAsync(cancel);
        var studyIds = studies.ConvertAll(s => s.Id);
        db.RemoveRange(studies);
        db.RemoveRange(await db.Set<StudyTrial>().Where(t => studyIds.Contains(t.StudyId)).ToListAsync(cancel));
        db.Add(AuditEntry.Of(caller, "simulation.removed", "simulated", clock.GetUtcNow(), before: string.Join(", ", points.Select(p => p.Key))));
        var order = RemovalOrder.OfSimulated();
        await removals.NoteAsync(caller, order, () => db.SaveChangesAsync(cancel), cancel); // once the points are gone nobody would ask for their events again
        foreach (var id in ids) changes.Announce(ChangeKind.DecisionPoint, id);
        foreach (var id in studyIds) changes.Announce(ChangeKind.Study, id);

        var events = await removals.RunAsync(caller, order, CancellationToken.None);
        return new SimulationRemoved(points.Count, models.Count, experiments.Count, events.Decisions, events.Observations);
    }
}
