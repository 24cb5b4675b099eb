using System.Text;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions.AsCode;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Radzen;

namespace Looper.Web.Console.Settings;

public sealed partial class ConfigurationPage
{
    private readonly OneAtATime _busy = new();
    private string? _text;
    private bool _force, _applied;
    private PointsFile? _file;
    private ApplyPlan? _plan;
    private Refusal? _refusal;

    [Inject] public required ApplyActions Actions { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [CascadingParameter] public Caller? Caller { get; set; }

    private Refusal? Denied => Caller!.Lacks(Right.Publish);

    private static IReadOnlyList<Refusal> Faults(Refusal refusal) => refusal.Faults.Count > 0 ? refusal.Faults : [refusal];

    /// <summary>What was planned is not what stands in the form any more.</summary>
    private void Forget() => (_file, _plan, _refusal, _applied) = (null, null, null, false);

    private async Task LoadAsync(InputFileChangeEventArgs chosen)
    {
        Forget();
        _text = null;
        if (chosen.File.Size > PointsFile.MaxBytes)
        {
            _refusal = PointsFile.TooLarge;
            return;
        }
        using var bytes = new MemoryStream();
        await using (var file = chosen.File.OpenReadStream(PointsFile.MaxBytes)) await file.CopyToAsync(bytes);
        var read = PointsFile.Read(bytes.ToArray());
        _text = Encoding.UTF8.GetString(bytes.ToArray());
        if (read.Refusal is { } refusal) _refusal = refusal;
        else await _busy.RunAsync(PlanAsync);
    }

    private async Task PlanAsync()
    {
        Forget();
        var read = PointsFile.Read(_text ?? "");
        if (read.Refusal is null)
        {
            var planned = await Actions.PlanAsync(Caller!, read.Value!, _force, default);
            (_file, _plan, _refusal) = (read.Value, planned.Value, planned.Refusal);
        }
        else _refusal = read.Refusal;
    }

    private async Task ApplyAsync()
    {
        if (Denied is not null || _file is not { } file || _plan is not { } plan) return;
        if (await Dialogs.ConfirmAsync(Confirming(plan)) is not { } confirmed) return;
        var applied = await Actions.ApplyAsync(Caller!, file, _force, confirmed.Text, default);
        (_plan, _refusal) = (applied.Value, applied.Refusal);
        _applied = applied.Refusal is null;
        if (_applied) Notices.Done(Sum(applied.Value!));
    }

    private static Confirmation Confirming(ApplyPlan plan) => new("Apply the file")
    {
        Changes = [.. plan.Points.Where(p => p.Action != PlannedAction.Unchanged).Select(p => $"{p.DecisionPoint}: {Act(p, false)}. {p.InWords}")],
        Keeps = ["Decision points that the file does not name.", "Logged decisions, models and reports."],
        WayBack = "Go back to the version before, under Blueprint of each decision point.",
        AskFor = "Note (optional)",
    };

    private static string Act(PlannedPoint point, bool done) => point.Action switch
    {
        PlannedAction.Create => done ? "Created" : "Create",
        PlannedAction.Publish => done ? $"Published version {point.Becomes}" : $"Publish version {point.Becomes}",
        PlannedAction.Describe => done ? "Renamed" : "Rename",
        _ => "Unchanged",
    };

    private string Sum(ApplyPlan plan) => PlanWords.Of([.. plan.Points.Select(p => p.Action)], _applied);
}
