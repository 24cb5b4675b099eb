using System.Collections.Immutable;
using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Radzen;

namespace Looper.Web.Console.Decisions.Wizard;

/// <summary>The wizard, and the editor of a published decision point: five addressed steps over one draft that saves itself.</summary>
public sealed partial class DraftPage
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_atWork = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _saving = new(1);
    private readonly HashSet<string> _visited = [];
    private DraftForm? _form;
    private DraftView? _theirs;
    private BlueprintView? _published;
    private CancellationTokenSource? _pause;
    private Refusal? _refused, _unread;
    private string _note = "";
    private PolicySpec? _estimated; // the policy that the draft came with and its note speaks of
    private bool _missing, _busy, _away, _all, _toFault, _toStep;
    private WizardStep? _shown;
    private DateTimeOffset _editedAt;

    [Inject] public required DraftActions Drafts { get; init; }
    [Inject] public required DraftQueries Queries { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required DialogService Dialogs { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [Inject] public required TimeProvider Clock { get; init; }
    [Inject] public required IJSRuntime Script { get; init; }
    [Inject] public required ILogger<DraftPage> Log { get; init; }
    [CascadingParameter] public required Caller Caller { get; set; }
    [Parameter] public Guid Id { get; set; }
    [Parameter] public string? Step { get; set; }

    private WizardStep Current => WizardStep.All.FirstOrDefault(s => s.Slug == Step) ?? WizardStep.All[0];
    private int Index => WizardStep.All.IndexOf(Current);
    private string Title => _form!.Name.Length > 0 ? _form.Name : "New decision point";
    private FieldErrors Errors => _refused is { } refused ? new([.. refused.Faults, .. refused.Faults.Count == 0 ? [refused] : Array.Empty<Refusal>()]) : _form!.Errors(_all || _visited.Contains(Current.Slug + "!"));
    private ImmutableArray<Crumb> Crumbs => _form!.IsNew
        ? [new("Decision points", "/decision-points"), new("New"), new(Current.Title)]
        : [new("Decision points", "/decision-points"), new(Title, $"/decision-points/{_form.Key}"), new("Draft")];

    private string SavedText => _theirs is not null ? "Not saved: somebody else saved this draft."
        : _away ? "Not saved yet: the database cannot be reached. Trying again."
        : !_form!.IsSaved ? "Saving…"
        : $"Saved {_form.SavedAt.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} UTC";

    protected override async Task OnParametersSetAsync()
    {
        if (_form?.Id != Id)
        {
            var view = await Queries.FindAsync(Caller, Id, default);
            _missing = view is null;
            _unread = view?.Faults.FirstOrDefault(f => f.Code == DraftQueries.UnreadableCode);
            if (view is null || _unread is not null) return;
            (_form, _note, _estimated) = (new(view), view.Note ?? "", view.Note is null ? null : view.Content.Policy);
            _form.Changed += OnFormChanged;
        }
        _refused = null;
        _visited.Add(Current.Slug);
        if (Current.Slug == "review") _all = true;
        if (_shown is not null && _shown != Current) _toStep = true;
        _shown = Current;
    }

    // Where a step cannot be left yet, what is wrong is on screen by now; else the next one is, and its heading.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var (toFault, toStep) = (_toFault, _toStep);
        (_toFault, _toStep) = (false, false);
        if (toFault) await Script.InvokeVoidAsync("looper.seekFault", ".wizard");
        else if (toStep) await Script.InvokeVoidAsync("looper.seek", "step");
    }

    public async ValueTask DisposeAsync()
    {
        _pause?.Cancel();
        if (_form is not null) _form.Changed -= OnFormChanged;
        try
        {
            if (_form is { IsSaved: false } && _theirs is null && _published is null) await SaveAsync();
        }
        catch (Exception e)
        {
            if (!DatabaseFaults.IsAway(e)) NotSaved(Log, Id, e); // nobody is there any more who could be told, and the next page is not at fault
        }
        _saving.Dispose();
        _pause?.Dispose();
    }

    [LoggerMessage(LogLevel.Error, "Draft {Draft} was left and could not be saved")]
    private static partial void NotSaved(ILogger log, Guid draft, Exception cause);

    private string AddressOf(WizardStep step) => $"/decision-points/drafts/{Id}/{step.Slug}";

    private bool Visited(WizardStep step) => _all || _visited.Contains(step.Slug) && step != Current;

    private void OnFormChanged()
    {
        _refused = null;
        if (_estimated is not null && _estimated != _form!.Content.Policy) (_estimated, _note) = (null, "");
        InvokeAsync(StateHasChanged);
        if (_form!.IsSaved || _theirs is not null) return;
        _editedAt = Clock.GetUtcNow();
        _pause?.Cancel();
        _pause = new();
        _ = SaveSoonAsync(_pause.Token);
    }

    private async Task SaveSoonAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(s_quiet, Clock, cancel);
            for (_away = false; ; await Task.Delay(s_again, Clock, cancel))
            {
                try
                {
                    await InvokeAsync(SaveAsync);
                    return;
                }
                catch (Exception e) when (DatabaseFaults.IsAway(e))
                {
                    _away = true;
                    await InvokeAsync(StateHasChanged);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            return; // gone
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await DispatchExceptionAsync(e);
        }
        catch (OperationCanceledException)
        {
            return; // typed on, or gone
        }
    }

    private async Task SaveAsync()
    {
        await _saving.WaitAsync();
        try
        {
            if (_form is not { IsSaved: false } form || _theirs is not null) return;
            var edits = form.Edits;
            var saved = await Drafts.ChangeAsync(Caller, Id, form.Revision, form.Change, default);
            _away = false;
            if (saved.Value is { } view) form.Saved(view, edits);
            else if (saved.Refusal!.Code == "draft.changed-meanwhile") _theirs = await Queries.FindAsync(Caller, Id, default);
            else if (saved.Refusal.Code == "draft.unknown") _missing = true;
            else _refused = saved.Refusal;
        }
        finally
        {
            _saving.Release();
        }
        StateHasChanged();
    }

    /// <summary>Somebody saved: to whoever is not at work here their version is simply shown; to whoever types, both are.</summary>
    private async Task HearAsync()
    {
        if (_form is null || _published is not null) return;
        await _saving.WaitAsync();
        try
        {
            var stored = await Queries.FindAsync(Caller, Id, default);
            if (stored is not null) _form.ShowAgainst(stored.CurrentVersion);
            if (stored is null) _missing = _published is null;
            else if (stored.Revision == _form.Revision || _theirs is not null) return;
            else if (_form.IsSaved && Clock.GetUtcNow() - _editedAt > s_atWork) _form.Take(stored);
            else _theirs = stored;
        }
        finally
        {
            _saving.Release();
        }
    }

    private async Task KeepMineAsync()
    {
        if (_theirs is not { } theirs) return;
        _theirs = null;
        _form!.KeepOver(theirs);
        await SaveAsync();
    }

    private void TakeTheirs()
    {
        if (_theirs is not { } theirs) return;
        _theirs = null;
        _form!.Take(theirs);
    }

    // From the step that was shown when it was pressed: a second press comes from there too, and would go past the next one.
    private async Task NextAsync(WizardStep from)
    {
        if (from != Current) return;
        try
        {
            await SaveAsync();
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e))
        {
            _away = true; // what was typed stays here, and is saved as soon as it can be
            return;
        }
        if (_form!.Faults.Any(from.Owns)) (_, _toFault) = (_visited.Add(from.Slug + "!"), true);
        else Navigation.NavigateTo(AddressOf(WizardStep.All[WizardStep.All.IndexOf(from) + 1]));
    }

    private async Task PublishAsync()
    {
        if (_busy) return;
        _busy = true;
        Answered<BlueprintView> published = default;
        try
        {
            await SaveAsync();
            if (_theirs is null) published = await Drafts.PublishAsync(Caller, Id, _form!.Revision, _note, default, _form.IsNew ? null : _form.CurrentVersion);
        }
        finally
        {
            _busy = published.Value is not null; // then there is nothing left to publish
        }

        if (published.Refusal is { } refused)
        {
            if (refused.Code == "draft.outdated") await HearAsync(); // so that the next press is for what is shown
            _refused = refused;
            Notices.Show(refused);
        }
        else if (published.Value is { } version)
        {
            Notices.Done($"Published version {version.Version}");
            if (version.Version == 1) _published = version;
            else Navigation.NavigateTo($"/decision-points/{version.Key}/blueprint");
        }
    }

    private async Task DeleteAsync()
    {
        if (_form is not { } form)
        {
            await DeleteUnreadAsync();
            return;
        }
        var kept = form.Change;
        if (!Notices.Ok(await Drafts.DeleteAsync(Caller, Id, default))) return;
        _missing = true;
        Notices.Done("Deleted the draft", async () =>
        {
            var again = await Drafts.CreateAsync(Caller, form.IsNew
                ? new(Key: kept.Key, Name: kept.Name, Description: kept.Description, Content: kept.Content) : new(DecisionPoint: kept.Key, Content: kept.Content), default);
            if (Notices.Ok(again.Refusal)) Navigation.NavigateTo($"/decision-points/drafts/{again.Value!.Id}/{Current.Slug}");
        });
        Navigation.NavigateTo("/decision-points");
    }

    private async Task DeleteUnreadAsync()
    {
        if (_unread is null || await Dialogs.ConfirmAsync(PointDialogs.DeleteUnread) is null || !Notices.Ok(await Drafts.DeleteAsync(Caller, Id, default))) return;
        Notices.Done("Deleted the draft");
        Navigation.NavigateTo("/decision-points");
    }
}
