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
    private readonly AskedRun _run = new(JobKinds.PredictLongTerm);
    private ExperimentView? _experiment;
    private LongTermView? _prediction;
    private Refusal? _missing, _unknown;
    private string _metric = "", _early = "";
    private IReadOnlyList<LongTermMetric> _metrics = [];
    private IReadOnlyList<EstimateSummary> _earlier = [];

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

    private LongTermEffect Chosen => _prediction!.Content.Effects.FirstOrDefault(e => e.Arm == Arm) ?? _prediction.Content.Effects[0];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Experiments.FindAsync(Caller, Id, default);
        (_experiment, _missing) = (found.Value, found.Refusal);
        if (_experiment is null) return;
        var prediction = PredictionId is { } id ? Named(id, await Predictions.FindAsync(Caller, id, default)) : await Predictions.LatestAsync(Caller, Id, default);
        (_prediction, _unknown) = (prediction.Value, prediction.Refusal);
        _earlier = (await Predictions.ListAsync(Caller, Id, default)).Value ?? [];
        _metrics = _experiment.State == ExperimentState.Draft ? [] : (await Predictions.MetricsAsync(Caller, Id, default)).Value ?? []; // what is not finished may name what is not there
        if (_metrics.All(m => m.Key != _metric))
        {
            var last = _prediction?.Content.Settings.Input;
            _metric = _metrics.FirstOrDefault(m => m.Key == last?.Metric)?.Key ?? (_metrics.Count > 0 ? _metrics[0].Key : "");
            if (last?.Metric == _metric) _early = DurationJson.Text(last.Early);
            else MetricChanged();
        }
        await _run.FindAsync(Runs, Caller, _experiment);
    }

    private Answered<LongTermView?> Named(Guid id, Answered<LongTermView> found) =>
        found.Value is { } view && view.ExperimentId != Id ? new Refusal("long-term.unknown", $"The prediction {id} is of another experiment. See the list of this one's.") : new Answered<LongTermView?>(found.Value, found.Refusal);

    private void MetricChanged() => _early = _metrics.FirstOrDefault(m => m.Key == _metric) is { } metric ? DurationJson.Text(metric.Early) : "";

    private async Task StartAsync()
    {
        if (!DurationJson.TryParse(_early.Trim(), out var early))
        {
            _run.Refuse(new("long-term.invalid", "Early: write a duration such as 7d, 12h or 30m.", "early"));
            return;
        }
        await _run.AskAsync(Notices, () => Actions.StartAsync(Caller, Id, new(_metric, early), default));
    }

    private async Task JobChangedAsync(JobRunView run)
    {
        if (!_run.IsDone(run)) return;
        if (PredictionId is not null) Navigation.NavigateTo($"/experiments/{Id}/long-term");
        await LoadAsync();
    }
}
