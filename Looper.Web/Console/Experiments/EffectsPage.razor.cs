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
    private ExperimentView? _experiment;
    private EffectView? _effects;
    private Refusal? _missing;
    private Guid? _job;
    private bool _asking, _isRunning;
    private string _metric = "", _learner = "auto";
    private FieldErrors _errors = FieldErrors.None;
    private IReadOnlyList<string> _metrics = [];
    private IReadOnlyList<EffectSummary> _earlier = [];

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

    private Refusal? Denied => Caller.Lacks(JobKinds.Needs(JobKinds.EstimateEffects));

    private ArmEffects Chosen => _effects!.Content.Effects.FirstOrDefault(e => e.Arm == Arm) ?? _effects.Content.Effects[0];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Experiments.FindAsync(Caller, Id, default);
        (_experiment, _missing) = (found.Value, found.Refusal);
        if (_experiment is null) return;
        var effects = EffectsId is { } id ? new((await Effects.FindAsync(Caller, id, default)).Value, null) : await Effects.LatestAsync(Caller, Id, default);
        _effects = effects.Value is { } view && view.ExperimentId == Id ? view : null;
        _earlier = (await Effects.ListAsync(Caller, Id, default)).Value ?? [];
        _metrics = _experiment.State == ExperimentState.Draft ? [] : (await Effects.MetricsAsync(Caller, Id, default)).Value ?? []; // what is not finished may name what is not there
        if (!_metrics.Contains(_metric)) _metric = _effects?.Content.Settings.Input.Metric ?? (_metrics.Count > 0 ? _metrics[0] : "");
        var open = await Runs.ListAsync(Caller, new(_experiment.DecisionPointId, JobKinds.EstimateEffects, OpenOnly: true), default);
        if (open.Value?.FirstOrDefault(r => r.Subject == _experiment.Key) is { } run) (_job, _isRunning) = (run.Id, true);
    }

    private async Task StartAsync()
    {
        _asking = true;
        try
        {
            var started = await Actions.StartAsync(Caller, Id, new(_metric, _learner), default);
            _errors = started.Refusal is { } fault ? new(fault) : FieldErrors.None;
            if (started.Refusal is { } refusal) Notices.Show(refusal);
            else (_job, _isRunning) = (started.Value, true);
        }
        finally
        {
            _asking = false;
        }
    }

    // What came out replaces what is shown; a run that failed or was cancelled stays, with its reason, above the form to try again.
    private async Task JobChangedAsync(JobRunView run)
    {
        _isRunning = run.IsOpen;
        if (run.State != JobState.Done) return;
        _job = null;
        if (EffectsId is not null) Navigation.NavigateTo($"/experiments/{Id}/effects");
        await LoadAsync();
    }
}
