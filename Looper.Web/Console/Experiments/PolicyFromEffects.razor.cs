using System.Collections.Immutable;
using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Core.Personalization;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

public sealed partial class PolicyFromEffects : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly Dictionary<string, string> _costs = [], _weights = [];
    private RuleKind _kind = RuleKind.Tree;
    private int _depth = 2;
    private double? _budget;
    private double _explore = 5;
    private bool _working;
    private FieldErrors _errors = FieldErrors.None;
    private RuleQuestion _asked = new();
    private PolicyProposal? _proposal;

    [Parameter, EditorRequired] public Guid EffectsId { get; set; }

    [Parameter, EditorRequired] public required EffectContent Content { get; set; }

    [Inject] public required PolicyDrafts Policies { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    private Refusal? Denied => Caller.Lacks(Right.Analyse);

    private Refusal? MayDraft => Caller.Lacks(Right.EditDrafts);

    private string CostUnit => Content.Settings.IsRate ? $"shares of {Content.Settings.Input.Metric} (0.01 is one percentage point)" : Content.Settings.UnitOfMeasure ?? $"{Content.Settings.Input.Metric}";

    /// <summary>Other outcomes of which enough is known to weigh them.</summary>
    private IEnumerable<EffectOutcome> Others => Content.Effects.SelectMany(e => e.Others).Where(o => o.Shortage is null).DistinctBy(o => o.Outcome);

    private string WeightHelp(EffectOutcome other) =>
        $"What {(other.LowerIsBetter ? "one less" : "one more")} {other.Outcome} a unit is worth{(other is { IsRate: false, UnitOfMeasure: { } unit } ? $", per {unit}," : "")} in {MetricUnit}. Without one it only stands beside.";

    private string MetricUnit => Content.Settings.IsRate ? Content.Settings.Input.Metric : Content.Settings.UnitOfMeasure ?? Content.Settings.Input.Metric;

    private static string Word(PolicyOutcome outcome) => outcome.Guardrail switch
    {
        GuardrailState.Safe => "Safe", GuardrailState.Harmed => "Harmed", GuardrailState.Unknown => "Cannot tell", _ => Shown.Nothing,
    };

    /// <summary>What is kept exploring is drawn whatever the rule says: with budget b, exploring e and k options (1 − e)·b + e·(k − 1)/k are served another arm, at most (1 − e)·b + e.</summary>
    internal static string BudgetHelp(double? budget, double explore) => explore is > 0 and <= 100
        ? $"By the rule. What is kept exploring is drawn evenly and comes on top{(budget is { } most and > 0 and <= 100 ? $": up to {Shown.Percent((1 - explore / 100) * most / 100 + explore / 100)} of the units in all" : "")}."
        : "By the rule.";

    /// <summary>A search that nobody waits for any more ends.</summary>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private static ImmutableDictionary<string, double> Numbers(Dictionary<string, string> typed) =>
        typed.Where(t => t.Value.Length > 0).ToImmutableDictionary(t => t.Key, t => double.TryParse(t.Value, CultureInfo.InvariantCulture, out var number) ? number : double.NaN);

    private void Cost(string arm, string? text) => _costs[arm] = text ?? "";

    private async Task ProposeAsync()
    {
        if (Denied is not null || _working) return;
        _asked = new()
        {
            Kind = _kind, Depth = _depth, Budget = _budget / 100, Explore = _explore / 100,
            Costs = Numbers(_costs), Weights = Numbers(_weights),
        };
        await WorkAsync(async () =>
        {
            var proposed = await Policies.ProposeAsync(Caller, EffectsId, _asked, _gone.Token);
            _errors = proposed.Refusal is { } fault ? new(fault) : FieldErrors.None;
            _proposal = proposed.Value;
            if (proposed.Refusal is { } refusal) Notices.Show(refusal);
        });
    }

    /// <summary>Drafts what is shown, not what has been typed since.</summary>
    private Task DraftAsync() => MayDraft is not null || _working ? Task.CompletedTask : WorkAsync(async () =>
    {
        var drafted = await Policies.DraftAsync(Caller, EffectsId, _asked, _gone.Token);
        if (drafted.Refusal is { } refusal) Notices.Show(refusal);
        else Navigation.NavigateTo($"/decision-points/drafts/{drafted.Value!.Id}/review");
    });

    private async Task WorkAsync(Func<Task> work)
    {
        _working = true;
        StateHasChanged();
        try
        {
            await work();
        }
        finally
        {
            _working = false;
        }
    }

    private EffectChart ValueChart(PolicyProposal proposal) => new("What would it be worth?", IsShare(proposal) ? "%" : MetricUnit,
        [Point("the rule", proposal.Value, Tone.Info), .. proposal.Against.Select(a => Point($"{a.Arm} for all", a.Value, Tone.Unsure))])
    {
        Zero = double.NaN,
        Basis = $"{(Content.Settings.LowerIsBetter ? "minus " : "")}{Content.Settings.Input.Metric} a unit{(proposal.IsWeighed ? " with the weighed outcomes added" : "")}, costs subtracted; {Shown.Plural(proposal.Units, "unit")}, {Shown.Level(Content.Settings.Level)}",
        HowComputed = "Mean doubly robust score of what each would give, on units that did not choose the rule. The intervals of two of them overlap more than that of their difference: read the gain in the table.",
    };

    private static EffectPoint Point(string label, Gain value, Tone tone) => new(label, value.Value, value.Low, value.High) { Tone = tone };

    private bool IsShare(PolicyProposal proposal) => Content.Settings.IsRate && !proposal.IsWeighed;

    private string? Measure => Content.Settings.IsRate ? null : Content.Settings.UnitOfMeasure;

    private string Value(PolicyProposal proposal, Gain value) => Value(value, IsShare(proposal), Measure);

    /// <summary>A value with its interval, in its unit; no unit behind nothing.</summary>
    internal static string Value(Gain value, bool isRate, string? unit) =>
        Shown.Interval(value.Value, value.Low, value.High, isRate) + (!isRate && unit is not null && double.IsFinite(value.Value) ? " " + unit : "");

    private string Gained(PolicyProposal proposal, Gain gain) => EffectCharts.Written(gain, IsShare(proposal), Measure);
}
