using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>Makes reports.</summary>
public sealed class ReportActions(IDbContextFactory<LooperDb> databases, ExposureReader exposures, WorkMeter work, TimeProvider clock, Ids ids, ChangeFeed changes)
{
    private const int MostOthers = 5;

    /// <summary>Analyses everything that has come in until now and stores the result.</summary>
    public async Task<Answered<ReportView>> ComputeAsync(Caller caller, Guid experimentId, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == experimentId, cancel);
        if (experiment is null) return ExperimentActions.Unknown(experimentId);
        if (experiment.State == ExperimentState.Draft)
            return new Refusal("experiment.not-started", $"'{experiment.Key}' has not been started, so nobody has seen its arms. Start it first.");
        var (content, sums) = await AnalyseAsync(db, experiment, now, cancel);
        var report = new Report { Id = ids.Next(), ExperimentId = experimentId, ComputedAt = now, DataUntil = now, Content = ExperimentJson.Write(content) };
        db.Add(report);
        db.Add(new ReportMoments { ReportId = report.Id, Content = ReportSumsFile.Write(sums) });
        db.Add(AuditEntry.Of(caller, "report.computed", report.Id, now, after: new { experiment = experiment.Key }));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Report, report.Id);
        return new ReportView(report.Id, experimentId, now, content);
    }

    /// <summary>The analysis as of now, not stored; null when the experiment is gone.</summary>
    internal async Task<ReportContent?> GaugeAsync(Guid experimentId, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var experiment = await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == experimentId, cancel);
        return experiment is null ? null : (await AnalyseAsync(db, experiment, clock.GetUtcNow(), cancel)).Content;
    }

    private async Task<(ReportContent Content, ReportSums Sums)> AnalyseAsync(LooperDb db, Experiment experiment, DateTimeOffset now, CancellationToken cancel)
    {
        using var counted = work.Begin(experiment.DecisionPointId, WorkKind.Analysis);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == experiment.DecisionPointId, cancel);
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        var stored = await StoredVersions.ReadAsync(db, point.Id, cancel);
        var blueprint = stored.Of(plan.BlueprintVersion > 0 ? plan.BlueprintVersion : point.CurrentVersion);
        var settings = new ReportSettings
        {
            ExperimentId = experiment.Id,
            Experiment = experiment.Key,
            DecisionPoint = point.Key,
            ExperimentName = experiment.Name,
            DecisionPointName = point.Name,
            State = experiment.State,
            IsImported = experiment.IsImported,
            IsSimulated = point.IsSimulated,
            StartedAt = experiment.StartedAt,
            StoppedAt = experiment.StoppedAt,
            DataUntil = now,
            Plan = plan,
            // One stretch is an experiment like any other.
            Allocation = ExperimentJson.ReadAllocation(experiment.Allocation) is { Length: > 1 } epochs ? [.. epochs.Where(e => e.From <= now)] : [],
            IsAdaptive = plan.Bandit is not null,
            Share = await RampTimes.ShareAsync(db, experiment, plan, now, cancel),
            StageDays = NoveltyEffects.StageDays(plan, experiment.IsImported, ExperimentJson.ReadAllocation(experiment.Allocation).Length > 1),
            PrimaryOutcome = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? blueprint.Outcomes.FirstOrDefault()?.Name ?? "",
        };
        settings = settings with { PrimaryWindow = MetricSpecs.WindowOf(plan, settings.PrimaryOutcome, blueprint) };
        var features = FeaturesOf(stored);
        var score = plan.UsesModelScore ? await ModelScore.FindAsync(db, experiment, blueprint, features, cancel) : null;
        var covariates = plan.Covariates.IsDefaultOrEmpty && score is null ? CovariateReader.None
            : new(plan.Covariates.IsDefault ? [] : plan.Covariates, features, score);
        settings = settings with { ScoredBy = score?.Models ?? [] };
        // Other experiments are joined by unit: only where units got their arms does that say anything.
        var others = plan.IsPlain ? await OthersAsync(db, experiment, plan, now, cancel) : [];
        var analysis = new ExperimentAnalysis(settings, blueprint, covariates, features, others);
        var measures = ExperimentAnalysis.Measures(settings, blueprint);
        var query = new ExposureQuery(point.Id, experiment.Id, blueprint.Outcomes) { Measures = measures, AsOf = now, Slots = plan.Slots, Moves = [.. settings.Allocation.Skip(1).Select(e => e.From)] };
        await foreach (var unit in exposures.ReadAsync(query, cancel))
        {
            stored.Need(unit.Decision.BlueprintVersion); // its features would count as missing
            analysis.Add(unit);
        }
        var content = analysis.Finish();
        return (content, analysis.Sums!);
    }

    /// <summary>The newest experiments that ran while this one did, on any decision point: units are the same people everywhere.</summary>
    private async Task<List<OtherExperiment>> OthersAsync(LooperDb db, Experiment experiment, ExperimentPlan plan, DateTimeOffset now, CancellationToken cancel)
    {
        if (experiment.IsImported || experiment.StartedAt is not { } start) return [];
        var end = experiment.StoppedAt ?? now;
        var rows = await db.Set<Experiment>().AsNoTracking()
            .Where(e => e.Id != experiment.Id && !e.IsImported && e.StartedAt != null && e.StartedAt < end && (e.StoppedAt == null || e.StoppedAt > start))
            .OrderByDescending(e => e.StartedAt).ToListAsync(cancel);
        List<OtherExperiment> others = [];
        foreach (var (row, own) in Compared(plan, rows))
        {
            var arms = await exposures.ArmsAsync(row.DecisionPointId, row.Id, row.StartedAt, cancel);
            if (arms.Count > 0) others.Add(new(row.Key, [.. own.Arms.Select(a => a.Key)], arms));
        }

        return others;
    }

    // There too a unit needs an arm of its own, and in one layer no unit is in both.
    internal static IEnumerable<(Experiment Experiment, ExperimentPlan Plan)> Compared(ExperimentPlan plan, IEnumerable<Experiment> newest) =>
        newest.Select(e => (Experiment: e, Plan: ExperimentJson.ReadPlan(e.Plan))).Where(e => e.Plan.IsPlain && (plan.Layer is null || e.Plan.Layer != plan.Layer)).Take(MostOthers);

    // Served rows are read by the version that wrote them.
    internal static async Task<Dictionary<int, ImmutableArray<Feature>>> FeaturesAsync(LooperDb db, Guid decisionPointId, CancellationToken cancel) =>
        FeaturesOf(await StoredVersions.ReadAsync(db, decisionPointId, cancel));

    private static Dictionary<int, ImmutableArray<Feature>> FeaturesOf(StoredVersions stored) => stored.Contents.ToDictionary(v => v.Key, v => v.Value.Features);
}
