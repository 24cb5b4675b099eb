using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Models;
using Looper.Core.Runs;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Models;

public sealed partial class PointModelsPage
{
    private bool _missing;
    private int _a;
    private int _b;

    [Inject] public required ModelQueries Queries { get; init; }

    [Inject] public required ModelActions Actions { get; init; }

    [Inject] public required JobRunQueries Jobs { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public string Key { get; set; } = "";

    private IReadOnlyList<ModelView>? List { get; set; }

    private JobRunView? LastRun { get; set; }

    private JobRunView? OpenRun => LastRun is { IsOpen: true } ? LastRun : null;

    private int FirstModelAt { get; set; }

    private Refusal? Denied => Caller.Lacks(Right.Train);

    /// <summary>Per outcome, the model that was live before the one that is.</summary>
    private Dictionary<string, int> GoBackTo => (List ?? [])
        .Where(m => m is { State: ModelState.Retired, PromotedAt: not null } && List!.Any(l => l.Outcome == m.Outcome && l.State == ModelState.Live))
        .GroupBy(m => m.Outcome).ToDictionary(g => g.Key, g => g.MaxBy(m => m.RetiredAt)!.Number);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var models = await Queries.ListAsync(Caller, Key, default);
        _missing = models.Refusal is not null;
        if (_missing) return;
        List = models.Value!;
        if (_a == 0 && List.Count > 1) (_a, _b) = (List[1].Number, List[0].Number);
        var training = await Queries.TrainingAsync(Caller, Key, default);
        (LastRun, FirstModelAt) = (training.Value?.LastRun, training.Value?.FirstModelAt ?? 0);
    }

    private async Task TrainAsync(bool provisional)
    {
        if (Denied is { } denied)
        {
            Notices.Show(denied);
            return;
        }
        var started = await Actions.TrainAsync(Caller, Key, provisional, default);
        if (Notices.Ok(started.Refusal)) await LoadAsync();
    }

    private async Task GoBackAsync(string outcome, int number)
    {
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation($"Go back to model {number}")
        {
            Changes = [$"Decisions use model {number} for {outcome} from now on; the live one is retired."],
            Keeps = ["The blueprint, running experiments and everything logged."],
            WayBack = "promote the other model again.",
            AskFor = "Why (kept in the audit)",
        });
        if (confirmed is null) return;
        var back = await Actions.GoBackAsync(Caller, Key, outcome, confirmed.Text, default);
        if (!Notices.Ok(back.Refusal)) return;
        Notices.Done($"Model {back.Value} is live");
        await LoadAsync();
    }

    private void Compare() => Navigation.NavigateTo($"/decision-points/{Key}/models/{_a}/compare/{_b}");
}
