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
    public const string Version = "experiment-2";

    private readonly ReportSettings _settings;
    private readonly BlueprintContent _blueprint;
    private readonly CovariateReader _covariates;
    private readonly ImmutableArray<Outcome> _outcomes;
    private readonly Segmenter _segmenter;
    private readonly long[] _units, _decisions, _crossed, _defaults;
    private readonly double[] _row;
    private MetricUnits[] _metrics = [];
    private byte[] _segments = [];
    private List<ExposedUnit>? _pilot = [];
    private long _leftOut;

    /// <param name="blueprint">Version whose outcomes and guardrails count.</param>
    /// <param name="covariates">How to read the plan's covariates from a decision.</param>
    /// <param name="features">The features of each blueprint version; those of the plan's version make the segments.</param>
    public ExperimentAnalysis(
        ReportSettings settings, BlueprintContent blueprint, CovariateReader covariates, IReadOnlyDictionary<int, ImmutableArray<Feature>> features)
    {
        (_settings, _blueprint, _covariates, _outcomes) = (settings, blueprint, covariates, blueprint.Outcomes);
        _segmenter = new(features, settings.Plan.BlueprintVersion);
        var arms = settings.Plan.Arms.Length;
        (_units, _decisions, _crossed, _defaults) = (new long[arms], new long[arms], new long[arms], new long[arms]);
        _row = new double[covariates.Width];
    }

    /// <summary>Adds a unit once. Its values stand in the order of the blueprint's outcomes.</summary>
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
        _metrics = [.. _outcomes.Select(o => new MetricUnits(o, _units.Length, _covariates.Width, _settings.Plan.CapPercentile, sizes))];
        foreach (var unit in pilot) Count(unit.Decision.Arm, unit);
    }

    private void Count(int arm, ExposedUnit unit)
    {
        _units[arm]++;
        _decisions[arm] += unit.Decisions;
        if (unit.SawOtherArms) _crossed[arm]++;
        if (unit.Decision.Marks.HasFlag(RecordMarks.Default)) _defaults[arm]++;
        _covariates.Read(unit.Decision, _row);
        _segmenter.Read(unit.Decision, _segments);
        var day = DateOnly.FromDateTime(unit.Decision.Time.UtcDateTime).DayNumber;
        for (var i = 0; i < _metrics.Length; i++)
            _metrics[i].Add(arm, unit.Values[i], unit.Closed[i], !double.IsNaN(unit.SoFar[i]), day, _segments, _row);
    }

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
        var health = HealthChecks.Of(_settings, arms, _defaults, _outcomes, _metrics);
        var metrics = Corrections.Apply([.. _metrics.Select(Figures).OrderBy(m => m.Role).ThenBy(m => !m.IsPrimary)], plan);
        return new()
        {
            Settings = _settings,
            Arms = arms,
            Health = health,
            Metrics = metrics,
            Segments = SegmentEffects.Of(_settings, _segmenter, [.. _metrics.Where(m => RoleOf(m.Outcome) != MetricRole.Secondary).Select(m => (m.Outcome, m.Segments))]),
            UnitsLeftOut = _leftOut,
            Recommendation = Recommendations.For(_settings, arms, health, metrics),
        };
    }

    private MetricFigures Figures(MetricUnits units)
    {
        var outcome = units.Outcome;
        var guardrail = _blueprint.Goal.Guardrails.FirstOrDefault(g => g.Outcome == outcome.Name);
        var sums = units.Finish();
        var needs = new Needs(_settings, _units);
        return new()
        {
            Outcome = outcome.Name,
            Role = RoleOf(outcome),
            IsPrimary = outcome.Name == _settings.PrimaryOutcome,
            Kind = outcome.Kind,
            Better = outcome.Better,
            UnitOfMeasure = outcome.UnitOfMeasure,
            Window = outcome.Window,
            Margin = guardrail?.MarginRelative ?? double.NaN,
            Cap = sums.Cap,
            Arms = [.. _settings.Plan.Arms.Select((arm, i) => sums.Value(arm.Key, i, needs.ForMean(arm.Key, sums.Arms[i])))],
            Comparisons = [.. Enumerable.Range(1, _settings.Plan.Arms.Length - 1).Select(i => Comparisons.Of(_settings, outcome, guardrail, sums, i, needs) with { Course = Courses.Of(_settings, sums, i, needs) })],
        };
    }

    private MetricRole RoleOf(Outcome outcome) =>
        outcome.Name == _settings.PrimaryOutcome || _blueprint.Goal.Terms.Any(t => t.Outcome == outcome.Name) ? MetricRole.Goal
        : _blueprint.Goal.Guardrails.Any(g => g.Outcome == outcome.Name) ? MetricRole.Guardrail
        : MetricRole.Secondary;
}
