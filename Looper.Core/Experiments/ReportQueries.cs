using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>Reads stored reports. A report never changes: its link always shows the same numbers.</summary>
public sealed class ReportQueries(IDbContextFactory<LooperDb> databases)
{
    public async Task<Answered<ReportView>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Report>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancel) is { } report
            ? View(report)
            : new Refusal("report.unknown", $"There is no report {id}.");
    }

    /// <summary>A report read with another arm as the baseline, from the sums stored with it.</summary>
    /// <param name="baseline">Key of the arm; null or the planned baseline gives the report as stored.</param>
    public async Task<Answered<ReportView>> FindAsync(Caller caller, Guid id, string? baseline, CancellationToken cancel)
    {
        var found = await FindAsync(caller, id, cancel);
        if (found.Value is not { } report || baseline is null) return found;
        var plan = report.Content.Settings.Plan;
        var arm = plan.ArmIndex(baseline);
        if (arm < 0)
            return new Refusal("report-baseline.invalid", $"Baseline: '{ExperimentRules.Shown(baseline)}' is not an arm of this experiment. Choose one of {string.Join(", ", plan.Arms.Select(a => a.Key))}.", "baseline");
        if (arm == 0) return found;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<ReportMoments>().AsNoTracking().SingleOrDefaultAsync(m => m.ReportId == id, cancel);
        if (stored is null || ReportSumsFile.Read(stored.Content) is not { } sums)
            return new Refusal("report.no-moments", "This report was stored without what another baseline is computed from. Update it, then choose the baseline again.");
        return report with { Content = OtherBaseline.Of(report.Content, sums, arm) };
    }

    /// <summary>The newest report of an experiment; refused with <c>report.unknown</c> before the first.</summary>
    public async Task<Answered<ReportView>> LatestAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var report = await db.Set<Report>().AsNoTracking().Where(r => r.ExperimentId == experimentId).OrderByDescending(r => r.ComputedAt).FirstOrDefaultAsync(cancel);
        return report is not null ? View(report) : new Refusal("report.unknown", $"Experiment {experimentId} has no report yet. Compute one.");
    }

    /// <summary>Newest first.</summary>
    public async Task<Answered<IReadOnlyList<ReportSummary>>> ListAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (!await db.Set<Experiment>().AnyAsync(e => e.Id == experimentId, cancel)) return ExperimentActions.Unknown(experimentId);
        var reports = await db.Set<Report>().AsNoTracking().Where(r => r.ExperimentId == experimentId).OrderByDescending(r => r.ComputedAt).Take(100).ToListAsync(cancel);
        return new(reports.ConvertAll(Summary), null);
    }

    internal static ReportView View(Report report) => new(report.Id, report.ExperimentId, report.ComputedAt, ExperimentJson.ReadReport(report.Content));

    internal static ReportSummary Summary(Report report)
    {
        var content = ExperimentJson.ReadReport(report.Content);
        var primary = content.Metrics.FirstOrDefault(m => m.IsPrimary);
        var comparison = primary?.Comparisons.FirstOrDefault(c => c.Arm == content.Recommendation.Arm) ?? primary?.Comparisons.FirstOrDefault();
        var reading = comparison?.Relative.Deciding(content.Decides);
        var shown = comparison is { Shortage: null } && comparison.Relative.WhyNot(content.Decides) is null;
        return new()
        {
            Id = report.Id,
            ComputedAt = report.ComputedAt,
            Action = content.Recommendation.Action,
            Title = content.Recommendation.Title,
            Units = content.Arms.Sum(a => a.Units),
            Health = Worst(content),
            Change = !shown ? null : content.Decides == ReadingKind.Bayesian ? comparison!.Relative.Bayesian.Mean : comparison!.Relative.Estimate,
            ChangeLow = shown ? reading!.Low : null,
            ChangeHigh = shown ? reading!.High : null,
        };
    }

    private static HealthState Worst(ReportContent content)
    {
        foreach (var state in new[] { HealthState.Red, HealthState.Amber, HealthState.Unknown })
            if (content.Health.Any(h => h.State == state))
                return state;
        return HealthState.Green;
    }
}
