using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Personalization;

/// <summary>From the logged units of an experiment to effects: reads, estimates, and stores nothing.</summary>
public sealed class EffectEstimation(IDbContextFactory<LooperDb> databases, ExposureReader exposures)
{
    private const double ReadShare = 10;

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
        var versions = await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == point.Id).ToDictionaryAsync(b => b.Version, b => b.Content, cancel);
        var contents = versions.ToDictionary(v => v.Key, v => BlueprintJson.Served(v.Value));
        var blueprint = contents[version];
        var primary = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? "";
        if (EffectMetrics.Find(plan, primary, blueprint, input.Metric) is { Refusal: { } unfit }) return unfit;
        var specs = MetricSpecs.Of(plan, primary, blueprint);
        var metric = specs.All.First(s => s.Outcome.Name == input.Metric);
        report("Reading units", 0);
        var units = new EffectUnits(plan, metric, contents.ToDictionary(c => c.Key, c => c.Value.Features), version);
        var query = new ExposureQuery(point.Id, experiment.Id, blueprint.Outcomes) { Measures = specs.Measures, AsOf = asOf };
        await foreach (var unit in exposures.ReadAsync(query, cancel))
        {
            units.Add(unit);
            if (units.Count % 5_000 == 0) report("Reading units", ReadShare * units.Count / (units.Count + 50_000.0));
        }
        var settings = new EffectSettings
        {
            Input = input, Experiment = experiment.Key, DecisionPoint = point.Key, BlueprintVersion = version, DataUntil = asOf, Definition = metric.Definition,
            IsRate = metric.Outcome.Kind == OutcomeKind.Boolean, UnitOfMeasure = metric.Outcome.UnitOfMeasure, LowerIsBetter = metric.Outcome.Better == Direction.Lower,
            Level = plan.Level,
            IsSimulated = point.IsSimulated, Propensities = "", Features = [],
            NoPolicy = ArmOptions.WhyNone(plan, blueprint),
        };
        return await Task.Run(() => EffectComputation.Of(settings, plan, blueprint, units, experiment.IsImported, report, cancel), cancel);
    }
}

/// <summary>Which numbers effects can be estimated for.</summary>
internal static class EffectMetrics
{
    /// <summary>Keys, the one that decides first.</summary>
    public static ImmutableArray<string> Of(ExperimentPlan plan, string primary, BlueprintContent blueprint) =>
        [.. MetricSpecs.Of(plan, primary, blueprint).All.Where(IsValuePerUnit).Select(s => s.Outcome.Name).OrderBy(name => name != primary)];

    /// <summary>The key, or why it cannot be.</summary>
    public static Answered<string> Find(ExperimentPlan plan, string primary, BlueprintContent blueprint, string? name)
    {
        var possible = Of(plan, primary, blueprint);
        name ??= possible.FirstOrDefault();
        if (name is not null && possible.Contains(name)) return name;
        var all = MetricSpecs.Of(plan, primary, blueprint).All;
        return new Refusal("effects.invalid", all.Any(s => s.Outcome.Name == name)
            ? $"Metric: '{name}' is a ratio or a quantile, which no single unit has. Choose one of {string.Join(", ", possible)}."
            : $"Metric: '{ExperimentRules.Shown(name ?? "")}' is neither an outcome nor a metric of this experiment. Choose one of {string.Join(", ", possible)}.", "metric");
    }

    private static bool IsValuePerUnit(MetricSpec spec) => !spec.IsRatio && spec.Kind != MetricKind.Quantile;
}
