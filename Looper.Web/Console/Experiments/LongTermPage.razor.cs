using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Experiments;
using Looper.Core.LongTerm;
using Looper.Core.Runs;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Experiments;

public sealed partial class LongTermPage
{
    private ExperimentView? _experiment;
    private LongTermView? _prediction;
    private Refusal? _missing;
    private Guid? _job;
    private bool _asking, _isRunning;
    private string _metric = "", _early = "";
    private FieldErrors _errors = FieldErrors.None;
    private IReadOnlyList<LongTermMetric> _metrics = [];
    private IReadOnlyList<LongTermSummary> _earlier = [];

    [Inject] public required ExperimentQueries Experiments { get; init; }

    [Inject] public required LongTermQueries Predictions { get; init; }

    [Inject] public required LongTermActions Actions { get; init; }

    [Inject] public required JobRunQueries Runs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public Guid Id { get; set; }

    /// <summary>A stored prediction; the newest when not given.</summary>
    [SupplyParameterFromQuery(Name = "prediction")] public Guid? PredictionId { get; set; }

    /// <summary>The treatment shown; the first when not given.</summary>
    [SupplyParameterFromQuery(Name = "arm")] public string? Arm { get; set; }

    private Refusal? Denied => Caller.Lacks(JobKinds.Needs(JobKinds.PredictLongTerm));

    private LongTermEffect Chosen => _prediction!.Content.Effects.FirstOrDefault(e => e.Arm == Arm) ?? _prediction.Content.Effects[0];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Experiments.FindAsync(Caller, Id, default);
        (_experiment, _missing) = (found.Value, found.Refusal);
        if (_experiment is null) return;
        var prediction = PredictionId is { } id ? new((await Predictions.FindAsync(Caller, id, default)).Value, null) : await Predictions.LatestAsync(Caller, Id, default);
        _prediction = prediction.Value is { } view && view.ExperimentId == Id ? view : null;
        _earlier = (await Predictions.ListAsync(Caller, Id, default)).Value ?? [];
        _metrics = _experiment.State == ExperimentState.Draft ? [] : (await Predictions.MetricsAsync(Caller, Id, default)).Value ?? []; // what is not finished may name what is not there
        if (_metrics.All(m => m.Key != _metric))
        {
            var last = _prediction?.Content.Settings.Input;
            _metric = _metrics.FirstOrDefault(m => m.Key == last?.Metric)?.Key ?? (_metrics.Count > 0 ? _metrics[0].Key : "");
            if (last?.Metric == _metric) _early = DurationJson.Text(last.Early);
            else MetricChanged();
        }
        var open = await Runs.ListAsync(Caller, new(_experiment.DecisionPointId, JobKinds.PredictLongTerm, OpenOnly: true), default);
        if (open.Value?.FirstOrDefault(r => r.Subject == _experiment.Key) is { } run) (_job, _isRunning) = (run.Id, true);
    }

    private void MetricChanged() => _early = _metrics.FirstOrDefault(m => m.Key == _metric) is { } metric ? DurationJson.Text(metric.Early) : "";

    private async Task StartAsync()
    {
        if (!DurationJson.TryParse(_early.Trim(), out var early))
        {
            _errors = new(new Refusal("long-term.invalid", "Early: write a duration such as 7d, 12h or 30m.", "early"));
            return;
        }
        _asking = true;
        try
        {
            var started = await Actions.StartAsync(Caller, Id, new(_metric, early), default);
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
        if (PredictionId is not null) Navigation.NavigateTo($"/experiments/{Id}/long-term");
        await LoadAsync();
    }
}
