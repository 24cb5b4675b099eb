using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace Looper.Web.Console.Shared;

/// <summary>A list of things: sortable, in pages, as cards on a narrow screen, as a file. Sort and page stand in the address.</summary>
public sealed partial class DataTable<TItem>
{
    private readonly List<Column<TItem>> _columns = [];
    private List<TItem> _sorted = [];
    private string _sort = "";
    private int _page = 1;

    /// <summary>Id of the table and its name in the address: "models".</summary>
    [Parameter, EditorRequired] public required string Name { get; set; }

    /// <summary>What the table holds, for whoever cannot see where it stands.</summary>
    [Parameter, EditorRequired] public required string Caption { get; set; }

    [Parameter] public bool ShowsCaption { get; set; }

    [Parameter, EditorRequired] public IReadOnlyList<TItem> Items { get; set; } = [];

    /// <summary>What tells rows apart when they change place.</summary>
    [Parameter] public Func<TItem, object>? Key { get; set; }

    [Parameter] public int Size { get; set; } = 25;

    /// <summary>The words counted under the table: "model", "models".</summary>
    [Parameter] public string One { get; set; } = "row";

    [Parameter] public string Many { get; set; } = "rows";

    /// <summary>What stands in place of the table while it holds nothing.</summary>
    [Parameter] public string? Empty { get; set; }

    /// <summary>The columns.</summary>
    [Parameter, EditorRequired] public required RenderFragment ChildContent { get; set; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [Inject] public required IJSRuntime Script { get; init; }

    private int Pages => Math.Max(1, (Items.Count + Size - 1) / Size);

    private int First => (_page - 1) * Size;

    private List<TItem> Page => _sorted.Skip(First).Take(Size).ToList();

    public void Dispose() => Navigation.LocationChanged -= ReadAgain;

    internal void Add(Column<TItem> column)
    {
        _columns.Add(column);
        Arrange();
    }

    protected override void OnInitialized()
    {
        Navigation.LocationChanged += ReadAgain;
        ReadAddress();
    }

    protected override void OnParametersSet() => Arrange();

    private static string Written(object? value) => value switch
    {
        null => Shown.Nothing,
        string text => text,
        double number => Shown.Number(number),
        int or long => Shown.Count(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        bool yes => yes ? "yes" : "no",
        DateTimeOffset at => Shown.Time(at),
        TimeSpan time => Shown.Duration(time),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private string? SortOf(Column<TItem> column) => column.Value is null ? null : _sort == column.Key ? "ascending" : _sort == "-" + column.Key ? "descending" : "none";

    private void Sort(Column<TItem> column) => Address($"{Name}-sort", _sort == column.Key ? "-" + column.Key : column.Key, replace: true);

    private void Go(int page) => Address($"{Name}-page", page == 1 ? null : page.ToString(CultureInfo.InvariantCulture), replace: false);

    private void Address(string name, string? value, bool replace) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), new NavigationOptions { ReplaceHistoryEntry = replace });

    private void ReadAgain(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(() =>
    {
        ReadAddress();
        Arrange();
        StateHasChanged();
    });

    private void ReadAddress()
    {
        var query = Query.Of(Navigation.Uri);
        _sort = query.GetValueOrDefault($"{Name}-sort", "");
        _page = int.TryParse(query.GetValueOrDefault($"{Name}-page", "1"), CultureInfo.InvariantCulture, out var page) ? page : 1;
    }

    private void Arrange()
    {
        var column = _columns.Find(one => one.Key == _sort.TrimStart('-'));
        _sorted = column?.Value is not { } value ? [.. Items]
            : [.. _sort.StartsWith('-') ? Items.OrderByDescending(value, Order) : Items.OrderBy(value, Order)];
        _page = Math.Clamp(_page, 1, Pages);
    }

    private static readonly Comparer<object?> Order = Comparer<object?>.Create((a, b) => (a, b) switch
    {
        (string x, string y) => string.Compare(x, y, StringComparison.OrdinalIgnoreCase),
        _ => System.Collections.Comparer.DefaultInvariant.Compare(a, b),
    });

    private async Task DownloadAsync()
    {
        var columns = _columns.FindAll(column => column.Value is not null);
        var text = Csv.Write(columns.Select(column => column.Title), _sorted.Select(item => columns.Select(column => column.Value!(item))));
        await Script.InvokeVoidAsync("looper.download", $"{Name}.csv", text);
    }
}
