using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>Reads experiments for people.</summary>
public sealed class ExperimentQueries(IDbContextFactory<LooperDb> databases)
{
    /// <summary>Newest first.</summary>
    /// <param name="decisionPoint">Key of one decision point; null for all.</param>
    public async Task<Answered<IReadOnlyList<ExperimentView>>> ListAsync(Caller caller, string? decisionPoint, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var rows = await Rows(db).Where(r => decisionPoint == null || r.Point.Key == decisionPoint).OrderByDescending(r => r.Experiment.Id).ToListAsync(cancel);
        var reports = await LatestAsync(db, [.. rows.Select(r => r.Experiment.Id)], cancel);
        return new(rows.ConvertAll(r => View(r, reports.GetValueOrDefault(r.Experiment.Id))), null);
    }

    public async Task<Answered<ExperimentView>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var row = await Rows(db).SingleOrDefaultAsync(r => r.Experiment.Id == id, cancel);
        if (row is null) return ExperimentActions.Unknown(id);
        return View(row, (await LatestAsync(db, [id], cancel)).GetValueOrDefault(id));
    }

    /// <summary>An experiment with the blueprint it compares on, and everything that keeps it from starting.</summary>
    public async Task<Answered<ExperimentDraftView>> DraftAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        var found = await FindAsync(caller, id, cancel);
        if (found.Value is not { } view) return found.Refusal!;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var version = view.Plan.BlueprintVersion > 0
            ? view.Plan.BlueprintVersion
            : await db.Set<DecisionPoint>().Where(p => p.Id == view.DecisionPointId).Select(p => p.CurrentVersion).SingleAsync(cancel);
        var content = await StoredVersions.ServedAsync(db, view.DecisionPointId, version, cancel);
        var versions = await ExperimentActions.VersionsAsync(db, view.DecisionPointId, cancel);
        return new ExperimentDraftView(view, content, versions, ExperimentRules.Check(view.Plan, content, versions));
    }

    private sealed class Row
    {
        public required Experiment Experiment { get; init; }
        public required DecisionPoint Point { get; init; }
    }

    private static IQueryable<Row> Rows(LooperDb db) =>
        from experiment in db.Set<Experiment>().AsNoTracking()
        join point in db.Set<DecisionPoint>().AsNoTracking() on experiment.DecisionPointId equals point.Id
        select new Row { Experiment = experiment, Point = point };

    private static async Task<Dictionary<Guid, Report>> LatestAsync(LooperDb db, Guid[] ids, CancellationToken cancel)
    {
        var newest = await db.Set<Report>().AsNoTracking().Where(r => ids.Contains(r.ExperimentId))
            .Where(r => !db.Set<Report>().Any(later => later.ExperimentId == r.ExperimentId && later.ComputedAt > r.ComputedAt)).ToListAsync(cancel);
        return newest.GroupBy(r => r.ExperimentId).ToDictionary(g => g.Key, g => g.First());
    }

    private static ExperimentView View(Row row, Report? latest) => new()
    {
        Id = row.Experiment.Id,
        Key = row.Experiment.Key,
        Name = row.Experiment.Name,
        Hypothesis = row.Experiment.Hypothesis,
        DecisionPointId = row.Point.Id,
        DecisionPoint = row.Point.Key,
        State = row.Experiment.State,
        Plan = ExperimentJson.ReadPlan(row.Experiment.Plan),
        Conclusion = row.Experiment.Conclusion,
        IsImported = row.Experiment.IsImported,
        IsSimulated = row.Point.IsSimulated,
        CreatedAt = row.Experiment.CreatedAt,
        CreatedBy = row.Experiment.CreatedBy,
        StartedAt = row.Experiment.StartedAt,
        StoppedAt = row.Experiment.StoppedAt,
        RampStep = row.Experiment.RampStep,
        RampStepAt = row.Experiment.RampStepAt,
        RampHeld = row.Experiment.RampHeld,
        Allocation = ExperimentJson.ReadAllocation(row.Experiment.Allocation),
        AllocationAt = row.Experiment.AllocationAt,
        AllocationHeld = row.Experiment.AllocationHeld,
        Testers = ExperimentJson.ReadTesters(row.Experiment.Testers),
        Approval = ExperimentJson.ReadApproval(row.Experiment.Approval),
        ShippedArm = row.Experiment.ShippedArm,
        ShippedVersion = row.Experiment.ShippedVersion,
        ShippedOver = row.Experiment.ShippedOver,
        ShippedAt = row.Experiment.ShippedAt,
        Revision = row.Experiment.Revision,
        Latest = latest is null ? null : ReportQueries.Summary(latest),
    };
}
