using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Experiments;

/// <summary>A whole report as one picture: what was compared, what is recommended, health, and the scorecard with its intervals. By the plan's reading,
/// readable in print and without colour.</summary>
public static class ReportPicture
{
    private const double Left = 40, Right = ReportDrawing.Width - 40, Metric = Left, Arm = 250, Baseline = 470, Value = 570, Change = 590, Graph = 850, GraphWidth = 180, Chance = 1_110, Verdict = 1_130;

    /// <summary>SVG, in UTF-16; numbers and words are those of the report page.</summary>
    public static string Svg(ReportView view)
    {
        var (report, settings) = (view.Content, view.Content.Settings);
        var drawing = new ReportDrawing();
        drawing.Text(Left, settings.ExperimentName ?? settings.Experiment, 26, bold: true, width: Right - Left);
        drawing.Text(Left, string.Join(" · ", Facts(view)), 13, tone: "#5F6368", width: Right - Left);
        drawing.Space(14);
        var tone = ExperimentWords.ToneOf(report.Recommendation.Action);
        drawing.Box(Left, Right - Left, ReportDrawing.ColourOf(tone), box =>
        {
            box.Text(Left + 20, $"Recommended: {Tones.Mark(tone)} {report.Recommendation.Title}", 19, bold: true, width: Right - Left - 40);
            box.Text(Left + 20, report.Recommendation.Sentence, 14, width: Right - Left - 40);
        });
        Health(drawing, report.Health);
        drawing.Space(18);
        drawing.Text(Left, "Scorecard", 19, bold: true);
        drawing.Text(Left, $"{ExperimentWords.Decides(report)} · {Shown.Level(settings.Plan.Level)} · decides: {settings.PrimaryOutcome} · baseline: {report.Arms[0].Key}", 13, tone: "#5F6368", width: Right - Left);
        foreach (var group in report.Metrics.GroupBy(m => m.Role)) Group(drawing, report, group.Key, [.. group], Span(report));
        drawing.Space(14);
        foreach (var arm in report.Arms) drawing.Text(Left, $"{arm.Key}: {arm.Does}, {Shown.Percent(arm.Weight)} planned, {Shown.Plural(arm.Units, "unit")}", 12, width: Right - Left);
        drawing.Space(6);
        drawing.Text(Left, $"{ExperimentWords.Counted(settings.Plan)} Analysis {settings.Analysis}, data until {Shown.Time(settings.DataUntil)} UTC, report {Shown.Id(view.Id)}.", 12, tone: "#5F6368", width: Right - Left);
        return drawing.Finish($"Report of {settings.ExperimentName ?? settings.Experiment}");
    }

    private static IEnumerable<string> Facts(ReportView view)
    {
        var settings = view.Content.Settings;
        yield return $"on {settings.DecisionPointName ?? settings.DecisionPoint}";
        yield return settings.IsImported ? "imported" : settings.State == ExperimentState.RolledBack ? "rolled back" : settings.State.ToString().ToLowerInvariant();
        if (settings.IsSimulated) yield return "simulated";
        if (settings.StartedAt is { } start) yield return $"from {Shown.Time(start)}{(settings.StoppedAt is { } stop ? $" to {Shown.Time(stop)}" : "")} UTC";
        yield return Shown.Plural(view.Content.Arms.Sum(a => a.Units), "unit");
        yield return $"computed {Shown.Time(view.ComputedAt)} UTC";
    }

    private static void Health(ReportDrawing drawing, ImmutableArray<HealthCheck> health)
    {
        drawing.Space(12);
        var healthy = health.Where(h => h.State == HealthState.Green).Select(h => h.Title).ToList();
        foreach (var check in health.Where(h => h.State != HealthState.Green))
        {
            var tone = ExperimentWords.ToneOf(check.State);
            drawing.Text(Left, $"{Tones.Mark(tone)} {ExperimentWords.Of(check.State)}. {check.Title}: {check.Sentence}", 13, tone: ReportDrawing.ColourOf(tone), width: Right - Left);
        }

        if (healthy.Count > 0) drawing.Text(Left, $"▲ Healthy: {string.Join(", ", healthy)}.", 13, tone: ReportDrawing.ColourOf(Tone.Good), width: Right - Left);
    }

