using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Models;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Models;

public sealed partial class ModelPage
{
    private const int MostBars = 20;
    private Refusal? _missing;

    [Inject] public required ModelQueries Queries { get; init; }

    [Inject] public required ModelActions Actions { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    [Parameter] public string Key { get; set; } = "";

    [Parameter] public int Number { get; set; }

    private ModelDetailView? Detail { get; set; }

    private ImmutableArray<Crumb> Crumbs =>
        [new("Decision points", "/decision-points"), new(Key, $"/decision-points/{Key}"), new("Models", $"/decision-points/{Key}/models"), new($"Model {Number}")];

    private string? Lead => Detail!.Model switch
    {
        { State: ModelState.Live } => "It answers now.",
        { State: ModelState.Candidate } => "It is trained and judged; nothing it predicts reaches the product.",
        { State: ModelState.Shadow } => "It scores live traffic without deciding.",
        _ => "It answers no more.",
    };

    private CalibrationChart Calibration => new(
        Detail!.Model.Quality!.Task == PredictionTask.Binary ? "Does what it predicts happen as often as it says?" : "Is the number it predicts the number that comes?",
        [.. Detail.Model.Quality.Reliability.Select(b => new CalibrationBin(b.Predicted, b.Observed, b.Low, b.High, b.Rows))])
    {
        IsProbability = Detail.Model.Quality.Task == PredictionTask.Binary,
        Basis = $"{Shown.Count(Detail.Model.Quality.Rows)} newest examples in {Detail.Model.Quality.Reliability.Length} groups of equal size; 95% intervals count each unit once",
        HowComputed = "Examples are sorted by prediction and cut into groups; each point is a group's mean prediction and mean outcome.",
    };

    private BarChart Importance
    {
        get
        {
            var top = Detail!.Importance.Take(MostBars).ToList();
            return new(
                "What does it need to know?", new Axis("Feature", AxisKind.Category), new Axis(Detail.Model.Quality!.Task == PredictionTask.Binary ? "Log loss added when shuffled" : "Squared error added when shuffled"),
                [.. top.Select(f => MetricNames.Feature(f.Feature))],
                [new Series("Loss added", [.. top.Select(f => f.LossAdded)]) { Low = [.. top.Select(f => f.Low)], High = [.. top.Select(f => f.High)] }])
            {
                Lying = true,
                Basis = $"How much worse the {Shown.Count(Detail.Model.Quality.Rows)} newest predictions get when one feature's values are shuffled; 95% intervals",
                HowComputed = $"Five shuffles per feature, seed {Detail.Seed}; the mean growth of the loss. Numbers that move together are shuffled together.",
            };
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var found = await Queries.FindAsync(Caller, Key, Number, default);
        (Detail, _missing) = (found.Value, found.Refusal);
    }

    private static string Better(Metric metric)
    {
        if (!double.IsFinite(metric.Average) || metric.Name == Metric.CalibrationError) return Shown.Nothing;
        if (!double.IsFinite(metric.Low)) return metric.Value > metric.Average == MetricNames.HigherIsBetter(metric.Name) ? "probably" : "no";
        if (metric.Low <= metric.Average && metric.Average <= metric.High) return "cannot tell from this alone";
        return metric.Value > metric.Average == MetricNames.HigherIsBetter(metric.Name) ? "yes" : "no";
    }

    private async Task PromoteAsync()
    {
        var model = Detail!.Model;
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation($"Promote model {Number}")
        {
            Changes = [$"Decisions of {Key} use it for {model.Outcome} from now on; the one live now is retired.", Detail.Evidence.Verdict.Length > 0 ? $"The rule's verdict: {Detail.Evidence.Verdict}" : "The rule has not judged it."],
            Keeps = ["The blueprint, running experiments and everything logged."],
            WayBack = "“Go back” on the list of models.",
            AskFor = "Why (kept in the audit)",
        });
        if (confirmed is null) return;
        if (Notices.Ok(await Actions.PromoteAsync(Caller, Key, Number, confirmed.Text, default))) Notices.Done($"Model {Number} is live");
        await LoadAsync();
    }

    private async Task RetireAsync()
    {
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation($"Retire model {Number}")
        {
            Changes = [$"No model predicts {Detail!.Model.Outcome} any more: the policy answers without it, by exploring or with the default."],
            Keeps = ["Calls are still answered and logged."],
            WayBack = "promote it, or another one, again.",
            AskFor = "Why (kept in the audit)",
            IsDanger = true,
        });
        if (confirmed is null) return;
        if (Notices.Ok(await Actions.RetireAsync(Caller, Key, Number, confirmed.Text, default))) Notices.Done($"Model {Number} is retired");
        await LoadAsync();
    }
}
