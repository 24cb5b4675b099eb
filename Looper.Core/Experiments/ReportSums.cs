using System.Collections.Immutable;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>What all comparisons of a report are made from: sums per metric and arm, whose first arm is the baseline. Kept with the report, so that
/// any other arm can be the baseline later without the events.</summary>
internal sealed record ReportSums
{
    /// <summary>Units of each arm.</summary>
    public required ImmutableArray<long> Units { get; init; }

    public required ImmutableArray<MetricSums> Metrics { get; init; }

    /// <summary>Features with the names of their segments, in the order of each metric's segments.</summary>
    public required ImmutableArray<SegmentedFeature> Features { get; init; }

    /// <summary>Other experiments that had units of this one.</summary>
    public ImmutableArray<OverlapSums> Overlaps { get; init; } = [];

    /// <summary>The same with another arm first; the rest keep their order.</summary>
    public ReportSums Rebased(int baseline)
    {
        var order = Order(Units.Length, baseline);
        return this with { Units = [.. order.Select(arm => Units[arm])], Metrics = [.. Metrics.Select(m => m.Rebased(order))], Overlaps = [.. Overlaps.Select(o => o.Rebased(order))] };
    }

    /// <summary>Old place of each arm when one of them becomes the first.</summary>
    public static int[] Order(int arms, int baseline) => [baseline, .. Enumerable.Range(0, arms).Where(arm => arm != baseline)];

    /// <summary>Every arm against the first, on every metric.</summary>
    public ImmutableArray<MetricFigures> Figures(ReportSettings settings, ImmutableArray<CovariateFigures> covariates)
    {
        var strata = settings.Plan.Strata is { } name ? Features.Select(f => f.Name).ToList().IndexOf(name) : -1;
        var adjustments = new Adjustments(settings, covariates, strata, CovariateBalance.Before(covariates, Metrics));
        List<MetricSums> sums = [.. Metrics.Select(m => m with { Covariates = adjustments.Columns(m) }).OrderBy(m => m.Spec.Role).ThenBy(m => m.Outcome.Name != settings.PrimaryOutcome)];
        var metrics = FamilyIntervals.Of(Corrections.Apply([.. sums.Select(m => Of(settings, m, adjustments))], settings), sums, settings);
        return NoveltyEffects.Judge(Courses.Corrected(metrics), settings.Plan);
    }

    /// <summary>Effects inside segments; none where these would take units for the sample, or mix times, that are not alike.</summary>
    public ImmutableArray<SegmentFigures> Segments(ReportSettings settings) => settings.Plan.IsPlain
        ? SegmentEffects.Of(settings, Features, [.. Metrics.Where(m => m.Spec.Role != MetricRole.Secondary && m.Spec.Kind != MetricKind.Quantile)])
        : [];

    /// <summary>Whether effects on the goals depend on other experiments.</summary>
    public ImmutableArray<InteractionFigures> Interactions(ExperimentPlan plan) => OverlapSums.Figures(Overlaps, plan, OverlapSums.Goals(Metrics.Select(m => m.Spec)));

    private MetricFigures Of(ReportSettings settings, MetricSums sums, Adjustments adjustments)
    {
        var spec = sums.Spec;
        var needs = new Needs(settings, [.. Units]);
        return new()
        {
            Outcome = spec.Outcome.Name,
            Role = spec.Role,
            IsPrimary = spec.Outcome.Name == settings.PrimaryOutcome,
            Kind = spec.Outcome.Kind,
            Measures = spec.Kind,
            Definition = spec.Definition,
            Better = spec.Outcome.Better,
            UnitOfMeasure = spec.Outcome.UnitOfMeasure,
            Window = spec.Outcome.Window,
            Reading = PlannedEnd.Decides(settings, spec.Outcome.Window),
            Margin = spec.Margin,
            MarginNote = spec.MarginNote,
            Cap = sums.Cap,
            CapUnits = sums.CapUnits,
            Sampled = sums.Sampled,
            Arms = [.. settings.Plan.Arms.Select((arm, i) => sums.Value(arm.Key, i, needs.ForMean(arm.Key, sums.Arms[i])))],
            Comparisons = [.. Enumerable.Range(1, settings.Plan.Arms.Length - 1).Select(i =>
                Comparisons.Of(settings, sums, i, needs, adjustments) with
                {
                    Course = settings.Plan.IsPlain ? Courses.Of(settings, sums, i, needs) : null,
                    Novelty = sums.Stages.IsEmpty ? null : NoveltyEffects.Of(settings, sums, i),
                })],
        };
    }
}

/// <param name="Segments">Number 0 is what has no value.</param>
internal sealed record SegmentedFeature(string Name, ImmutableArray<string> Segments);

/// <summary>One arm against another where shares of the arms changed on the way.</summary>
internal sealed record AdaptiveEffect(MetricSummary Control, MetricSummary Treatment, Effect Difference)
{
    /// <summary>The other way round.</summary>
    public AdaptiveEffect Mirrored => new(Treatment, Control, Difference with { Value = -Difference.Value });
}
