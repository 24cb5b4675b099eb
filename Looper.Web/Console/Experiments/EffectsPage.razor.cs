using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Core.Personalization;
using Looper.Core.Runs;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

public sealed partial class EffectsPage
{
    private readonly AskedRun _run = new(JobKinds.EstimateEffects);
    private ExperimentView? _experiment;
    private EffectView? _effects;
    private Refusal? _missing, _unknown;
    private string _metric = "", _learner = "auto";
    private IReadOnlyList<string> _metrics = [];
    private IReadOnlyList<EstimateSummary> _earlier = [];

    [Inject] public required ExperimentQueries Experiments { get; init; }

    [Inject] public required EffectQueries Effects { get; init; }

    [Inject] public required EffectActions Actions { get; init; }

    [Inject] public required JobRunQueries Runs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public Guid Id { get; set; }

    /// <summary>Stored effects; the newest when not given.</summary>
    [SupplyParameterFromQuery(Name = "effects")] public Guid? EffectsId { get; set; }

    /// <summary>The treatment shown; the first when not given.</summary>
    [SupplyParameterFromQuery(Name = "arm")] public string? Arm { get; set; }

    private ArmEffects Chosen => _effects!.Content.Effects.FirstOrDefault(e => e.Arm == Arm) ?? _effects.Content.Effects[0];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Experiments.FindAsync(Caller, Id, default);
        (_experiment, _missing) = (found.Value, found.Refusal);
        if (_experiment is null) return;
        var effects = EffectsId is { } id ? Named(id, await Effects.FindAsync(Caller, id, default)) : await Effects.LatestAsync(Caller, Id, default);
        (_effects, _unknown) = (effects.Value, effects.Refusal);
        _earlier = (await Effects.ListAsync(Caller, Id, default)).Value ?? [];
        _metrics = _experiment.State == ExperimentState.Draft ? [] : (await Effects.MetricsAsync(Caller, Id, default)).Value ?? []; // what is not finished may name what is not there
        if (!_metrics.Contains(_metric)) _metric = _effects?.Content.Settings.Input.Metric ?? (_metrics.Count > 0 ? _metrics[0] : "");
        await _run.FindAsync(Runs, Caller, _experiment);
    }

    private Answered<EffectView?> Named(Guid id, Answered<EffectView> found) =>
        found.Value is { } view && view.ExperimentId != Id ? new Refusal("effects.unknown", $"The effects {id} are of another experiment. See the list of this one's.") : new Answered<EffectView?>(found.Value, found.Refusal);

    private Task StartAsync() => _run.AskAsync(Notices, () => Actions.StartAsync(Caller, Id, new(_metric, _learner), default));

    private async Task JobChangedAsync(JobRunView run)
    {
        if (!_run.IsDone(run)) return;
        if (EffectsId is not null) Navigation.NavigateTo($"/experiments/{Id}/effects");
        await LoadAsync();
    }
}
