using System.Globalization;
using System.Text;
using Looper.Core.Files;

namespace Looper.Core.Experiments;

/// <summary>A report's scorecard as rows: one per outcome and arm, full precision, undefined cells empty.</summary>
public static class ReportCsv
{
    private static readonly string[] Columns =
    [
        "experiment", "computed_until", "outcome", "role", "arm", "baseline", "units", "mean", "deviation", "open", "baseline_units", "baseline_mean", "scale", "estimate", "standard_error",
        "degrees_of_freedom", "fixed_low", "fixed_high", "fixed_p", "sequential_low", "sequential_high", "sequential_p", "chance_to_win", "expected_loss", "adjusted_p", "correction", "verdict", "method", "undefined",
    ];

    public static string Write(ReportContent report)
    {
        var text = new StringBuilder().AppendJoin(',', Columns).Append("\r\n");
        foreach (var metric in report.Metrics)
            foreach (var comparison in metric.Comparisons)
            {
                Line(text, report, metric, comparison, "absolute", comparison.Absolute);
                Line(text, report, metric, comparison, "relative", comparison.Relative);
            }

        return text.ToString();
    }

    private static void Line(StringBuilder text, ReportContent report, MetricFigures metric, Comparison comparison, string scale, EffectFigures effect)
    {
        ArmValue baseline = metric.Arms[0], arm = metric.Arms.Single(a => a.Arm == comparison.Arm);
        object?[] cells =
        [
            report.Settings.Experiment, report.Settings.DataUntil, metric.Outcome, metric.Role.ToString().ToLowerInvariant(), comparison.Arm, baseline.Arm, arm.Units, arm.Mean, arm.Deviation, arm.Open,
            baseline.Units, baseline.Mean, scale, effect.Estimate, effect.StandardError, effect.DegreesOfFreedom, effect.Fixed.Low, effect.Fixed.High, effect.Fixed.P,
            effect.Sequential.Low, effect.Sequential.High, effect.Sequential.P, effect.Bayesian.ChanceToWin, effect.Bayesian.LossOfArm, comparison.AdjustedP, comparison.Correction,
            comparison.Verdict.ToString().ToLowerInvariant(), effect.Method, effect.Why,
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
