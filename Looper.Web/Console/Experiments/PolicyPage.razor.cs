using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

public sealed partial class PolicyPage
{
    private readonly CancellationTokenSource _gone = new();
    private PolicyReport? _report;
    private BanditView? _bandit;
    private Refusal? _missing, _fault, _uncompared;
    private IReadOnlyList<int> _versions = [];
    private IReadOnlyList<string> _outcomes = [];

    [Inject] public required PolicyValueQueries Policies { get; init; }

    [Inject] public required BanditQueries Bandits { get; init; }

    [Inject] public required VersionQueries Versions { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public string Key { get; set; } = "";

    [SupplyParameterFromQuery(Name = "outcome")] public string? Outcome { get; set; }

    [SupplyParameterFromQuery(Name = "version")] public int? Version { get; set; }

    [SupplyParameterFromQuery(Name = "from")] public string? From { get; set; }

    [SupplyParameterFromQuery(Name = "until")] public string? Until { get; set; }

    [SupplyParameterFromQuery(Name = "evaluation")] public Guid? Evaluation { get; set; }

    private string LeftOut
    {
        get
        {
            List<string> parts = [];
            if (_report!.WithoutOutcome > 0) parts.Add($"{Shown.Count(_report.WithoutOutcome)} wait for their outcome or have none");
            if (_report.WithoutPropensity > 0) parts.Add($"{Shown.Count(_report.WithoutPropensity)} have no propensity");
            if (_report.LeftOut > 0) parts.Add($"{Shown.Count(_report.LeftOut)} were forced, held out or answered by default");
            if (_report.DrawnInGroups > 0) parts.Add($"{Shown.Count(_report.DrawnInGroups)} are of an experiment that drew for groups of units or slots of time, which values do not count");
            return parts.Count == 0 ? "" : "Not used: " + string.Join("; ", parts) + ".";
        }
    }

    private EffectChart? Chart
    {
        get
        {
            var shown = _report!.Policies.Where(p => p.Refused is null).ToList();
            if (shown.Count == 0) return null;
            return new($"Which policy brings most {_report.Outcome}?", _report.IsRate ? "%" : _report.UnitOfMeasure ?? $"{_report.Outcome} a decision",
                [.. shown.Select(p => new EffectPoint(p.Name, p.Snips.Value, p.Snips.Low, p.Snips.High) { Tone = ToneOf(p), Units = (long)p.EffectiveDecisions })])
            {
                Zero = double.NaN,
                Counted = "effective decision",
                Basis = $"{Shown.Plural(_report.Decisions, "decision")}, self-normalised inverse propensity, {Shown.Level(_report.Level)} intervals by unit",
                HowComputed = "Each logged decision is weighted by how much likelier the policy would have made it: Σw·r / Σw, w = the policy’s probability over the logged propensity. The colour says whether the change against what was served excludes zero.",
            };
        }
    }

    public void Dispose()
    {
        _gone.Cancel(); // values that nobody waits for are not read to the end
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        var gone = _gone.Token;
        var versions = await Versions.ListAsync(Caller, Key, gone);
        _versions = [.. versions.Select(v => v.Version)];
        _outcomes = versions.Count > 0 && await Versions.FindAsync(Caller, Key, 0, gone) is { } current ? [.. current.Content.Outcomes.Select(o => o.Name)] : [];
        var answered = await Policies.EvaluateAsync(Caller, Key, new(string.IsNullOrEmpty(Outcome) ? null : Outcome, Time(From), Time(Until), Version), gone);
        (_fault, _missing) = (null, null);
        if (answered.Refusal is { } refusal && refusal.Code == "policy-question.invalid")
        {
            _fault = refusal;
            answered = await Policies.EvaluateAsync(Caller, Key, new(), gone);
        }

        await LoadBanditAsync();
        var isOfOtherShape = answered.Refusal?.Code == "policy-question.no-options"; // drafts of it may be judged all the same
        (_report, _missing, _uncompared) = (answered.Value, isOfOtherShape ? null : answered.Refusal, isOfOtherShape ? answered.Refusal : null);
    }

    private async Task LoadBanditAsync() => _bandit = (await Bandits.FindAsync(Caller, Key, null, null, default)).Value; // null where the policy is another

    private Tone ToneOf(PolicyRow policy)
    {
        if (policy.Kind == PolicyKind.Served || double.IsNaN(policy.Change.Low)) return Tone.Info;
        var up = policy.Change.Low > 0;
        return !up && !(policy.Change.High < 0) ? Tone.Unsure : up == !_report!.LowerIsBetter ? Tone.Good : Tone.Bad;
    }

    private string Written(ValueFigures value) => Shown.Interval(value.Value, value.Low, value.High, _report!.IsRate);

    private string ValueTitle => _report!.UnitOfMeasure is { } unit && !_report.IsRate ? $"Value per decision ({unit})" : "Value per decision";

    private string Change(ValueFigures value) =>
        _report!.IsRate ? Shown.Points(value.Value, value.Low, value.High) : Shown.Difference(value.Value, value.Low, value.High, _report.UnitOfMeasure);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
