using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Retention;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Decisions;

public sealed partial class SettingsPage
{
    private FieldErrors _errors = FieldErrors.None;
    private string? _name, _description;
    private readonly OneAtATime _saving = new();
    private int? _shownDays; // as stored when last shown: what is typed over it stays
    private string? _shownKey;
    private long? _readAt; // the revision on screen when typing began
    private FieldErrors _retentionErrors = FieldErrors.None;
    private RetentionPlan? _retention;
    private PointRetention? _own;
    private int? _days;
    private bool? _durable; // null where the current version cannot be read

    [Inject] public required DecisionPointActions Actions { get; init; }
    [Inject] public required ClearActions Clearing { get; init; }
    [Inject] public required Retentions Retentions { get; init; }
    [Inject] public required VersionQueries Versions { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [CascadingParameter] public required Caller Caller { get; set; }
    [Parameter] public string Key { get; set; } = "";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _durable = (await Versions.ReadAsync(Caller, Key, 0, default)).Value?.Content.Durable;
        _retention = await Retentions.ReadAsync(default);
        _own = _retention.Points.FirstOrDefault(p => p.Key == Key);
        if (_shownKey == Key && _days != _shownDays) return;
        (_shownKey, _days, _shownDays) = (Key, _own?.OwnDays, _own?.OwnDays);
    }

    private void Typing(DecisionPointView point, Action typed)
    {
        _readAt ??= point.Revision;
        typed();
    }

    private string? Off(Right right) => Caller.Lacks(right) is null ? null : "true";

    private string? Why(Right right) => Caller.Lacks(right)?.Reason;

    private Task DescribeAsync(DecisionPointView point) => _saving.RunAsync(() => SaveAsync(point));

    private async Task SaveAsync(DecisionPointView point)
    {
        if (_name is null && _description is null) return; // nothing was typed, or it has just been saved
        var refusal = await Actions.DescribeAsync(Caller, Key, _name ?? point.Name, _description, default, _readAt);
        _errors = refusal is null ? FieldErrors.None : new(refusal);
        if (refusal is null) (_name, _description, _readAt) = (null, null, null);
        else if (refusal.Code == "decision-point.changed-meanwhile") _readAt = null; // what is stored now has been told: the next save replaces it
        if (refusal is null) Notices.Done("Saved the name");
    }

    private async Task RetainAsync()
    {
        if (Off(Right.Administer) is not null) return;
        var refusal = await Retentions.ChangeAsync(Caller, Key, _days, default);
        _retentionErrors = refusal is null ? FieldErrors.None : new(refusal);
        if (refusal is not null) return;
        _shownDays = _days;
        Notices.Done("Saved the retention");
    }

    private async Task DurableAsync()
    {
        if (_durable is not { } durable || Off(Right.Publish) is not null || await Dialogs.ConfirmAsync(PointDialogs.Durable(!durable)) is null) return;
        var published = await Actions.SetDurableAsync(Caller, Key, !durable, default);
        if (Notices.Ok(published.Refusal)) Notices.Done($"Published version {published.Value!.Version}");
        await LoadAsync();
    }

    private async Task AskAsync(Right right, Confirmation confirmation, Func<string?, Task<Refusal?>> act, string done)
    {
        if (Off(right) is not null || await Dialogs.ConfirmAsync(confirmation) is not { } confirmed) return;
        await DoAsync(right, () => act(confirmed.Text is { Length: > 0 } text ? text : null), done);
    }

    private async Task DoAsync(Right right, Func<Task<Refusal?>> act, string done)
    {
        if (Off(right) is null && Notices.Ok(await act())) Notices.Done($"{done} {Key}");
    }

    private async Task ClearAsync(DecisionPointView point)
    {
        if (Off(Right.Administer) is not null) return;
        var kept = await Clearing.CountAsync(point.Id, default);
        if (await Dialogs.ConfirmAsync(PointDialogs.Clear(Key, kept)) is null) return;
        var cleared = await Clearing.ClearAsync(Caller, Key, Key, default);
        if (Notices.Ok(cleared.Refusal)) Notices.Done($"Deleted {Shown.Plural(cleared.Value!.Decisions, "decision")} and {Shown.Plural(cleared.Value.Observations, "observation")}");
    }
}
