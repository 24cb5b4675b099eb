using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Experiments;

public sealed partial class ReportPage
{
    private ExperimentView? _experiment;
    private ReportView? _report;
    private ReportContent? _shown; // the report's own content, or compared with another arm
    private string? _noBaseline; // why not, where one was asked for
    private Refusal? _missing;
    private bool _computing;

    [Inject] public required ExperimentQueries Experiments { get; init; }

    [Inject] public required ReportQueries Reports { get; init; }

    [Inject] public required ReportActions Reporting { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public Guid Id { get; set; }

    /// <summary>A stored report; the newest when not given.</summary>
    [SupplyParameterFromQuery(Name = "report")] public Guid? ReportId { get; set; }

    [SupplyParameterFromQuery(Name = "kind")] public string? KindAsked { get; set; }

    [SupplyParameterFromQuery(Name = "reading")] public string? ReadingAsked { get; set; }

    [SupplyParameterFromQuery(Name = "adjusted")] public string? AdjustedAsked { get; set; }

    [SupplyParameterFromQuery(Name = "corrected")] public string? CorrectedAsked { get; set; }

    /// <summary>Arm that the others are compared with; the planned baseline when not given.</summary>
    [SupplyParameterFromQuery(Name = "baseline")] public string? BaselineAsked { get; set; }

    private string Kind => KindAsked is "absolute" or "scaled" or "day" or "year" ? KindAsked : "relative";

    private ReportLook Look => new(Kind, Reading, AdjustedAsked != "off", CorrectedAsked != "off", _shown!.Arms[0].Key == _report!.Content.Arms[0].Key ? null : _shown.Arms[0].Key) { Report = _shown };

    private ReadingKind Reading => Enum.TryParse<ReadingKind>(ReadingAsked, ignoreCase: true, out var reading) ? reading : _report!.Content.Decides;

    private sealed record BehindRow(string Outcome, string Arm, EffectFigures Effect, string? Correction);

    private IReadOnlyList<BehindRow> Behind =>
        [.. _shown!.Metrics.SelectMany(m => m.Comparisons.Where(c => c.Shortage is null).Select(c => new BehindRow(m.Outcome, c.Arm, Look.Of(c), c.Correction)))];

    /// <summary>Relative effects share one axis; absolute ones have an axis per outcome, because units differ.</summary>
    private IEnumerable<EffectChart> Charts
    {
        get
        {
            var content = _shown!;
            var shown = content.Metrics.Where(m => m.Comparisons.Any(c => IsDrawn(m, c))).ToList();
            if (shown.Count == 0) yield break;
            if (Kind == "relative")
            {
                yield return Chart($"How much does each outcome change against {content.Arms[0].Key}?", "%", shown);
                yield break;
            }

            foreach (var metric in shown)
                yield return Look.Per is not null
                    ? Chart($"How much does {metric.Outcome} change{Look.PerWords}, against {content.Arms[0].Key}?", metric.UnitOfMeasure ?? metric.Outcome, [metric])
                    : Chart($"How much does {metric.Outcome} change against {content.Arms[0].Key}?", metric.Kind == OutcomeKind.Boolean ? "pp" : metric.UnitOfMeasure ?? metric.Outcome, [metric]);
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private EffectChart Chart(string question, string unit, List<MetricFigures> metrics)
    {
        var plan = _report!.Content.Settings.Plan;
        return new(question, unit, [.. metrics.SelectMany(m => m.Comparisons.Where(c => IsDrawn(m, c)).Select(c => Point(m, c)))])
        {
            Basis = $"{Shown.Plural(_report.Content.Arms.Sum(a => a.Units), "unit")}, {Reading.ToString().ToLowerInvariant()} reading, {Shown.Level(plan.Level)}; computed {Shown.Time(_report.ComputedAt)} UTC",
            HowComputed = "Arm less baseline, one value per unit; the interval is that of the reading chosen above. The table under “How computed” names each method and version.",
        };
    }

    private bool IsDrawn(MetricFigures metric, Comparison comparison) => comparison.Shortage is null && Look.WhyNot(metric, comparison) is null;

    private EffectPoint Point(MetricFigures metric, Comparison comparison)
    {
        var figures = Look.Of(comparison);
        var (interval, scale) = (Look.IntervalOf(metric, comparison), Look.ScaleOf(metric));
        return new($"{metric.Outcome}: {comparison.Arm}", scale * (Reading == ReadingKind.Bayesian ? figures.Bayesian.Mean : figures.Estimate), scale * interval.Low, scale * interval.High)
        {
            Tone = ExperimentWords.ToneOf(comparison.Verdict),
            Units = (long)figures.Units,
        };
    }

    private async Task LoadAsync()
    {
        var found = await Experiments.FindAsync(Caller, Id, default);
        (_experiment, _missing) = (found.Value, found.Refusal);
        if (_experiment is null) return;
        var report = ReportId is { } id ? await Reports.FindAsync(Caller, id, default) : await Reports.LatestAsync(Caller, Id, default);
        await ShowAsync(report.Value is { } view && view.ExperimentId == Id ? view : null);
    }

    private async Task ShowAsync(ReportView? report)
    {
        var compared = report is null || BaselineAsked is null ? default : await Reports.FindAsync(Caller, report.Id, BaselineAsked, default);
        (_report, _shown, _noBaseline) = (report, compared.Value?.Content ?? report?.Content, compared.Refusal?.Reason);
    }

    private string Export(Guid report, string format) =>
        $"/api/reports/{report}/export?format={format}" + (Look.Baseline is { } baseline ? $"&baseline={Uri.EscapeDataString(baseline)}" : "");

    private string Address(string name, string value, string preset) => Navigation.GetUriWithQueryParameter(name, value == preset ? null : value);

    private async Task ComputeAsync()
    {
        if (_computing) return;
        _computing = true;
        try
        {
            var answered = await Reporting.ComputeAsync(Caller, Id, default);
            if (answered.Refusal is { } refusal)
            {
                Notices.Show(refusal);
                return;
            }

            await ShowAsync(answered.Value);
            if (ReportId is not null) Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("report", (Guid?)null));
            Notices.Done("Computed the report");
        }
        finally
        {
            _computing = false;
        }
    }
}
