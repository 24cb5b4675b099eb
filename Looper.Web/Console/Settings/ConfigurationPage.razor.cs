using System.Text;
using System.Text.Unicode;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions.AsCode;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Radzen;

namespace Looper.Web.Console.Settings;

public sealed partial class ConfigurationPage
{
    private static readonly Refusal s_unreadable = new("configuration.unreadable", "The file could not be read. Choose it again.");

    private readonly OneAtATime _busy = new();
    private string? _text;
    private bool _force, _applied, _plannedForce;
    private int _asked; // raised by whatever changes the form: what was begun before is not of it any more
    private PointsFile? _file;
    private ApplyPlan? _plan;
    private Refusal? _refusal;

    [Inject] public required ApplyActions Actions { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [CascadingParameter] public Caller? Caller { get; set; }

    private Refusal? Denied => Caller!.Lacks(Right.Publish);

    private static IReadOnlyList<Refusal> Faults(Refusal refusal) => refusal.Faults.Count > 0 ? refusal.Faults : [refusal];

    /// <summary>What was planned, or is being planned, is not what stands in the form any more.</summary>
    private void Forget()
    {
        _asked++;
        (_file, _plan, _refusal, _applied) = (null, null, null, false);
    }

    private async Task LoadAsync(InputFileChangeEventArgs chosen)
    {
        if (chosen.FileCount == 0) return;
        Forget();
        var asked = _asked;
        _text = null;
        if (chosen.File.Size > PointsFile.MaxBytes)
        {
            _refusal = PointsFile.TooLarge;
            return;
        }
        var bytes = await BytesAsync(chosen.File);
        if (asked != _asked) return;
        if (bytes is null)
        {
            _refusal = s_unreadable;
            return;
        }
        var read = PointsFile.Read(bytes);
        if (Utf8.IsValid(bytes)) _text = Encoding.UTF8.GetString(bytes); // else the box would hold other words than the file
        if (read.Refusal is { } refusal) _refusal = refusal;
        else await PlanAsync(); // also while another plan is on its way: that one is of a text that is gone
    }

    /// <summary>Null where the browser cannot give them any more.</summary>
    private static async Task<byte[]?> BytesAsync(IBrowserFile file)
    {
        try
        {
            using var bytes = new MemoryStream();
            await using (var stream = file.OpenReadStream(PointsFile.MaxBytes)) await stream.CopyToAsync(bytes);
            return bytes.ToArray();
        }
        catch (Exception fault) when (fault is IOException or JSException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task PlanAsync()
    {
        Forget();
        var (asked, force) = (_asked, _force);
        var read = PointsFile.Read(_text ?? "");
        if (read.Refusal is null)
        {
            var planned = await Actions.PlanAsync(Caller!, read.Value!, force, default);
            if (asked != _asked) return;
            (_file, _plan, _plannedForce, _refusal) = (read.Value, planned.Value, force, planned.Refusal);
        }
        else _refusal = read.Refusal;
    }

    private async Task ApplyAsync()
    {
        if (Denied is not null || _file is not { } file || _plan is not { } plan) return;
        var (asked, force) = (_asked, _plannedForce);
        if (await Dialogs.ConfirmAsync(Confirming(plan)) is not { } confirmed || asked != _asked) return;
        var applied = await Actions.ApplyAsync(Caller!, file, force, confirmed.Text, default);
        if (applied.Refusal is null) Notices.Done(PlanWords.Of(Acts(applied.Value!), isApplied: true));
        else if (asked != _asked) Notices.Show(applied.Refusal); // there is no plan left that it could be shown with
        if (asked != _asked) return;
        (_plan, _refusal) = (applied.Value, applied.Refusal);
        _applied = applied.Refusal is null;
    }

    private static Confirmation Confirming(ApplyPlan plan) => new("Apply the file")
    {
        Changes = [.. plan.Points.Where(p => p.Action != PlannedAction.Unchanged).Select(p => $"{p.DecisionPoint}: {Act(p, false)}. {p.InWords}")],
        Keeps = ["Decision points that the file does not name.", "Logged decisions, models and reports."],
        WayBack = PlanWords.WayBack(plan),
        AskFor = "Note (optional)",
    };

    private static string Act(PlannedPoint point, bool done) => point.Action switch
    {
        PlannedAction.Create => done ? "Created" : "Create",
        PlannedAction.Publish => done ? $"Published version {point.Becomes}" : $"Publish version {point.Becomes}",
        PlannedAction.Describe => done ? "Renamed" : "Rename",
        _ => "Unchanged",
    };

    private static IReadOnlyCollection<PlannedAction> Acts(ApplyPlan plan) => [.. plan.Points.Select(p => p.Action)];
}
