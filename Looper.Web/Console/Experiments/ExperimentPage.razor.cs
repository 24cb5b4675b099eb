using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Experiments;

public sealed partial class ExperimentPage
{
    private ExperimentDraftView? _draft;
    private Checklist? _checklist;
    private ImmutableArray<BanditView> _bandits = [];
    private Refusal? _missing;
    private bool _asksApproval;

    [Inject] public required ExperimentQueries Queries { get; init; }

    [Inject] public required ExperimentActions Actions { get; init; }

    [Inject] public required ExperimentLaunch Launch { get; init; }

    [Inject] public required LaunchApprovals Approvals { get; init; }

    [Inject] public required ExperimentSettings Settings { get; init; }

    [Inject] public required ExperimentChecklist Checks { get; init; }

    [Inject] public required BanditQueries Bandits { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public Guid Id { get; set; }

    /// <summary>Why the start button does nothing; null when it may be pressed.</summary>
    private string? CannotStart => Caller.Lacks(Right.RunExperiments)?.Reason
        ?? (_draft!.Faults.Count > 0 ? _draft.Faults[0].Reason : _checklist is { MayStart: false } ? "The checklist has a red row." : null);

    private string? CannotEdit => Caller.Lacks(Right.Analyse)?.Reason;

    /// <summary>Share of units that stay out of it: as frozen, or as a start would freeze it now.</summary>
    private static double Holdout(ExperimentDraftView draft) =>
        draft.Experiment.State == ExperimentState.Draft ? draft.Blueprint.Rollout.Holdout : draft.Experiment.Plan.Holdout;

    /// <summary>What is known before the start and is taken out of the change.</summary>
    private static string TakenOut(ExperimentPlan plan)
    {
        List<string> parts = [.. plan.Covariates.IsDefault ? [] : plan.Covariates];
        if (plan.UsesModelScore) parts.Add("the model’s score");
        if (plan.Strata is { } strata) parts.Add($"strata of {strata}");
        parts.AddRange(plan.Metrics.Where(m => m.PrePeriod is not null).Select(m => $"{m.Key} before the start"));
        return parts.Count == 0 ? "off" : string.Join(", ", parts);
    }

    private static string Guarded(ExperimentDraftView draft) => GuardrailRules.Of(draft.Experiment.Plan, draft.Blueprint) is { IsEmpty: false } guardrails
        ? string.Join(", ", guardrails.Select(g => $"{g.Outcome} at most {Shown.Percent(g.MarginRelative)} worse{(GuardrailRules.Changed(draft.Experiment.Plan, draft.Blueprint, g.Outcome) is { } changed ? $" ({changed})" : "")}"))
        : "none";

    /// <summary>Outcomes that are read beside goal and guardrails and decide nothing.</summary>
    private static string Secondary(ExperimentDraftView draft)
    {
        var (blueprint, primary) = (draft.Blueprint, ExperimentRules.PrimaryOutcome(draft.Experiment.Plan, draft.Blueprint));
        var names = blueprint.Outcomes.Select(o => o.Name).Where(o => o != primary && blueprint.Goal.Terms.All(t => t.Outcome != o) && GuardrailRules.Of(draft.Experiment.Plan, blueprint).All(g => g.Outcome != o)).ToList();
        return names.Count == 0 ? "none" : string.Join(", ", names);
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Queries.DraftAsync(Caller, Id, default);
        (_draft, _missing) = (found.Value, found.Refusal);
        _asksApproval = (await Settings.FindAsync(Caller, default)).Value?.AsksApproval == true;
        _bandits = _draft?.Experiment.State == ExperimentState.Running ? await BanditsAsync(_draft.Experiment) : [];
        _checklist = _draft?.Experiment.State == ExperimentState.Draft ? (await Checks.OfAsync(Caller, Id, default)).Value : null;
    }

    /// <summary>Of the arms that are bandits.</summary>
    private async Task<ImmutableArray<BanditView>> BanditsAsync(ExperimentView experiment)
    {
        var found = ImmutableArray.CreateBuilder<BanditView>();
        foreach (var arm in experiment.Plan.Arms.Where(a => a.Policy is BanditPolicy || a.BlueprintVersion is not null))
        {
            if ((await Bandits.FindAsync(Caller, experiment.DecisionPoint, experiment.Key, arm.Key, default)).Value is { } bandit) found.Add(bandit);
        }
        return found.ToImmutable();
    }

    private async Task StartAsync()
    {
        if (CannotStart is { } why)
        {
            Notices.Warn(why);
            return;
        }

        if (_draft is not { } draft) return;
        var amber = _checklist?.Amber ?? [];
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation(_asksApproval ? "Ask for approval" : "Start experiment")
        {
            Changes = ExperimentWords.Start(draft.Experiment),
            Keeps = ["Everyone else gets what the blueprint decides."],
            WayBack = "“Stop experiment” ends it at once; everyone then gets what the blueprint decides.",
            AskFor = amber.Count == 0 ? "Why now (optional)" : $"Why start in spite of: {string.Join(" ", amber)}",
            MustSay = amber.Count > 0,
        });
        if (confirmed is null) return;
        if (_asksApproval)
        {
            if (Notices.Ok(await Approvals.AskAsync(Caller, Id, confirmed.Text, default))) Notices.Done("Asked for approval");
            await LoadAsync();
            return;
        }

        if (Notices.Ok(await Launch.StartAsync(Caller, Id, confirmed.Text, default))) Navigation.NavigateTo($"/experiments/{Id}/report");
    }

    private async Task DeleteAsync()
    {
        if (CannotEdit is { } why)
        {
            Notices.Warn(why);
            return;
        }

        var confirmed = await Dialogs.ConfirmAsync(new Confirmation("Delete draft") { Changes = ["The draft is gone. Nothing has been assigned, so no data is lost."], IsDanger = true });
        if (confirmed is null) return;
        if (Notices.Ok(await Actions.DeleteDraftAsync(Caller, Id, default))) Navigation.NavigateTo("/experiments");
    }
}
