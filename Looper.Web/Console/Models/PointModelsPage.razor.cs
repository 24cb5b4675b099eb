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
    private readonly SortedSet<string> _outcomes = new(StringComparer.Ordinal);
    private ModelListView? _list;
    private IReadOnlyList<ModelView> _all = [], _before = [];
    private TrainingView? _training;
    private IReadOnlyList<GateDecisionView> _decisions = [];

    [Inject] public required ModelQueries Queries { get; init; }

    [Inject] public required ModelActions Actions { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public string Key { get; set; } = "";

    [SupplyParameterFromQuery(Name = "q")] public string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "state")] public string? State { get; set; }

    [SupplyParameterFromQuery(Name = "outcome")] public string? Outcome { get; set; }

    private ModelFilter Filter => ModelFilters.Of(Key, Text, State, Outcome);

    private bool IsFiltered => Filter != new ModelFilter(Key);

    private JobRunView? OpenRun => _training?.LastRun is { IsOpen: true } run ? run : null;

    private Refusal? Denied => Caller.Lacks(Right.Train);

    private string FirstModelWords => _training?.Plan switch
    {
        { IsOn: true, FirstModelAt: > 0 } plan => $"The first model is trained at {Shown.Count(plan.FirstModelAt)} closed examples.",
        { IsOn: true } => "Somebody trains the first model by hand: press “Train now”.",
        _ => "Training by itself is off; press “Train now”.",
    };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Queries.ListAsync(Caller, Filter, default);
        _list = found.Value ?? new([], 0);
        _all = IsFiltered ? (await Queries.ListAsync(Caller, new ModelFilter(Key), default)).Value?.Items ?? [] : _list.Items;
        _before = await Queries.BeforeAsync(Caller, Key, default);
        _outcomes.UnionWith(_all.Select(m => m.Outcome));
        _decisions = (await Queries.DecisionsAsync(Caller, Key, null, default)).Value ?? [];
        _training = (await Queries.TrainingAsync(Caller, Key, default)).Value;
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

    private async Task RollBackAsync(ModelView before)
    {
        if (Caller.Lacks(Right.Stop) is { } denied)
        {
            Notices.Show(denied);
            return;
        }
        var live = _all.FirstOrDefault(m => m.Outcome == before.Outcome && m.State == ModelState.Live);
        if (await Dialogs.ConfirmAsync(RollBack.To(before, live?.Number)) is not { } confirmed) return;
        var back = await Actions.GoBackAsync(Caller, Key, before.Outcome, confirmed.Text, default, live?.Number, before.Number);
        if (Notices.Ok(back.Refusal)) Notices.Done($"Model {back.Value} is live");
        await LoadAsync();
    }
}
