using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>From exposed units to a report: one pass, mergeable moments, no clock and no database. The same units in the same order
/// give the same report to the last bit.</summary>
public sealed class ExperimentAnalysis
{
    /// <summary>Version of the whole analysis; a change of any default or method raises it.</summary>
    public const string Version = "experiment-12";

    private readonly ReportSettings _settings;
    private readonly CovariateReader _covariates;
    private readonly CovariateBalance _balance;
    private readonly MetricSpecs _specs;
    private readonly IReadOnlyDictionary<int, ImmutableArray<Feature>> _features;
    private readonly Segmenter _segmenter;
    private readonly long[] _units, _decisions, _crossed, _defaults, _unitsAtLast;
    private readonly DateTimeOffset?[] _last;
    private readonly DateTimeOffset _lastFollowed;
    private DateTimeOffset? _first, _firstCompared, _lastCompared;
    private readonly double[] _row, _expected;
    private readonly int _epochs;
    private readonly double[][] _unitsByEpoch;
    private readonly IReadOnlyList<OtherExperiment> _others;
    private OverlapUnits[] _overlaps = [];
    private readonly Samples? _samples;
    private MetricUnits[] _metrics = [];
    private byte[] _segments = [];
    private List<ExposedUnit>? _pilot = [];
    private long _leftOut;

    /// <param name="blueprint">Version whose outcomes and guardrails count.</param>
    /// <param name="covariates">How to read the plan's covariates from a decision.</param>
    /// <param name="features">The features of each blueprint version; those of the plan's version make the segments.</param>
    /// <param name="others">Experiments that ran at the same time, for interactions.</param>
    public ExperimentAnalysis(
        ReportSettings settings, BlueprintContent blueprint, CovariateReader covariates, IReadOnlyDictionary<int, ImmutableArray<Feature>> features, params IReadOnlyList<OtherExperiment> others)
    {
        (_settings, _covariates, _features) = (settings, covariates, features);
        _specs = MetricSpecs.Of(settings.Plan, settings.PrimaryOutcome, blueprint, settings.StageDays);
        _segmenter = new(features, settings.Plan.BlueprintVersion);
        var arms = settings.Plan.Arms.Length;
        (_units, _decisions, _crossed, _defaults) = (new long[arms], new long[arms], new long[arms], new long[arms]);
        (_unitsAtLast, _last) = (new long[arms], new DateTimeOffset?[arms]);
        _balance = new(covariates.Names, arms, covariates.WhyNoScore);
        _others = others;
        (_row, _expected) = (new double[covariates.Width], new double[arms]);
        _epochs = settings.Allocation.IsDefault ? 0 : settings.Allocation.Length;
        _unitsByEpoch = [.. Enumerable.Range(0, _epochs).Select(_ => new double[arms])];
        // What units do once the arms have stopped says nothing of them.
        _lastFollowed = settings.StoppedAt is { } stopped ? stopped - TimeSpan.FromDays(NoveltyEffects.Stages * settings.StageDays) : DateTimeOffset.MaxValue;
        _samples = settings.Plan.Cluster is null && settings.Plan.Switchback is null ? null : new(settings.Plan, features);
    }

    /// <summary>What must be folded per unit besides the blueprint's outcomes.</summary>
    public static ImmutableArray<Measure> Measures(ReportSettings settings, BlueprintContent blueprint) =>
        MetricSpecs.Of(settings.Plan, settings.PrimaryOutcome, blueprint, settings.StageDays).Measures;

    /// <summary>Adds a unit once, in order of exposure. Its values stand in the order of the blueprint's outcomes, then of <see cref="Measures"/>.</summary>
    public void Add(ExposedUnit unit)
    {
        var arm = unit.Decision.Arm;
        if (arm < 0 || arm >= _units.Length || unit.Decision.Reason == Serving.Reason.Override)
        {
            _leftOut++;
            return;
        }

        if (_pilot is null) Count(arm, unit);
        else _pilot.Add(unit);
        if (_pilot?.Count >= Segmenter.Pilot) Settle();
    }

    // The first units say which segments there are; only then can any unit be put into one.
    private void Settle()
    {
        var pilot = _pilot!;
        _pilot = null;
        _segmenter.Settle(pilot.Select(u => u.Decision));
        _segments = new byte[_segmenter.Count];
        var sizes = Enumerable.Range(0, _segmenter.Count).Select(f => _segmenter.Segments(f).Length).ToList();
        _metrics = [.. _specs.All.Select(s => new MetricUnits(s, _units.Length, _covariates.Width, sizes, new(s.Only, _features), _epochs, _samples, Most ?? Kept.Of(_specs.All, _units.Length)))];
        _overlaps = [.. _others.Select(o => new OverlapUnits(o, _units.Length, [.. _metrics.Where(m => OverlapSums.IsGoal(m.Spec))]))];
        foreach (var unit in pilot) Count(unit.Decision.Arm, unit);
    }

