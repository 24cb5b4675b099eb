using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Personalization;

/// <summary>From the logged units of an experiment to effects: reads, estimates, and stores nothing.</summary>
public sealed class EffectEstimation(IDbContextFactory<LooperDb> databases, ExposureReader exposures, EffectPlan how)
{
    private const double ReadShare = 10;

    /// <summary>Other outcomes and metrics that are told beside the one that counts, at most: each is fitted for every arm and kept for every unit.</summary>
    internal const int MostOthers = 8;

    /// <summary>Estimates what a run was asked for.</summary>
    /// <param name="asOf">Windows count as closed, and events as arrived, by this moment.</param>
    /// <param name="report">Told the phase and the percent done.</param>
    public async Task<Answered<(EffectContent Content, RuleUnits? Units)>> RunAsync(EffectInput input, DateTimeOffset asOf, Action<string, double> report, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == input.ExperimentId, cancel) is not { } experiment)
            return ExperimentActions.Unknown(input.ExperimentId);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == experiment.DecisionPointId, cancel);
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        var version = plan.BlueprintVersion > 0 ? plan.BlueprintVersion : point.CurrentVersion;
        var stored = await StoredVersions.ReadAsync(db, point.Id, cancel);
        var (contents, blueprint) = (stored.Contents, stored.Of(version));
        var primary = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? "";
        var specs = MetricSpecs.Of(plan, primary, blueprint);
        var found = EffectMetric.Find(specs, primary, blueprint, input.Metric);
        if (found.Refusal is { } unfit) return unfit;
        var metric = found.Value!;
        var (others, untold) = OtherMetrics(metric, EffectMetric.Of(specs, primary, blueprint));
        report("Reading units", 0);
        var units = new EffectUnits(plan, metric, others, contents.ToDictionary(c => c.Key, c => c.Value.Features), version);
        var query = new ExposureQuery(point.Id, experiment.Id, blueprint.Outcomes) { Measures = specs.Measures, AsOf = asOf };
        var read = 0L;
        await foreach (var unit in exposures.ReadAsync(query, cancel))
        {
            stored.Need(unit.Decision.BlueprintVersion); // its features would count as missing
            units.Add(unit);
            if (++read % 5_000 == 0) report("Reading units", ReadShare * read / (read + 50_000.0));
        }
        var settings = new EffectSettings
        {
            Input = input, Experiment = experiment.Key, DecisionPoint = point.Key, BlueprintVersion = version, DataUntil = asOf, Definition = metric.Definition,
            IsRate = metric.IsRate, UnitOfMeasure = metric.UnitOfMeasure, LowerIsBetter = metric.LowerIsBetter,
            Level = plan.Level, OthersUntold = untold,
            IsSimulated = point.IsSimulated, Propensities = "", Features = [],
            NoPolicy = ArmOptions.WhyNone(plan, blueprint),
        };
        return await Task.Run(() => EffectComputation.Of(settings, plan, blueprint, units, experiment.IsImported, how, report, cancel), cancel);
    }

    /// <summary>What is told beside the metric: guardrails first, then what the goal is made of; and the keys of those there is no room for.</summary>
    internal static (ImmutableArray<EffectMetric> Told, ImmutableArray<string> Untold) OtherMetrics(EffectMetric metric, ImmutableArray<EffectMetric> all)
    {
        EffectMetric[] others = [.. all.Where(m => m.Key != metric.Key && m.Key != EffectMetric.Goal)
            .OrderBy(m => !double.IsNaN(m.Margin) ? 0 : m.Role == MetricRole.Goal ? 1 : 2)];
        return ([.. others.Take(MostOthers)], [.. others.Skip(MostOthers).Select(m => m.Key)]);
    }
}
