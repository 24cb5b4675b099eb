using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Models;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Models;

public sealed partial class ModelFrame
{
    private ModelDetailView? _detail;
    private IReadOnlyList<ModelView> _sameOutcome = [];
    private ModelView? _before; // what going back from this one makes live
    private Refusal? _missing;

    [Parameter, EditorRequired] public required string Key { get; set; }

    [Parameter, EditorRequired] public int Number { get; set; }

    /// <summary>Text of the tab shown.</summary>
    [Parameter, EditorRequired] public required string Tab { get; set; }

    [Parameter, EditorRequired] public required RenderFragment<ModelDetailView> ChildContent { get; set; }

    [Inject] public required ModelQueries Queries { get; init; }

    [Inject] public required ModelActions Actions { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    private bool IsPointKnown => _missing is { Code: "model.unknown" };

    private ImmutableArray<Crumb> Crumbs =>
        [new("Decision points", "/decision-points"), new(Key, $"/decision-points/{Key}"), new("Models", $"/decision-points/{Key}/models"), new($"Model {Number}")];

    private ModelView? Live => _sameOutcome.FirstOrDefault(m => m.State == ModelState.Live);

    /// <summary>What this model is best compared with: the live one; for that, the one before.</summary>
    private ModelView? Other => Live?.Number == Number ? _before ?? _sameOutcome.FirstOrDefault(m => m.Number != Number) : Live ?? _sameOutcome.FirstOrDefault(m => m.Number != Number);

    protected override Task OnParametersSetAsync() => _detail?.Model.Number == Number && _detail.Model.DecisionPointKey == Key ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Queries.FindAsync(Caller, Key, Number, default);
        (_detail, _missing) = (found.Value, found.Refusal);
        if (_detail?.Model is not { } model) return;
        _sameOutcome = (await Queries.ListAsync(Caller, new ModelFilter(Key, Outcome: model.Outcome), default)).Value?.Items ?? [];
        _before = model.State == ModelState.Live ? (await Queries.BeforeAsync(Caller, Key, default)).FirstOrDefault(m => m.Outcome == model.Outcome) : null;
    }

    private string? Off(Right right) => Caller.Lacks(right) is null ? null : "true";

    private string? Why(Right right) => Caller.Lacks(right)?.Reason;

    private Task PromoteAsync()
    {
        var (model, verdict) = (_detail!.Model, _detail.Evidence.Verdict);
        return DoAsync(Right.Publish, new Confirmation($"Promote model {Number}")
        {
            Changes =
            [
                Live is { } live ? $"Decisions of {Key} use model {Number} for {model.Outcome} from now on; model {live.Number} is retired." : $"Decisions of {Key} use model {Number} for {model.Outcome} from now on; none did before.",
                verdict.Length > 0 ? $"The rule’s verdict: {verdict}" : "The rule has not judged it.",
            ],
            Keeps = ["The blueprint, running experiments and everything logged."],
            WayBack = "“Roll back” on the live model’s page.",
            AskFor = "Why (kept in the audit)",
        }, reason => Actions.PromoteAsync(Caller, Key, Number, reason, default), $"Model {Number} is live");
    }

    private async Task TrainAgainAsync()
    {
        if (Caller.Lacks(Right.Train) is { } denied)
        {
            Notices.Show(denied);
            return;
        }
        var started = await Actions.TrainAgainAsync(Caller, Key, Number, default);
        if (Notices.Ok(started.Refusal)) Navigation.NavigateTo($"/jobs/{started.Value}");
    }

    private Task RetireAsync()
    {
        var (model, isLive) = (_detail!.Model, _detail.Model.State == ModelState.Live);
        return DoAsync(Right.Stop, new Confirmation($"Retire model {Number}")
        {
            Changes = [isLive ? $"No model predicts {model.Outcome} any more: the policy answers without it, by exploring or with the default." : "It is not considered for promotion any more."],
            Keeps = [isLive ? "Calls are still answered and logged." : "What is live goes on answering."],
            WayBack = "promote it, or another one, again.",
            AskFor = "Why (kept in the audit)",
            IsDanger = isLive,
        }, reason => Actions.RetireAsync(Caller, Key, Number, reason, default), $"Model {Number} is retired");
    }

    private Task RollBackAsync(ModelView before)
    {
        var model = _detail!.Model;
        return DoAsync(Right.Stop, RollBack.To(before, Number), async reason => (await Actions.GoBackAsync(Caller, Key, model.Outcome, reason, default, model.Number, before.Number)).Refusal, $"Model {before.Number} is live");
    }

    private async Task DoAsync(Right right, Confirmation confirmation, Func<string, Task<Refusal?>> act, string done)
    {
        if (Caller.Lacks(right) is { } denied)
        {
            Notices.Show(denied);
            return;
        }
        if (await Dialogs.ConfirmAsync(confirmation) is not { } confirmed) return;
        if (Notices.Ok(await act(confirmed.Text))) Notices.Done(done);
        await LoadAsync();
    }
}
