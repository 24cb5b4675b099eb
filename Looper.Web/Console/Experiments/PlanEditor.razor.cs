using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

/// <summary>Edits a draft as people think of it: shares in percent, an arm's act as one choice.</summary>
public sealed partial class PlanEditor
{
    private readonly List<EditedArm> _arms = [];
    private readonly HashSet<string> _covariates = [];
    private readonly List<EditedMetric> _metrics = [];
    private readonly Dictionary<string, double> _margins = [];
    private readonly Dictionary<string, string> _marginReasons = [];
    private EditedDesign _design = new();
    private FieldErrors _errors = FieldErrors.None;
    private string _name = "", _primary = "", _strata = "";
    private bool _usesScore;
    private string? _hypothesis;
    private double _traffic, _smallest, _level, _cap;
    private int? _days;
    private double? _units;
    private ReadingKind _reading;
    private long _revision = -1;
    private string _stored = "", _taken = "";
    private bool _typing, _saving, _savedMeanwhile;

    [Parameter, EditorRequired] public required ExperimentDraftView Draft { get; set; }

    [Parameter, EditorRequired] public EventCallback Saved { get; set; }

    [Inject] public required ExperimentActions Actions { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    private List<string> Covariates => [.. Draft.Blueprint.Features.Where(f => f.Kind is FeatureKind.Number or FeatureKind.Boolean).Select(f => f.Name)];

    private IEnumerable<(string Value, string Text)> Choices =>
    [
        ("", "what the current blueprint does"),
        .. Draft.Blueprint.Options.Select(o => ($"option:{o.Key}", $"always {o.Name ?? o.Key}")),
        .. Draft.Blueprint.Shape.TakesCandidates() ? new[] { ($"option:{DecisionShapes.AsSent}", Draft.Blueprint.Shape == DecisionShape.Ranking ? "the order as sent" : "the first candidate sent") } : [],
        .. Draft.Blueprint.Shape is DecisionShape.Configuration or DecisionShape.Value ? []
            : new[] { ("random", Draft.Blueprint.Shape == DecisionShape.Ranking ? "a random order" : Draft.Blueprint.Shape.TakesCandidates() ? "a random candidate" : "a random option") },
        .. Draft.Blueprint.Shape == DecisionShape.Configuration ? []
            : new[] { ("best", Draft.Blueprint.Shape == DecisionShape.Ranking ? "the best predictions first" : Draft.Blueprint.Shape.TakesCandidates() ? "the best predicted candidate" : "the best predicted option") },
        .. Draft.Blueprint.Shape is DecisionShape.Binary or DecisionShape.Choice or DecisionShape.Pick or DecisionShape.Ranking ? new[] { ("bandit", "a bandit that learns from this arm alone") } : [],
        .. Draft.Versions.Select(v => ($"version:{v.ToString(CultureInfo.InvariantCulture)}", $"blueprint version {v.ToString(CultureInfo.InvariantCulture)}")),
        .. _arms.Where(a => a.Action == "kept").Select(a => ("kept", a.Kept!.Does)).Distinct(),
    ];

    protected override void OnParametersSet()
    {
        if (!_saving) Compare();
    }

    private void Compare()
    {
        if (Draft.Experiment.Revision == _revision) return; // what is being typed stays until it was saved
        if (Stored == _stored) _revision = Draft.Experiment.Revision; // testers or an approval: nothing that stands here
        else if (_revision >= 0 && (_typing || Written != _taken)) _savedMeanwhile = true;
        else Take();
    }

    /// <summary>All that is edited here, as it is stored.</summary>
    private string Stored => Text(Draft.Experiment.Plan, Draft.Experiment.Name, Draft.Experiment.Hypothesis);

    /// <summary>The same, as it stands in the fields.</summary>
    private string Written => Text(Edited(), _name, _hypothesis);

    private static string Text(ExperimentPlan plan, string name, string? hypothesis) => $"{ExperimentJson.Write(plan)}\n{name}\n{hypothesis}";

    private void Take()
    {
        var (experiment, plan) = (Draft.Experiment, Draft.Experiment.Plan);
        (_revision, _name, _hypothesis, _primary) = (experiment.Revision, experiment.Name, experiment.Hypothesis, plan.PrimaryOutcome ?? "");
        (_traffic, _smallest, _level, _cap) = (Percent(plan.Traffic), Percent(plan.SmallestChange), Percent(plan.Level), Percent(plan.CapPercentile));
        (_days, _units, _reading) = (plan.PlannedDays, plan.PlannedUnits, plan.Reading);
        _arms.Clear();
        _arms.AddRange(plan.Arms.Select(EditedArm.Of));
        _metrics.Clear();
        if (!plan.Metrics.IsDefault) _metrics.AddRange(plan.Metrics.Select(EditedMetric.Of));
        (_usesScore, _strata) = (plan.UsesModelScore, plan.Strata ?? "");
        _covariates.Clear();
        _covariates.UnionWith(plan.Covariates);
        _margins.Clear();
        _marginReasons.Clear();
        foreach (var guardrail in plan.Guardrails.IsDefault ? [] : plan.Guardrails) (_margins[guardrail.Outcome], _marginReasons[guardrail.Outcome]) = (Percent(guardrail.MarginRelative), guardrail.Reason ?? "");
        _design = EditedDesign.Of(plan);
        _errors = new(Draft.Faults) { AreStanding = true };
        (_stored, _taken, _typing, _savedMeanwhile) = (Stored, Written, false, false);
    }

    private string Primary => _primary.Length > 0 ? _primary : Draft.Blueprint.Goal.Terms.IsDefaultOrEmpty ? "" : Draft.Blueprint.Goal.Terms[0].Outcome;

    /// <summary>Outcomes that may be guarded: all but the one that decides.</summary>
    private List<string> Guardable => [.. Draft.Blueprint.Outcomes.Select(o => o.Name).Where(o => o != Primary)];

    private List<PlannedGuardrail> Margins => [.. Guardable.Where(_margins.ContainsKey).Select(o => new PlannedGuardrail(o, Math.Round(_margins[o] / 100, 12))
    {
        Reason = _marginReasons.GetValueOrDefault(o) is { } why && why.Trim().Length > 0 ? why.Trim() : null,
    })];

    private string? MarginOf(string outcome) => _margins.TryGetValue(outcome, out var percent) ? percent.ToString(CultureInfo.InvariantCulture) : null;

    private double? BlueprintMargin(string outcome) => Draft.Blueprint.Goal.Guardrails.FirstOrDefault(g => g.Outcome == outcome)?.MarginRelative;

    private string MarginHelp(string outcome) => BlueprintMargin(outcome) is { } margin
        ? $"The blueprint says {Shown.Percent(margin)}."
        : "The blueprint does not guard it.";

    // The rules speak of a place in the plan's list.
    private string MarginId(string outcome, string part = "marginRelative") => Margins.FindIndex(g => g.Outcome == outcome) is >= 0 and var at ? $"plan-guardrails[{at}].{part}" : $"plan-margin-{outcome}";

    private string? MarginError(string outcome, string part = "marginRelative") => Margins.FindIndex(g => g.Outcome == outcome) is >= 0 and var at ? _errors[$"guardrails[{at}].{part}"] : null;

    private void SetMargin(string outcome, string? typed)
    {
        if (double.TryParse(typed, CultureInfo.InvariantCulture, out var percent)) _margins[outcome] = percent;
        else _margins.Remove(outcome);
    }

    private static double Percent(double share) => Math.Round(100 * share, 9);

    private void AddArm() => _arms.Add(new EditedArm { Key = $"arm-{_arms.Count}", Percent = 0 });

    private void Equal()
    {
        foreach (var arm in _arms) arm.Percent = 100.0 / _arms.Count;
    }

    private void Toggle(string feature, bool on)
    {
        if (on) _covariates.Add(feature);
        else _covariates.Remove(feature);
    }

    private Task KeepMineAsync()
    {
        (_revision, _stored) = (Draft.Experiment.Revision, Stored);
        return SaveAsync();
    }

    private ExperimentPlan Edited()
    {
        // Thirds cannot be typed exactly: what sums to 100% as typed is made to sum to 1 exactly.
        var sum = _arms.Sum(a => a.Percent);
        var scale = Math.Abs(sum - 100) < 0.01 ? sum : 100;
        return _design.On(Draft.Experiment.Plan) with
        {
            Arms = [.. _arms.Select(a => a.ToArm(scale))],
            Traffic = _traffic / 100,
            PrimaryOutcome = _primary.Length == 0 ? null : _primary,
            SmallestChange = _smallest / 100,
            PlannedDays = _days,
            PlannedUnits = _units,
            Reading = _reading,
            Level = _level / 100,
            CapPercentile = _cap / 100,
            Covariates = [.. Covariates.Where(_covariates.Contains)],
            Guardrails = [.. Margins],
            Metrics = [.. _metrics.Select(m => m.ToMetric())],
            UsesModelScore = _usesScore,
            Strata = _strata.Length == 0 ? null : _strata,
        };
    }

    private async Task SaveAsync()
    {
        if (_saving) return;
        _saving = true;
        var sent = Written;
        Answered<long> answered;
        try
        {
            answered = await Actions.ChangeAsync(Caller, Draft.Experiment.Id, _revision, new(Draft.Experiment.Key, _name, _hypothesis, Edited()), default);
        }
        finally
        {
            _saving = false;
        }

        if (answered.Refusal is { } refusal)
        {
            _errors = new(refusal.Faults.Count > 0 ? refusal.Faults : [refusal]);
            Compare();
            return;
        }

        if (Written == sent) (_stored, _taken, _typing) = ("", sent, false); // what is stored now is shown, as it was read
        else (_stored, _taken) = (sent, sent); // typed on meanwhile: the next save goes on from there
        Notices.Done("Saved the draft");
        await Saved.InvokeAsync();
    }
}
