using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Statistics;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

/// <summary>The calculator of an experiment's size. Everything asked is in the address, so an answer can be shared.</summary>
public sealed partial class SizePage
{
    private const int MostWeeks = 8;

    private readonly List<Week> _weeks = [];
    private IReadOnlyList<DecisionPointView>? _points;
    private IReadOnlyList<string> _outcomes = [];
    private FieldErrors _errors = FieldErrors.None;
    private MetricBaseline? _history;
    private DesignAnswer? _answer;

    [Inject] public required DecisionPointQueries Points { get; init; }

    [Inject] public required VersionQueries Versions { get; init; }

    [Inject] public required MetricBaselines Baselines { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [SupplyParameterFromQuery(Name = "point")] public string? Point { get; set; }

    [SupplyParameterFromQuery(Name = "outcome")] public string? Outcome { get; set; }

    [SupplyParameterFromQuery(Name = "kind")] public string? Kind { get; set; }

    [SupplyParameterFromQuery(Name = "baseline")] public string? Baseline { get; set; }

    [SupplyParameterFromQuery(Name = "deviation")] public string? Deviation { get; set; }

    [SupplyParameterFromQuery(Name = "change")] public string? Change { get; set; }

    [SupplyParameterFromQuery(Name = "margin")] public string? Margin { get; set; }

    [SupplyParameterFromQuery(Name = "units")] public string? Units { get; set; }

    [SupplyParameterFromQuery(Name = "pace")] public string? Pace { get; set; }

    [SupplyParameterFromQuery(Name = "reading")] public string? Reading { get; set; }

    [SupplyParameterFromQuery(Name = "arms")] public string? Arms { get; set; }

    [SupplyParameterFromQuery(Name = "power")] public string? PowerAsked { get; set; }

    [SupplyParameterFromQuery(Name = "level")] public string? Level { get; set; }

    [SupplyParameterFromQuery(Name = "saved")] public string? Saved { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var points = await Points.ListAsync(Caller, default);
        _points = [.. points.Where(p => p.CurrentVersion > 0 && !p.IsArchived && p.IsReadable)];
        (_history, _answer, _outcomes, _errors) = (null, null, [], FieldErrors.None);
        _weeks.Clear();
        if (!string.IsNullOrEmpty(Point))
        {
            _outcomes = await Versions.FindAsync(Caller, Point, 0, default) is { } version ? [.. version.Content.Outcomes.Select(o => o.Name)] : [];
            var answered = await Baselines.OfAsync(Caller, Point, Outcome is not null && _outcomes.Contains(Outcome) ? Outcome : null, default);
            if (answered.Refusal is { } refusal)
            {
                _errors = new(refusal);
                return;
            }

            _history = answered.Value;
        }

        if (_history is not null || !string.IsNullOrEmpty(Baseline)) Compute();
    }

    private void Compute()
    {
        var margin = Number(Margin) / 100;
        var question = new DesignQuestion
        {
            Kind = Enum.TryParse<DesignKind>(Kind, out var kind) ? kind : _history?.Kind ?? (Number(Deviation) is null ? DesignKind.Proportion : DesignKind.Mean),
            Baseline = Number(Baseline) ?? _history?.Baseline ?? double.NaN,
            Deviation = Number(Deviation) ?? _history?.Deviation,
            Change = Number(Change) / 100 ?? (margin is null ? 0.03 : 0),
            Margin = margin,
            Arms = int.TryParse(Arms, NumberStyles.Integer, CultureInfo.InvariantCulture, out var arms) ? arms : 2,
            Level = Number(Level) / 100 ?? 0.95,
            Power = Number(PowerAsked) / 100 ?? 0.8,
            Reading = Reading == "Fixed" ? ReadingKind.Fixed : ReadingKind.Sequential,
            VarianceSaved = Number(Saved) / 100 ?? 0,
            Units = Number(Units),
            UnitsPerDay = Number(Pace) ?? (_history is { UnitsPerDay: > 0 } h ? h.UnitsPerDay : null),
            Growth = Number(Pace) is null && _history is { Growth: > 0 } g ? g.Growth : 1,
        };
        var answered = DesignCalculator.Answer(question);
        if (answered.Refusal is { } refusal)
        {
            // What history does not know yet is said by its own sentence, not as a mistyped field.
            if (_history is null || !double.IsNaN(_history.Baseline) || !string.IsNullOrEmpty(Baseline)) _errors = new(refusal.Faults.Count > 0 ? refusal.Faults : [refusal]);
            return;
        }

        _answer = answered.Value;
        if (question.UnitsPerDay is not { } pace) return;
        var growth = new UnitGrowth(pace, question.Growth);
        double[] units = [.. Enumerable.Range(1, MostWeeks).Select(week => growth.UnitsAt(7 * week))];
        var smallest = DesignCalculator.SmallestChanges(question, units);
        _weeks.AddRange(units.Select((n, i) => new Week(i + 1, n, smallest[i])));
    }

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static string? Typed(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? Typed(double? figure) => figure is { } number && double.IsFinite(number) ? number.ToString("G6", CultureInfo.InvariantCulture) : null;

    private static string Word(DesignKind kind) => kind switch
    {
        DesignKind.Mean => "mean per unit",
        DesignKind.Proportion => "share of units",
        _ => "ratio of two totals",
    };

    private sealed record Week(int Weeks, double Units, double Smallest);
}