    private void Count(int arm, ExposedUnit unit)
    {
        var sample = _samples?.Of(arm, unit.Decision) ?? -1;
        if (_samples is not null && sample < 0)
        {
            _leftOut++; // no arm of a cluster or region that is not known
            return;
        }

        _units[arm]++;
        _decisions[arm] += unit.Decisions;
        if (unit.SawOtherArms) _crossed[arm]++;
        if (unit.Decision.Marks.HasFlag(RecordMarks.Default)) _defaults[arm]++;
        _first ??= unit.Decision.Time;
        (_last[arm], _unitsAtLast[arm]) = (unit.Decision.Time, _units.Sum());
        _covariates.Read(unit.Decision, _row);
        _balance.Add(arm, _row);
        _segmenter.Read(unit.Decision, _segments);
        var epoch = EpochAt(unit.Decision.Time);
        ImmutableArray<double> chances = epoch < 0 ? [] : _settings.Allocation[epoch].Weights;
        var place = new Place(DateOnly.FromDateTime(unit.Decision.Time.UtcDateTime).DayNumber, sample, _samples?.IsLate(unit.Decision) == true, unit.Decision.Time <= _lastFollowed, epoch, chances);
        for (var i = 0; i < chances.Length; i++) _expected[i] += chances[i];
        if (epoch >= 0) _unitsByEpoch[epoch][arm]++;
        foreach (var metric in _metrics)
            if (metric.Add(arm, unit, place, _segments, _row) && metric.Outcome.Name == _settings.PrimaryOutcome) (_firstCompared, _lastCompared) = (_firstCompared ?? unit.Decision.Time, unit.Decision.Time);
        foreach (var overlap in _overlaps) overlap.Add(arm, unit);
    }

    private int EpochAt(DateTimeOffset time)
    {
        if (_epochs == 0) return -1;
        var epoch = 0;
        while (epoch + 1 < _epochs && _settings.Allocation[epoch + 1].From <= time) epoch++;
        return epoch;
    }

    /// <summary>What each metric may keep one by one; null shares out what there is.</summary>
    internal Kept? Most { get; init; }

    /// <summary>What the report was made from; after <see cref="Finish"/>.</summary>
    internal ReportSums? Sums { get; private set; }

    /// <summary>The report of all units added.</summary>
    public ReportContent Finish()
    {
        if (_pilot is not null) Settle();
        var plan = _settings.Plan;
        var arms = plan.Arms.Select((arm, i) => new ArmFigures
        {
            Key = arm.Key,
            Name = arm.Name,
            Does = arm.Does,
            Weight = arm.Weight,
            Units = _units[i],
            Decisions = _decisions[i],
            SawOtherArms = _crossed[i],
        }).ToImmutableArray();
        Sums = new()
        {
            Units = [.. _units],
            Metrics = [.. _metrics.Select(m => m.Finish())],
            Features = [.. Enumerable.Range(0, _segmenter.Count).Select(f => new SegmentedFeature(_segmenter.Name(f), _segmenter.Segments(f)))],
            Overlaps = [.. _overlaps.Select(o => o.Finish())],
        };
        var covariates = _balance.Finish(Sums.Metrics.Select(CovariateBalance.BeforeP));
        var metrics = Sums.Figures(_settings, covariates);
        var health = Health(arms, covariates, Sums.Metrics, metrics);
        return new()
        {
            Settings = _settings,
            Arms = arms,
            Health = health,
            Metrics = metrics,
            Segments = Sums.Segments(_settings),
            Covariates = covariates,
            Interactions = Sums.Interactions(plan),
            UnitsLeftOut = _leftOut,
            Reading = PlannedEnd.Decides(_settings),
            Traffic = ScaledImpact.TrafficOf(_settings, _units.Sum(), _first),
            Recommendation = Recommendations.For(_settings, arms, health, metrics, WeeksCheck.IsShort(_settings, _firstCompared, _lastCompared)),
        };
    }

    private ImmutableArray<HealthCheck> Health(ImmutableArray<ArmFigures> arms, ImmutableArray<CovariateFigures> covariates, ImmutableArray<MetricSums> sums, ImmutableArray<MetricFigures> metrics)
    {
        var all = _units.Sum();
        HealthCheck?[] further =
        [
            _samples is null ? HealthChecks.Stopped(_settings, arms, [.. _unitsAtLast.Select(at => all - at)], _last) : null,
            _settings.Plan.Slots is not null ? HealthChecks.CarriedOver(_settings, metrics) : null,
            WeeksCheck.Of(_settings, _firstCompared, _lastCompared, sums.Where(s => s.Outcome.Name == _settings.PrimaryOutcome).Sum(s => s.Arms.Sum(a => (long)a.Values.Count)), all),
            sums.FirstOrDefault(s => s.Outcome.Name == _settings.PrimaryOutcome) is { } primary ? HealthChecks.Outlier(_settings, primary) : null,
            HealthChecks.Alike(covariates, CovariateBalance.Before(covariates, sums)),
        ];
        return [.. HealthChecks.Of(_settings, arms, Expected(), _defaults, _metrics), .. further.OfType<HealthCheck>()];
    }

    // What was shared out by lot, and how much of it each arm should have.
    private SharedOut Expected() => _samples is { } samples
        ? new(_settings.Plan.Slots is null ? "clusters" : "slots", [.. _units.Select((_, arm) => (double)samples.All.Count(s => s.Arm == arm))], [.. _settings.Plan.Arms.Select(a => a.Weight)], [])
        : _epochs > 0 ? new("units", [.. _units.Select(n => (double)n)], _expected, [.. _unitsByEpoch.Select((counts, e) => (counts, _settings.Allocation[e].Weights.ToArray()))])
        : new("units", [.. _units.Select(n => (double)n)], [.. _settings.Plan.Arms.Select(a => a.Weight)], []);
}
