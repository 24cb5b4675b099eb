using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.Statistics;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

public sealed partial class ReportDetail
{
    [Inject] public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired] public required ReportContent Report { get; set; }

    /// <summary>Relative changes over time rather than absolute ones.</summary>
    [Parameter, EditorRequired] public bool Relative { get; set; }

    [SupplyParameterFromQuery(Name = "metric")] public string? MetricAsked { get; set; }

    [SupplyParameterFromQuery(Name = "arm")] public string? ArmAsked { get; set; }

    [SupplyParameterFromQuery(Name = "by")] public string? FeatureAsked { get; set; }

    private List<(MetricFigures Metric, Comparison Comparison)> Comparisons => [.. Report.Metrics.SelectMany(m => m.Comparisons.Select(c => (m, c)))];

    private MetricFigures Metric => Report.Metrics.FirstOrDefault(m => m.Outcome == MetricAsked) ?? Report.Metrics.FirstOrDefault(m => m.IsPrimary) ?? Report.Metrics[0];

    private Comparison Comparison => Metric.Comparisons.FirstOrDefault(c => c.Arm == ArmAsked) ?? Metric.Comparisons[0];

    private IReadOnlyList<SegmentFigures> Features =>
        Report.Segments.IsDefault ? [] : [.. Report.Segments.Where(s => s.Outcome == Metric.Outcome && s.Arm == Comparison.Arm)];

    private SegmentFigures? Feature =>
        Features.FirstOrDefault(f => f.Feature == FeatureAsked) ?? Features.OrderBy(f => double.IsNaN(f.AdjustedDifferP) ? 2 : f.AdjustedDifferP).FirstOrDefault();

    private bool IsDesigned => Report.Settings.Plan is not { Cluster: null, Switchback: null, Bandit: null };

    private string NoCourse => Report.Settings.Plan.Bandit is not null
        ? "Day by day and inside segments the arms had different shares at different times: a course or a segment would mix them up, so neither is drawn."
        : "A course over time and segments take single units for the sample, which they are not in this design, so neither is drawn.";

    private bool IsRate => Metric.Kind == OutcomeKind.Boolean;

    private string Unit => IsRate ? "pp" : Metric.UnitOfMeasure ?? Metric.Outcome;

    private string Baseline => Report.Arms[0].Key;

    private string Address(MetricFigures metric, Comparison comparison) =>
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["metric"] = metric.Outcome, ["arm"] = comparison.Arm });

    private LineChart Cumulative(TimeCourse course)
    {
        CourseBand Of(CoursePoint point) => Relative ? point.Relative : point.Absolute;
        var band = new Series("change until that day", [.. course.Points.Select(p => Of(p).Estimate)])
        {
            Low = [.. course.Points.Select(p => course.Drifts ? Of(p).Low : Of(p).RunningLow)],
            High = [.. course.Points.Select(p => course.Drifts ? Of(p).High : Of(p).RunningHigh)],
        };
        return new($"How did the change of {Metric.Outcome} come about?", new("Day of first decision", AxisKind.Time),
            new($"Change against {Baseline}{(Relative ? "" : $", {Unit}")}", Relative || IsRate ? AxisKind.Percent : AxisKind.Number), Days(course), [band])
        {
            Basis = $"{Comparison.Arm}; {Shown.Count(course.Points[^1].Units)} units whose window is closed; always-valid band, {Shown.Level(Report.Settings.Plan.Level)}",
            HowComputed = course.Drifts
                ? "The always-valid interval of each day by itself, because those of different days do not meet."
                : "The always-valid intervals of all days until then, intersected: each of them holds whenever you look.",
        };
    }

    private LineChart Daily(TimeCourse course) => new($"What was the change of {Metric.Outcome} among the units of each day?", new("Day of first decision", AxisKind.Time),
        new($"Change against {Baseline}, {Unit}", IsRate ? AxisKind.Percent : AxisKind.Number), Days(course),
        [new Series("change on that day", [.. course.Points.Select(p => p.Daily.Estimate)]) { Low = [.. course.Points.Select(p => p.Daily.Low)], High = [.. course.Points.Select(p => p.Daily.High)] }])
    {
        Basis = $"{Comparison.Arm}; each day by itself, {Shown.Level(Report.Settings.Plan.Level)}; days under 30 units an arm left out",
        HowComputed = "Units that entered on the day, without adjustment. Single days are wide: read the line, not a point.",
    };

    private EffectChart BySegment(SegmentFigures feature) => new($"Does the change of {Metric.Outcome} depend on {feature.Feature}?", Unit,
        [.. feature.Segments.Where(s => s.Shortage is null).Select(s => new EffectPoint(s.Segment, s.Estimate, s.Low, s.High) { Tone = ExperimentWords.ToneOf(s.Verdict), Units = s.BaselineUnits + s.ArmUnits })])
    {
        Basis = $"{Comparison.Arm} against {Baseline}; corrected for {Shown.Plural(Features.Sum(f => f.Segments.Length), "segment")}",
        HowComputed = "Arm less baseline inside the segment, without adjustment. Benjamini–Hochberg over all segments of all features; whether segments differ by Cochran’s Q, over all features.",
    };

    private string TrendSentence(TrendFigures trend)
    {
        var pace = ExperimentWords.Effect(Metric, trend.PerDay, trend.Low, trend.High, relative: false);
        var p = double.IsNaN(trend.AdjustedP) ? trend.P : trend.AdjustedP; // of reports made before all were looked at together
        return p >= 1 - Report.Settings.Plan.Level ? $"No sign that units who enter later show another effect ({pace} a day of entry, p {ExperimentWords.P(p)})."
            : trend.PerDay > 0 == Comparison.Absolute.Estimate > 0 ? $"The later units enter, the larger the effect: {pace} a day of entry (p {ExperimentWords.P(p)})."
            : $"The later units enter, the smaller the effect: {pace} a day of entry (p {ExperimentWords.P(p)}). What it was on average is not what it is now; give it longer before you ship.";
    }

    private static ImmutableArray<string> Days(TimeCourse course) => [.. course.Points.Select(p => p.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))];

    private static string Differs(SegmentFigures feature) =>
        double.IsNaN(feature.AdjustedDifferP) ? "Not enough data" : feature.AdjustedDifferP < 0.05 ? "Probably" : "No sign of it";

    private static string Word(EffectVerdict verdict) => verdict switch
    {
        EffectVerdict.Good => "Better",
        EffectVerdict.Bad => "Worse",
        EffectVerdict.Unsure => "No clear effect",
        _ => "Not enough data",
    };

    private static string Share(SegmentEffect segment) =>
        double.IsNaN(segment.SampleRatioP) ? Shown.Nothing
        : segment.IsSampleRatioBroken ? $"broken (p {ExperimentWords.P(segment.SampleRatioP)})"
        : $"as planned (p {ExperimentWords.P(segment.SampleRatioP)})";
}
