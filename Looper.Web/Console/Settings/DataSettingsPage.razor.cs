using System.Text.Json;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Decisions.Retention;
using Looper.Core.Runs;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Settings;

public sealed partial class DataSettingsPage
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private StorageView? _view;
    private Refusal? _denied;
    private FieldErrors _errors = FieldErrors.None, _eraseErrors = FieldErrors.None;
    private ErasureReceipt? _receipt;
    private int? _days;
    private string _unit = "";

    [Inject] public required StorageQueries Storage { get; init; }
    [Inject] public required Retentions Retentions { get; init; }
    [Inject] public required ErasureActions Erasures { get; init; }
    [Inject] public required JobRequests Jobs { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [CascadingParameter] public Caller? Caller { get; set; }

    private string ReceiptJson => JsonSerializer.Serialize(_receipt, s_json);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (Caller is null) return;
        var found = await Storage.FindAsync(Caller, default);
        (_view, _denied) = (found.Value, found.Refusal);
        _days ??= _view?.Days;
    }

    private async Task SaveAsync()
    {
        if (_view is null) return;
        var days = _days;
        if (days < _view.Days && await Dialogs.ConfirmAsync(DataDialogs.Shorten(_view.Days, days.Value)) is null) return;
        var refusal = await Retentions.ChangeAsync(Caller!, null, days, default);
        _errors = refusal is null ? FieldErrors.None : new(refusal);
        if (refusal is not null) return;
        Notices.Done($"Events are kept for {Shown.Plural(days ?? 0, "day")}");
        await LoadAsync();
    }

    private async Task PurgeAsync()
    {
        var run = await Jobs.EnqueueAsync(Caller!, JobKinds.PurgeEvents, null, "", "{}", default);
        if (Notices.Ok(run.Refusal)) Notices.Done("Removing old events; see Jobs");
    }

    private async Task EraseAsync()
    {
        _receipt = null;
        var unit = _unit; // as it stands: a name may begin or end with a space
        if (unit.Length > 0 && await Dialogs.ConfirmAsync(DataDialogs.Erase(unit)) is null) return;
        var erased = await Erasures.EraseAsync(Caller!, unit, unit, default);
        _eraseErrors = erased.Refusal is { } refusal ? new(refusal) : FieldErrors.None;
        if (erased.Refusal is not null) return;
        (_receipt, _unit) = (erased.Value, "");
        await LoadAsync();
    }
}

/// <summary>What is said before data goes for good.</summary>
internal static class DataDialogs
{
    public static Confirmation Shorten(int from, int to) => new($"Keep events for {Shown.Plural(to, "day")} instead of {from}")
    {
        Changes = [$"Tonight every decision older than {Shown.Plural(to, "day")} is removed with its observations, for good."],
        Keeps = ["Counts per hour, models and stored reports.", "Decisions whose outcome window is still open, and those that an experiment still counts."],
        IsDanger = true,
    };

    public static Confirmation Erase(string unit) => new("Erase this unit")
    {
        Changes = ["Every decision of the unit and everything observed of it is deleted and overwritten, for good."],
        Keeps = ["Counts and stored reports: they name nobody.", "Models that learned from it; train again to be without."],
        TypeToConfirm = unit,
        IsDanger = true,
    };
}
