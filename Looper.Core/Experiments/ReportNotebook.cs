using System.Text.Encodings.Web;
using System.Text.Json;

namespace Looper.Core.Experiments;

/// <summary>A report as a Jupyter notebook (nbformat 4): the stored numbers, and Python that computes each plain difference of means again from the
/// arms' units, means and deviations, and says how far it lies from what the report holds.</summary>
public static class ReportNotebook
{
    // Relaxed: the text is read by Python, whose literals write what lies outside the basic plane differently.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    public static string Write(ReportContent report)
    {
        var settings = report.Settings;
        var data = JsonSerializer.Serialize(ExperimentJson.Write(report), Json);
        string[] words =
        [
            $"# {settings.Experiment}\n", "\n",
            FormattableString.Invariant($"Experiment on `{settings.DecisionPoint}`, data until {settings.DataUntil.UtcDateTime:yyyy-MM-dd HH:mm} UTC, analysis `{settings.Analysis}`, level {settings.Plan.Level}.\n"), "\n",
            $"Recommended: **{report.Recommendation.Title}**. {report.Recommendation.Sentence}\n",
        ];
        object[] cells =
        [
            new { cell_type = "markdown", id = "about", metadata = new { }, source = words },
            Code("data", $"import json, math\n\nreport = json.loads({data})\nlevel = report['settings']['plan']['level']"),
            Code("scorecard", Scorecard),
        ];
        return JsonSerializer.Serialize(new
        {
            cells,
            metadata = new { kernelspec = new { display_name = "Python 3", language = "python", name = "python3" }, language_info = new { name = "python" } },
            nbformat = 4,
            nbformat_minor = 5,
        }, Json);
    }

    private static object Code(string id, string source) =>
        new { cell_type = "code", id, metadata = new { }, execution_count = (int?)null, outputs = Array.Empty<object>(), source = Lines(source) };

    private static string[] Lines(string text)
    {
        var lines = text.Split('\n');
        return [.. lines.Select((line, i) => i < lines.Length - 1 ? line + "\n" : line)];
    }

    private const string Scorecard = """
        # Squared standard error of an arm's mean, from its units and sample standard deviation; a share of yes varies by p(1 - p), with divisor n.
        def square(arm, kind):
            units, variance, yes = arm['units'], arm['deviation'] ** 2, arm['mean'] * (1 - arm['mean'])
            whole = variance * (units - 1) / units
            return (whole if kind == 'boolean' and abs(whole - yes) < 1e-9 else variance) / units

        # Welch's difference of means.
        def welch(control, treatment, kind):
            return treatment['mean'] - control['mean'], math.sqrt(square(treatment, kind) + square(control, kind))

        largest = 0.0
        print(f"{'metric':24} {'arm':16} {'difference':>14} {'std. error':>14}  method")
        for metric in report['metrics']:
            control = metric['arms'][0]
            for comparison in metric['comparisons']:
                stored = comparison.get('unadjustedAbsolute') or comparison['absolute']
                treatment = next(arm for arm in metric['arms'] if arm['arm'] == comparison['arm'])
                if comparison.get('shortage') or stored['estimate'] is None:
                    print(f"{metric['outcome']:24} {comparison['arm']:16} {'not enough data':>29}")
                    continue
                again = ''
                if stored['method'] == 'welch-1':
                    difference, error = welch(control, treatment, metric['kind'])
                    largest = max(largest, abs(difference - stored['estimate']), abs(error - stored['standardError']))
                    again = ', computed again'
                print(f"{metric['outcome']:24} {comparison['arm']:16} {stored['estimate']:14.6g} {stored['standardError']:14.6g}  {stored['method']}{again}")
        print(f"largest distance from the stored numbers: {largest:.3g}")
        """;
}
