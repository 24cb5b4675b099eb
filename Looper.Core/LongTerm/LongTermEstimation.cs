using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.LongTerm;

/// <summary>From the logged units of an experiment, and of the time before it, to what it will have done: reads, predicts, and stores nothing.</summary>
/// <param name="how">Bases and threads.</param>
public sealed class LongTermEstimation(IDbContextFactory<LooperDb> databases, ExposureReader exposures, EffectPlan how)
{
    private const double ReadShare = 20, FitShare = 40, TestShare = 97;

    /// <summary>Predicts what a run was asked for.</summary>
    /// <param name="asOf">Windows count as closed, and events as arrived, by this moment.</param>
    /// <param name="report">Told the phase and the percent done.</param>
    public async Task<Answered<LongTermContent>> RunAsync(LongTermInput input, DateTimeOffset asOf, Action<string, double> report, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == input.ExperimentId, cancel) is not { } experiment)
            return ExperimentActions.Unknown(input.ExperimentId);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == experiment.DecisionPointId, cancel);
        var (plan, blueprint) = await EffectActions.PlanAsync(db, experiment, cancel);
        var version = plan.BlueprintVersion > 0 ? plan.BlueprintVersion : point.CurrentVersion;
        var stored = await StoredVersions.ReadAsync(db, point.Id, cancel);
        var primary = ExperimentRules.PrimaryOutcome(plan, blueprint) ?? "";
        var specs = MetricSpecs.Of(plan, primary, blueprint);
        var found = EffectMetric.Find(specs, primary, blueprint, input.Metric);
        if (found.Refusal is { } unfit) return unfit with { Code = "long-term.invalid" };
        var metric = found.Value!;
        var reading = new LongTermReading(metric, specs, EarlyOutcome.Of(metric, specs, blueprint, input.Early), stored.Contents, version);
        var settings = new LongTermSettings
        {
            Input = input, Experiment = experiment.Key, DecisionPoint = point.Key, BlueprintVersion = version, DataUntil = asOf, Definition = metric.Definition, Window = metric.Window,
            IsRate = metric.IsRate, UnitOfMeasure = metric.UnitOfMeasure, LowerIsBetter = metric.LowerIsBetter, Level = plan.Level, IsSimulated = point.IsSimulated,
        };
        var fit = how with { Seed = input.Seed, Cancel = cancel };
        report("Reading units", 0);
        var sample = await LongTermSample.ReadAsync(exposures, reading, experiment, plan, asOf, LongTermSample.OwnShare, n => report("Reading units", ReadShare * n / (n + 50_000.0)), cancel);
        report("Learning what early outcomes come to", ReadShare);
        var computed = await Task.Run(() => LongTermComputation.Of(reading, sample.History, sample.Units, fit), cancel);
        var tests = new BackTesting(exposures, reading, plan.Level, fit);
        if (computed.Index is not null)
        {
            var others = BackTesting.Of(await db.Set<Experiment>().AsNoTracking().Where(e => e.DecisionPointId == point.Id).ToListAsync(cancel), experiment, metric.Window, asOf).ToList();
            foreach (var (i, other) in others.Index())
                await tests.AddAsync(other, asOf, what => report(what, FitShare + (TestShare - FitShare) * i / others.Count), cancel);
        }
        report("Predicting", TestShare);
        return await Task.Run(() => ContentOf(settings, plan, sample, computed, tests), cancel);
    }

    private static LongTermContent ContentOf(LongTermSettings settings, ExperimentPlan plan, LongTermSample sample, LongTermComputation computed, BackTesting tests)
    {
        var history = new PastUnits(sample.From, sample.Until, sample.History.All.Count, sample.History.Share, computed.Index?.Explained ?? double.NaN, computed.Index?.ExplainedByFeatures() ?? double.NaN)
        {
            Shortage = computed.Shortage,
        };
        return new()
        {
            Settings = computed.Data is not { } data ? settings : settings with
            {
                Cap = data.Cap, LeftOut = data.LeftOut,
                Early = [.. data.History.Columns.Take(data.Early).Select(c => c.Name)], Features = [.. data.History.Columns.Skip(data.Early).Select(c => c.Name)],
            },
            History = history,
            Arms = [.. plan.Arms.Select((_, a) => computed.Arm(plan, a, sample.Units))],
            Effects = [.. Enumerable.Range(1, plan.Arms.Length - 1).Select(arm => EffectOf(settings, plan, arm, history, computed, tests.Tests))],
            BackTests = tests.Tests,
            Untested = tests.Untested,
            Waiting = sample.Units.Waiting,
            LeftOut = sample.Units.LeftOut,
            UnitsShare = sample.Units.Share,
        };
    }

    private static LongTermEffect EffectOf(LongTermSettings settings, ExperimentPlan plan, int arm, PastUnits history, LongTermComputation computed, ImmutableArray<BackTest> tests)
    {
        var key = plan.Arms[arm].Key;
        var (effect, shortage) = computed.Against(plan, arm);
        if (effect is null) return new(key, computed.Shortage is null ? "Too few units to predict from yet." : "Too little is known from before the experiment to predict from.") { Shortage = shortage };
        var predicted = LongTermChange.Of(effect.Effect, settings.Level);
        var isObserved = computed.IsObserved(arm);
        var unexplained = isObserved ? LongTermChange.Of(effect.Unexplained, settings.Level) : null;
        var verdict = LongTermVerdict.Of(settings.Input.Metric, predicted, unexplained, effect.Likeness, history, tests);
        return new(key, verdict.Sentence)
        {
            Predicted = predicted, Observed = isObserved ? LongTermChange.Of(effect.Observed, settings.Level) : null, Unexplained = unexplained, Likeness = effect.Likeness, IsSound = verdict.IsSound,
        };
    }
}
