using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Personalization;

/// <param name="JobId">The run that made it.</param>
public sealed record EffectView(Guid Id, Guid ExperimentId, Guid JobId, DateTimeOffset ComputedAt, string RequestedBy, EffectContent Content);

/// <summary>Reads stored effects. They never change: a link always shows the same numbers.</summary>
public sealed class EffectQueries(IDbContextFactory<LooperDb> databases)
{
    private const int MostListed = 100;

    public async Task<Answered<EffectView>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await ViewAsync(db.Set<EffectReport>().Where(r => r.Id == id), cancel) is { } view ? view : Unknown(id);
    }

    /// <summary>The newest of an experiment; null in an answer before the first.</summary>
    public async Task<Answered<EffectView?>> LatestAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return new(await ViewAsync(db.Set<EffectReport>().Where(r => r.ExperimentId == experimentId).OrderByDescending(r => r.ComputedAt), cancel), null);
    }

    /// <summary>Newest first.</summary>
    public async Task<Answered<IReadOnlyList<EstimateSummary>>> ListAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<Experiment>().AnyAsync(e => e.Id == experimentId, cancel)) return ExperimentActions.Unknown(experimentId);
        return await db.Set<EffectReport>().AsNoTracking().Where(r => r.ExperimentId == experimentId).OrderByDescending(r => r.ComputedAt).Take(MostListed)
            .Select(r => new EstimateSummary(r.Id, r.ExperimentId, r.ComputedAt, r.RequestedBy, r.Metric, r.Verdict)).ToListAsync(cancel);
    }

    /// <summary>Metrics of an experiment that effects can be estimated for, the one that decides first.</summary>
    public async Task<Answered<IReadOnlyList<string>>> MetricsAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == experimentId, cancel) is not { } experiment) return ExperimentActions.Unknown(experimentId);
        var (plan, blueprint) = await EffectActions.PlanAsync(db, experiment, cancel);
        var primary = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? "";
        return new([.. EffectMetric.Of(MetricSpecs.Of(plan, primary, blueprint), primary, blueprint).Select(m => m.Key)], null);
    }

    internal static Refusal Unknown(Guid id) => new("effects.unknown", $"There are no effects {id}. See the list of the experiment's.");

    private static async Task<EffectView?> ViewAsync(IQueryable<EffectReport> reports, CancellationToken cancel)
    {
        var row = await reports.AsNoTracking().Select(r => new { r.Id, r.ExperimentId, r.JobRunId, r.ComputedAt, r.RequestedBy, r.Content }).FirstOrDefaultAsync(cancel);
        return row is null ? null : new(row.Id, row.ExperimentId, row.JobRunId, row.ComputedAt, row.RequestedBy, EffectContent.Read(row.Content));
    }
}
