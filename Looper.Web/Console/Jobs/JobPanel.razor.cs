using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Decisions.Import;
using Looper.Core.Runs;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Jobs;

public sealed partial class JobPanel
{
    private const int MostLines = 10_000;
    private readonly List<JobLogView> _log = [];
    private Guid _shown;
    private RemainingTime _remaining = new();

    [Parameter, EditorRequired] public Guid Id { get; set; }

    /// <summary>Told each time the run was read again.</summary>
    [Parameter] public EventCallback<JobRunView> Changed { get; set; }

    [Inject] public required JobRunQueries Queries { get; init; }

    [Inject] public required JobRunActions Actions { get; init; }

    [Inject] public required ImportActions Imports { get; init; }

    [Inject] public required DialogService Dialogs { get; init; }

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    [CascadingParameter] public required Caller Caller { get; set; }

    private JobRunView? Run { get; set; }

    private List<JobLogView> Log => _log;

    private long LastLine => _log.Count == 0 ? 0 : _log[^1].Id;

    private bool HasRefusedRows { get; set; }

    private bool MayCancel => Run is not null && Caller.Lacks(JobKinds.Needs(Run.Kind)) is null;

    private TimeSpan? Elapsed => Run?.StartedAt is { } started ? (Run.EndedAt ?? Clock.GetUtcNow()) - started : null;

    private TimeSpan? Remaining => Run is { } run ? _remaining.Of(run, Clock.GetUtcNow()) : null;

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Id) return;
        _shown = Id;
        _log.Clear();
        _remaining = new();
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id; // two may read at once, and the page may have gone on to another run meanwhile
        var run = (await Queries.FindAsync(Caller, id, default)).Value;
        if (id != Id || (Run?.Id == id && Run is { IsOpen: false } && run is { IsOpen: true })) return;
        Run = run;
        if (run is null) return;
        _remaining.See(run, Clock.GetUtcNow());
        var more = await Queries.LogAsync(Caller, id, LastLine, MostLines - _log.Count, default);
        if (id != Id) return;
        _log.AddRange((more.Value ?? []).Where(line => line.Id > LastLine).Take(MostLines - _log.Count).ToList());
        var hasRefusedRows = run is { Kind: JobKinds.Import, IsOpen: false } && (await Imports.RefusedAsync(Caller, id, default)).Refusal is null;
        if (id != Id) return;
        HasRefusedRows = hasRefusedRows;
        await Changed.InvokeAsync(run);
    }

    private async Task CancelAsync()
    {
        var confirmed = await Dialogs.ConfirmAsync(new Confirmation("Cancel job")
        {
            Changes = ["The run stops within five seconds."],
            Keeps = [Run?.Kind == JobKinds.Import ? "What was read stays in the log, until the decision point’s data is cleared." : "Nothing published changes."],
            WayBack = "run it again.",
        });
        if (confirmed is null) return;
        if (Notices.Ok(await Actions.CancelAsync(Caller, Id, default))) await LoadAsync();
    }

    private async Task RepeatAsync()
    {
        var again = await Actions.RepeatAsync(Caller, Id, default);
        if (Notices.Ok(again.Refusal)) Navigation.NavigateTo($"/jobs/{again.Value}");
    }

    private static string Whole(double percent) => percent.ToString("0", CultureInfo.InvariantCulture);
}
