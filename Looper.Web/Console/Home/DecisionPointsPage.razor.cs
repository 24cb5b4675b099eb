using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Home;

public sealed partial class DecisionPointsPage
{
    private readonly AddressFilters _filters = new();
    private IReadOnlyList<DecisionPointRow>? _rows;
    private IReadOnlyList<DraftView> _drafts = [];

    [CascadingParameter] public required Caller Caller { get; set; }

    [SupplyParameterFromQuery(Name = "q")] public string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "state")] public string? State { get; set; }

    [SupplyParameterFromQuery(Name = "shape")] public string? Shape { get; set; }

    [SupplyParameterFromQuery(Name = "archived")] public bool ShowArchived { get; set; }

    [Inject] public required HomeQueries Queries { get; init; }

    [Inject] public required DraftQueries Drafts { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private IReadOnlyList<DecisionPointRow> Matching => [.. (_rows ?? []).Where(row =>
        (ShowArchived || !row.Point.IsArchived)
        && (string.IsNullOrEmpty(State) || row.Point.State.ToString() == State)
        && (string.IsNullOrEmpty(Shape) || row.Point.Shape.ToString() == Shape)
        && (string.IsNullOrWhiteSpace(Text) || Holds(row.Point.Name) || Holds(row.Point.Key)))];

    protected override Task OnInitializedAsync() => LoadAsync();

    protected override void OnParametersSet() => _filters.Arrived();

    private async Task LoadAsync()
    {
        _rows = await Queries.RowsAsync(Caller, default);
        _drafts = [.. (await Drafts.ListAsync(Caller, default)).Where(draft => draft.DecisionPointId is null)];
    }

    private bool Holds(string name) => name.Contains(Text!.Trim(), StringComparison.OrdinalIgnoreCase);

    private void Filter(string name, ChangeEventArgs e)
    {
        object? value = e.Value switch { "" or false => null, true => "true", var chosen => chosen };
        _filters.Set(Navigation, name, value?.ToString());
    }
}
