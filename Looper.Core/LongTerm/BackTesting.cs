using System.Collections.Immutable;
using Looper.Core.Causal;
using Looper.Core.Events;
using Looper.Core.Experiments;

namespace Looper.Core.LongTerm;

/// <summary>The same prediction on experiments that have ended, learned from the time before each, beside what came of them.</summary>
internal sealed class BackTesting(ExposureReader exposures, LongTermReading reading, double level, EffectPlan plan)
{
    /// <summary>Earlier experiments tested on at most, the newest ones.</summary>
    public const int Most = 5;

    private readonly List<BackTest> _tests = [];
    private readonly List<Untested> _untested = [];

    public ImmutableArray<BackTest> Tests => [.. _tests];

    public ImmutableArray<Untested> Untested => [.. _untested];

    /// <summary>Those that it can be tested on, newest first: ended by then, with arms given to units, the first of whose time has come.</summary>
    /// <param name="window">How long after a unit's first decision the metric is known.</param>
    public static IEnumerable<Experiment> Of(IEnumerable<Experiment> all, Experiment own, TimeSpan window, DateTimeOffset asOf) => all
        .Where(e => e.Id != own.Id && e.State is not (ExperimentState.Draft or ExperimentState.Running) && e is { IsImported: false, StartedAt: not null }
            && (e.StoppedAt ?? e.StartedAt) <= asOf && e.StartedAt + window < asOf && ExperimentJson.ReadPlan(e.Plan).IsPlain)
        .OrderByDescending(e => e.StartedAt).Take(Most);

    public async Task AddAsync(Experiment experiment, DateTimeOffset asOf, Action<string> report, CancellationToken cancel)
    {
        var design = ExperimentJson.ReadPlan(experiment.Plan);
        report($"{experiment.Key}: reading units");
        var sample = await LongTermSample.ReadAsync(exposures, reading, experiment, design, asOf, LongTermSample.TestShare, _ => { }, cancel);
        report($"{experiment.Key}: predicting what came of it");
        await Task.Run(() => Add(experiment, design, sample), cancel);
    }

    private void Add(Experiment experiment, ExperimentPlan design, LongTermSample sample)
    {
        var computed = LongTermComputation.Of(reading, sample.History, sample.Units, plan);
        for (var arm = 1; arm < design.Arms.Length; arm++)
        {
            var key = design.Arms[arm].Key;
            var why = design.Arms.Length > 2 ? $"{key}: " : "";
            if (computed.Shortage is null && !computed.IsObserved(arm))
            {
                _untested.Add(new(experiment.Key, $"{why}the time of too few of its units has come"));
                continue;
            }
            var (effect, shortage) = computed.Against(design, arm);
            if (shortage is not null) _untested.Add(new(experiment.Key, FormattableString.Invariant($"{why}{shortage.Have:N0} of {shortage.Need:N0} {shortage.Of}")));
            else _tests.Add(new(experiment.Key, key, computed.KnownIn(0) + computed.KnownIn(arm), LongTermChange.Of(effect!.Effect, level), LongTermChange.Of(effect.Observed, level), LongTermChange.Of(effect.Unexplained, level)));
        }
    }
}
