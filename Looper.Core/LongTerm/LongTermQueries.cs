using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.LongTerm;

/// <param name="JobId">The run that made it.</param>
public sealed record LongTermView(Guid Id, Guid ExperimentId, Guid JobId, DateTimeOffset ComputedAt, string RequestedBy, LongTermContent Content);

/// <summary>A metric that a long-term effect can be asked for.</summary>
/// <param name="Window">How long after a unit’s first decision it is known.</param>
/// <param name="Early">How long early outcomes are read for where nothing else is asked.</param>
public sealed record LongTermMetric(string Key, TimeSpan Window, TimeSpan Early);

/// <summary>Reads stored predictions. They never change: a link always shows the same numbers.</summary>
public sealed class LongTermQueries(IDbContextFactory<LooperDb> databases)
{
    private const int MostListed = 100;

    public async Task<Answered<LongTermView>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await ViewAsync(db.Set<LongTermReport>().Where(r => r.Id == id), cancel) is { } view ? view
            : new Refusal("long-term.unknown", $"There is no prediction {id}. See the list of the experiment's.");
    }

    /// <summary>The newest of an experiment; null in an answer before the first.</summary>
    public async Task<Answered<LongTermView?>> LatestAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return new(await ViewAsync(db.Set<LongTermReport>().Where(r => r.ExperimentId == experimentId).OrderByDescending(r => r.ComputedAt), cancel), null);
    }

    /// <summary>Newest first.</summary>
    public async Task<Answered<IReadOnlyList<EstimateSummary>>> ListAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<Experiment>().AnyAsync(e => e.Id == experimentId, cancel)) return ExperimentActions.Unknown(experimentId);
        return await db.Set<LongTermReport>().AsNoTracking().Where(r => r.ExperimentId == experimentId).OrderByDescending(r => r.ComputedAt).Take(MostListed)
            .Select(r => new EstimateSummary(r.Id, r.ExperimentId, r.ComputedAt, r.RequestedBy, r.Metric, r.Verdict)).ToListAsync(cancel);
    }

    /// <summary>Metrics of an experiment that take long enough to be predicted, longest first.</summary>
    public async Task<Answered<IReadOnlyList<LongTermMetric>>> MetricsAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == experimentId, cancel) is not { } experiment) return ExperimentActions.Unknown(experimentId);
        var (plan, blueprint) = await EffectActions.PlanAsync(db, experiment, cancel);
        var primary = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? "";
        var specs = MetricSpecs.Of(plan, primary, blueprint);
        return new([.. EffectMetric.Of(specs, primary, blueprint).Where(m => !LongTermActions.MayStayUnknown(m, specs, blueprint)).OrderByDescending(m => m.Window)
            .Select(m => (m.Key, m.Window, Early: LongTermActions.SpanOf(m, null))).Where(m => m.Early is not null).Select(m => new LongTermMetric(m.Key, m.Window, m.Early!.Value))], null);
    }

    private static async Task<LongTermView?> ViewAsync(IQueryable<LongTermReport> reports, CancellationToken cancel) =>
        await reports.AsNoTracking().FirstOrDefaultAsync(cancel) is { } row ? new(row.Id, row.ExperimentId, row.JobRunId, row.ComputedAt, row.RequestedBy, LongTermContent.Read(row.Content)) : null;
}
