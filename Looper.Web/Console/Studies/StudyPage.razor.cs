using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Studies;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Studies;

public sealed partial class StudyPage
{
    private StudyReading? _reading;
    private Refusal? _missing;
    private ImmutableArray<PointChart> _charts = [];

    [Inject] public required StudyQueries Queries { get; init; }

    [Inject] public required StudyActions Actions { get; init; }

    [Inject] public required TrialShipping Ship { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public Guid Id { get; set; }

    /// <summary>The pair of parameters and the metric that the model is shown for.</summary>
    [SupplyParameterFromQuery] public string? X { get; set; }

    [SupplyParameterFromQuery] public string? Y { get; set; }

    [SupplyParameterFromQuery] public string? Metric { get; set; }

    private string? Off(Right right) => Why(right) is null ? null : "true";

    private string? Why(Right right) => Caller.Lacks(right)?.Reason;

    /// <summary>Says why a greyed button does nothing.</summary>
    private bool IsDenied(Right right)
    {
        if (Caller.Lacks(right) is not { } denied) return false;
        Notices.Warn(denied.Reason);
        return true;
    }

    private IEnumerable<string> Metrics => _reading!.Progress.Study.Plan.Goals.Select(g => g.Metric).Concat(_reading.Progress.Study.Plan.Guardrails.Select(g => g.Metric)).Distinct();

    // Another pair or metric needs no new reading.
    protected override Task OnParametersSetAsync() => _reading?.Progress.Study.Id == Id ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Queries.ReadAsync(Caller, Id, default);
        (_reading, _missing) = (found.Value, found.Refusal);
        if (_reading?.Progress is not { } progress) return;
        var goals = progress.Study.Plan.Goals;
        PointChart?[] charts =
        [
            StudyCharts.History(progress),
            .. goals.SelectMany((x, i) => goals.Skip(i + 1).Select(y => StudyCharts.Front(progress, x, y))),
            .. progress.Study.Plan.Guardrails.Select(g => StudyCharts.Against(progress, g)),
            StudyCharts.Feasibility(progress),
        ];
        _charts = [.. charts.OfType<PointChart>()];
    }

    private async Task StartAsync()
    {
        if (IsDenied(Right.RunExperiments) || _reading is not { } reading) return;
        var plan = reading.Progress.Study.Plan;
        var isLive = plan.Source == TrialSource.Live;
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation("Start study")
        {
            Changes =
            [
                isLive ? $"{Shown.Percent(plan.Traffic)} of the units of {_reading.Progress.Study.DecisionPoint} take part in experiments, {plan.Batch} settings beside the present policy at a time, {Shown.Count(plan.UnitsPerArm)} units each."
                    : plan.Source == TrialSource.Logged ? $"{plan.Trials} settings are judged on the decisions that {_reading.Progress.Study.DecisionPoint} has logged {(plan.LoggedDays is { } days ? $"in the last {Shown.Plural(days, "day")}" : "until now")}."
                    : $"{plan.Trials} trials are measured by {StudyWords.Source(plan.Source)}.",
                .. isLive && plan.LoggedTrials > 0 ? (string[])[$"{Shown.Plural(plan.LoggedTrials, "setting")} are estimated on logged decisions before the first arm."] : [],
                "Parameters, goals and guardrails are frozen.",
            ],
            Keeps = isLive ? ["Units outside get what the blueprint decides.", "An arm that breaks a guardrail ends its batch and pauses the study."] : ["Nothing changes for your users."],
            WayBack = isLive ? "“Stop study” ends its arms at once; everyone then gets what the blueprint decides." : "“Stop study” ends it at once.",
        });
        if (confirmed is not null && Notices.Ok(await Actions.StartAsync(Caller, Id, default))) Notices.Done("Started the study");
    }

    private async Task PauseAsync()
    {
        if (IsDenied(Right.Stop)) return;
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation("Pause study") { Changes = ["Nothing new is tried."], Keeps = ["What is being measured is still read."], WayBack = "“Resume study” goes on where it was.", AskFor = "Why (optional)" });
        if (confirmed is not null) Notices.Ok(await Actions.PauseAsync(Caller, Id, confirmed.Text, default));
    }

    private async Task ResumeAsync()
    {
        if (!IsDenied(Right.RunExperiments)) Notices.Ok(await Actions.ResumeAsync(Caller, Id, default));
    }

    private async Task StopAsync()
    {
        if (IsDenied(Right.Stop)) return;
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation("Stop study")
        {
            Changes = ["Its arms end at once, and trials without metrics count as failed.", "A stopped study stays stopped."], Keeps = ["Its measured trials and what they taught."], AskFor = "Why (optional)", IsDanger = true,
        });
        if (confirmed is not null) Notices.Ok(await Actions.StopAsync(Caller, Id, confirmed.Text, default));
    }

    private async Task DeleteAsync()
    {
        if (IsDenied(Right.Analyse)) return;
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation("Delete draft") { Changes = ["The draft is gone. Nothing has been tried, so no data is lost."], IsDanger = true });
        if (confirmed is not null && Notices.Ok(await Actions.DeleteDraftAsync(Caller, Id, default))) Navigation.NavigateTo("/studies");
    }

    private async Task UseAsync(int trial)
    {
        if (IsDenied(Right.EditDrafts)) return;
        var answered = await Ship.DraftAsync(Caller, Id, trial, default);
        if (answered.Refusal is { } refusal) Notices.Warn(refusal.Reason);
        else Navigation.NavigateTo($"/decision-points/drafts/{answered.Value}");
    }

    private async Task ConfirmAsync(int trial)
    {
        if (IsDenied(Right.Analyse)) return;
        var answered = await Ship.ConfirmAsync(Caller, Id, trial, default);
        if (answered.Refusal is { } refusal) Notices.Warn(refusal.Reason);
        else Navigation.NavigateTo($"/experiments/{answered.Value}");
    }

    private async Task StrikeOutAsync(int trial)
    {
        if (!IsDenied(Right.Stop)) Notices.Ok(await Actions.VetoAsync(Caller, Id, trial, null, default));
    }
}
