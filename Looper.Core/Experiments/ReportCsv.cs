using System.Globalization;
using System.Text;
using Looper.Core.Files;

namespace Looper.Core.Experiments;

/// <summary>A report's scorecard as rows: one per outcome, arm and scale (absolute, relative, per 1,000 units, per day, per year), full precision, undefined cells
/// empty. Scales that a metric does not have are left out.</summary>
public static class ReportCsv
{
    private static readonly string[] Columns =
    [
        "experiment", "computed_until", "outcome", "role", "arm", "baseline", "units", "mean", "deviation", "open", "baseline_units", "baseline_mean", "scale", "estimate", "standard_error",
        "degrees_of_freedom", "fixed_low", "fixed_high", "fixed_p", "sequential_low", "sequential_high", "sequential_p", "chance_to_win", "expected_loss", "adjusted_p", "correction", "verdict", "method", "undefined", "corrected_level", "corrected_low", "corrected_high",
    ];

    private static readonly (ImpactPer Per, string Scale)[] Scales = [(ImpactPer.Units, "per-1000-units"), (ImpactPer.Day, "per-day"), (ImpactPer.Year, "per-year")];

    public static string Write(ReportContent report)
    {
        var text = new StringBuilder().AppendJoin(',', Columns).Append("\r\n");
        foreach (var metric in report.Metrics)
            foreach (var comparison in metric.Comparisons)
            {
                Line(text, report, metric, comparison, "absolute", comparison.Absolute);
                Line(text, report, metric, comparison, "relative", comparison.Relative);
                foreach (var (per, scale) in Scales)
                    if (ScaledImpact.WhyNot(report.Traffic, metric, per) is null) Line(text, report, metric, comparison, scale, comparison.Absolute, ScaledImpact.Factor(report, metric, per));
            }

        return text.ToString();
    }

    private static void Line(StringBuilder text, ReportContent report, MetricFigures metric, Comparison comparison, string scale, EffectFigures effect, double times = 1)
    {
        ArmValue baseline = metric.Arms[0], arm = metric.Arms.Single(a => a.Arm == comparison.Arm);
        object?[] cells =
        [
            report.Settings.Experiment, report.Settings.DataUntil, metric.Outcome, metric.Role.ToString().ToLowerInvariant(), comparison.Arm, baseline.Arm, arm.Units, arm.Told, arm.Deviation, arm.Open,
            baseline.Units, baseline.Told, scale, times * effect.Estimate, times * effect.StandardError, effect.DegreesOfFreedom, times * effect.Fixed.Low, times * effect.Fixed.High, effect.Fixed.P,
            times * effect.Sequential.Low, times * effect.Sequential.High, effect.Sequential.P, effect.Bayesian.ChanceToWin, times * effect.Bayesian.LossOfArm, comparison.AdjustedP, comparison.Correction,
            comparison.Verdict.ToString().ToLowerInvariant(), effect.Method, effect.Why, comparison.CorrectedLevel, times * effect.Corrected?.Low, times * effect.Corrected?.High,
        ];
        text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");
    }

    /// <summary>A value as a cell; what is undefined is empty.</summary>
    internal static string Cell(object? value) => value switch
    {
        null => "",
        double number => double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "",
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        string words => CsvText.Cell(words),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
