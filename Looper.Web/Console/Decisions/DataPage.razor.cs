using System.Collections.Immutable;
using System.Globalization;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Web.Console.Decisions.Wizard;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Looper.Web.Console.Decisions;

public sealed partial class DataPage
{
    private static readonly ImmutableArray<(string Name, string Text)> Views = [("decisions", "Decisions"), ("observations", "Observations"), ("examples", "Examples"), ("features", "Features")];
    private static readonly ImmutableArray<string> Reasons =
        ["policy", "explore", "experiment", "holdout", "override", "default-no-model", "default-invalid-context", "default-paused", "default-error", "stale"];
    private PointOverview? _overview;
    private List<DecisionRow>? _decisions;
    private List<ObservationRow>? _observations;
    private IReadOnlyList<ExampleRow>? _examples;
    private IReadOnlyList<string> _options = [];
    private readonly Dictionary<string, ElementReference> _openers = [];
    private DecisionDetail? _detail;
    private Refusal? _denied;
    private readonly AddressFilters _filters = new();
    private string? _unit, _next;
    private int _asked; // which question the rows shown answer

    [Inject] public required PointEventQueries Events { get; init; }
    [Inject] public required OverviewQueries Overviews { get; init; }
    [Inject] public required VersionQueries Versions { get; init; }
    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required Notices Notices { get; init; }
    [CascadingParameter] public required Caller Caller { get; set; }
    [Parameter] public string Key { get; set; } = "";
    [SupplyParameterFromQuery] public string? View { get; set; }
    [SupplyParameterFromQuery] public string? Option { get; set; }
    [SupplyParameterFromQuery] public string? Reason { get; set; }
    [SupplyParameterFromQuery] public int? Version { get; set; }
    [SupplyParameterFromQuery] public string? Range { get; set; }
    [SupplyParameterFromQuery] public string? Feature { get; set; }
    [SupplyParameterFromQuery] public int? Model { get; set; }

    private string CurrentView => Views.Any(v => v.Name == View) ? View! : "decisions";
    private bool IsFiltered => Option is not null || Reason is not null || Version is not null || _unit is { Length: > 0 };

    protected override async Task OnParametersSetAsync()
    {
        _filters.Arrived();
        (_next, _asked) = (null, _asked + 1); // older rows, and what is under way, are of another question
        if (CurrentView == "features" && _overview?.Point.Key == Key) return; // a row was opened: the view has what it shows
        if (await Versions.FindAsync(Caller, Key, 0, default) is not { Content: var content }) return;
        _options = OptionChoices.Of(content);
        _overview = await Overviews.FindAsync(Caller, Key, TimeSpan.FromDays(7), default);
        await LoadAsync();
    }

    // A row that is open stays where it is: behind newer ones it would be gone, and the focus with it.
    // So do older rows that somebody asked for.
    private Task HearAsync() => _detail is null && Math.Max(_decisions?.Count ?? 0, _observations?.Count ?? 0) <= PointEventQueries.MaxRows ? LoadAsync() : Task.CompletedTask;

    private Task LoadAsync()
    {
        _next = null;
        return CurrentView switch { "decisions" => DecisionsAsync(null), "observations" => ObservationsAsync(null), "examples" => ExamplesAsync(), _ => Task.CompletedTask };
    }

    private Task SearchAsync() => LoadAsync();

    // The unit stands in no address: addresses are passed on, and a unit may be a person.
    private Task ClearAsync()
    {
        _unit = "";
        if (!IsFiltered) return LoadAsync();
        Navigation.NavigateTo($"/decision-points/{Key}/data", replace: true);
        return Task.CompletedTask;
    }

    private Task MoreAsync()
    {
        if (_next is not { } after) return Task.CompletedTask; // pressed twice
        _next = null;
        return CurrentView == "decisions" ? DecisionsAsync(after) : ObservationsAsync(after);
    }

    private async Task DecisionsAsync(string? after)
    {
        var filter = new DecisionRowFilter { Option = Option, Reason = Reason, Version = Version, Unit = _unit is { Length: > 0 } ? _unit : null };
        var asked = ++_asked;
        var page = await Events.DecisionsAsync(Caller, Key, filter, after, PointEventQueries.MaxRows, default);
        if (asked != _asked || Failed(page.Refusal)) return;
        _decisions = after is null ? [.. page.Value!.Items] : [.. _decisions!, .. page.Value!.Items];
        _next = page.Value.Next;
    }

    private async Task ObservationsAsync(string? after)
    {
        var asked = ++_asked;
        var page = await Events.ObservationsAsync(Caller, Key, null, after, PointEventQueries.MaxRows, default);
        if (asked != _asked || Failed(page.Refusal)) return;
        _observations = after is null ? [.. page.Value!.Items] : [.. _observations!, .. page.Value!.Items];
        _next = page.Value.Next;
    }

    private async Task ExamplesAsync()
    {
        var asked = ++_asked;
        var examples = await Events.ExamplesAsync(Caller, Key, PointEventQueries.MaxRows, default);
        if (asked == _asked && !Failed(examples.Refusal)) _examples = examples.Value;
    }

    /// <summary>A filter on something gone is dropped with a notice.</summary>
    private bool Failed(Refusal? refusal)
    {
        if (refusal is null) return false;
        if (refusal.Code == "access.denied") _denied = refusal;
        else if (refusal.Code == "filter.invalid")
        {
            Notices.Warn(refusal.Reason);
            Navigation.NavigateTo($"/decision-points/{Key}/data", replace: true);
        }
        return true;
    }

    private async Task OpenAsync(string id)
    {
        var detail = await Events.DecisionAsync(Caller, id, default);
        if (Notices.Ok(detail.Refusal)) _detail = detail.Value;
    }

    /// <summary>The focus goes back to where the panel was opened, while that row is shown.</summary>
    private async Task CloseAsync()
    {
        if (_detail?.Decision.Id is not { } id) return;
        _detail = null;
        try
        {
            if (_openers.TryGetValue(id, out var opener)) await opener.FocusAsync();
        }
        catch (JSException)
        {
            // the row has gone meanwhile
        }
    }

    private void Filter(string name, ChangeEventArgs e) => _filters.Set(Navigation, name, e.Value?.ToString());

    // A table counts the rows it has, and so does its file: the newest ones, where there are older ones.
    private string Many(string rows) => _next is null ? rows : $"newest {rows}";

    private static string Cut(string id) => id.Length <= 14 ? id : id[..13] + "…";

    private static string InWords(ExampleOutcome outcome) =>
        $"{outcome.Outcome} {(outcome.Value is { } value ? Shown.Number(value) : Shown.Nothing)}, {outcome.State}";
}