    private static void Group(ReportDrawing drawing, ReportContent report, MetricRole role, ImmutableArray<MetricFigures> metrics, (double Low, double High)? span)
    {
        drawing.Space(12);
        drawing.Text(Left, ExperimentWords.Of(role), 15, bold: true);
        drawing.Row(
            new(Metric, "Metric"), new(Arm, "Arm"), new(Baseline, "Baseline") { AtEnd = true }, new(Value, "Arm’s value") { AtEnd = true }, new(Change, "Change"), new(Graph, "Interval of the lift"),
            new(Chance, report.Decides == ReadingKind.Bayesian ? "Chance to win" : "p-value") { AtEnd = true }, new(Verdict, "Verdict"));
        foreach (var metric in metrics)
        {
            var reading = report.DecidesOn(metric);
            foreach (var comparison in metric.Comparisons)
            {
                var relative = comparison.Relative.WhyNot(reading) is null;
                var figures = relative ? comparison.Relative : comparison.Absolute;
                var interval = figures.Deciding(reading);
                var value = reading == ReadingKind.Bayesian ? figures.Bayesian.Mean : figures.Estimate;
                var why = comparison.Shortage is { } shortage ? FormattableString.Invariant($"Not enough data: {shortage.Have:N0} of {shortage.Need:N0} {shortage.Of}") : Core.Statistics.Causes.SentenceOf(figures.WhyNot(reading));
                var tone = ExperimentWords.ToneOf(comparison);
                var arm = metric.Arms.Single(a => a.Arm == comparison.Arm);
                drawing.Row(
                    new(Metric, metric.Outcome) { Width = 200, Below = $"{(metric.IsPrimary ? "decides, " : "")}{(metric.Better == Direction.Higher ? "higher is better" : "lower is better")}{(double.IsFinite(metric.Margin) ? $", limit {Shown.Percent(metric.Margin)}" : "")}" },
                    new(Arm, comparison.Arm) { Width = 130 },
                    new(Baseline, Mean(metric, metric.Arms[0])) { AtEnd = true, Below = Units(metric.Arms[0]) },
                    new(Value, Mean(metric, arm)) { AtEnd = true, Below = Units(arm) },
                    new(Change, why ?? ExperimentWords.Effect(metric, value, interval.Low, interval.High, relative)) { Width = 250 },
                    new(Graph, "") { Draw = why is null && relative && span is { } scale ? (y => drawing.Interval(Graph, GraphWidth, y, scale, value, interval.Low, interval.High, ExperimentWords.MarginLine(metric), tone)) : null },
                    new(Chance, comparison.Shortage is not null ? Shown.Nothing : reading == ReadingKind.Bayesian ? Shown.Probability(figures.Bayesian.ChanceToWin) : ExperimentWords.P(comparison.AdjustedP)) { AtEnd = true },
                    new(Verdict, $"{Tones.Mark(tone)} {ExperimentWords.Of(comparison)}") { Tone = ReportDrawing.ColourOf(tone), Width = 110 });
            }
        }
    }

    private static string Mean(MetricFigures metric, ArmValue arm) => arm.Shortage is null ? ExperimentWords.Mean(metric, arm.Told) : Shown.Nothing;

    private static string Units(ArmValue arm) => Shown.Plural(arm.Units, "unit");

    // Lifts of all metrics share one scale, with zero on it.
    private static (double Low, double High)? Span(ReportContent report)
    {
        var ends = report.Metrics.SelectMany(m => m.Comparisons.Select(c => (Comparison: c, Reading: report.DecidesOn(m)))).Where(c => c.Comparison.Shortage is null && c.Comparison.Relative.WhyNot(c.Reading) is null)
            .Select(c => c.Comparison.Relative.Deciding(c.Reading)).SelectMany(i => new[] { i.Low, i.High }).Where(double.IsFinite).Append(0).ToList();
        return ends.Min() < ends.Max() ? (ends.Min(), ends.Max()) : null;
    }
}
