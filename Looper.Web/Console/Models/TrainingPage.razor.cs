using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Models;

public sealed partial class TrainingPage
{
    private TrainingForm? _form;
    private BlueprintContent? _content;
    private FieldErrors _errors = FieldErrors.None;
    private int _version;

    [Inject] public required VersionQueries Versions { get; init; }

    [Inject] public required DecisionPointActions Actions { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public string Key { get; set; } = "";

    private Refusal? Denied => Caller.Lacks(Right.Publish);

    private IEnumerable<TimeSpan?> Cadences =>
        new TimeSpan?[] { TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromDays(1), TimeSpan.FromDays(7), null, _content!.Training.RetrainEvery }.Distinct();

    /// <summary>Outcomes of the goal that can be predicted in more than one way.</summary>
    private IEnumerable<Outcome> Objectives => _content!.Outcomes.Where(o => o.Kind != OutcomeKind.Boolean && _content.Goal.Terms.Any(t => t.Outcome == o.Name));

    private int Fixed => new object?[]
    {
        _form!.Plan.Settings.Rounds, _form.Plan.Settings.Leaves, _form.Plan.Settings.LearningRate, _form.Plan.Settings.MinLeafRows, _form.Plan.Settings.L1,
        _form.Plan.Settings.L2, _form.Plan.Settings.FeatureFraction, _form.Plan.Settings.RowFraction,
    }.Count(s => s is not null);

    protected override Task OnParametersSetAsync() => ResetAsync();

    private async Task ResetAsync()
    {
        if (await Versions.FindAsync(Caller, Key, 0, default) is not { } current) return;
        (_content, _version, _form, _errors) = (current.Content, current.Version, new(current.Content.Training), FieldErrors.None);
    }

    private static IEnumerable<OutcomeTarget> Targets(Outcome outcome) =>
        Enum.GetValues<OutcomeTarget>().Where(t => t != OutcomeTarget.Count || outcome.Kind is OutcomeKind.Count);

    private string? ErrorOf(string outcome)
    {
        var at = _form!.Plan.Objectives.ToList().FindIndex(o => o.Outcome == outcome);
        return at < 0 ? null : _errors[$"training.objectives[{at}].target"] ?? _errors[$"training.objectives[{at}].outcome"];
    }

    private async Task SaveAsync()
    {
        if (Denied is { } denied)
        {
            Notices.Show(denied);
            return;
        }
        _errors = new(_form!.Faults);
        if (_errors.Any) return;
        var changes = BlueprintDiff.Between(_content!, _content! with { Training = _form.Plan }).Changes;
        if (changes.Length == 0)
        {
            Notices.Warn("Nothing was changed.");
            return;
        }
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation("Save training settings")
        {
            Changes = [.. changes.Select(c => $"{c.Field}: {c.Old} → {c.New}. {c.Consequence}")],
            Keeps = ["What is live goes on answering; a running training goes on with the settings it began with."],
            WayBack = $"restore version {_version} of the blueprint.",
            AskFor = "Note (kept with the version)",
        });
        if (confirmed is null) return;
        var saved = await Actions.SetTrainingAsync(Caller, Key, _version, _form.Plan, confirmed.Text, default);
        if (saved.Refusal is { } refusal)
        {
            _errors = new(refusal.Faults.Count > 0 ? refusal.Faults : [refusal]);
            return;
        }
        Notices.Done($"Saved as version {saved.Value!.Version}");
        await ResetAsync();
    }
}
