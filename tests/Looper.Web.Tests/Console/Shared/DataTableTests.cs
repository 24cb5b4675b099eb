using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Tests.Console.Shared;

public sealed class DataTableTests
{
    private static readonly RenderFragment Columns = builder =>
    {
        builder.OpenComponent<Column<int>>(0);
        builder.AddComponentParameter(1, nameof(Column<int>.Title), "Version");
        builder.AddComponentParameter(2, nameof(Column<int>.Value), (Func<int, object?>)(n => n));
        builder.AddComponentParameter(3, nameof(Column<int>.Number), true);
        builder.CloseComponent();
    };

    [Fact]
    public async Task Rows_are_sorted_as_the_address_says()
    {
        var html = await Table("http://localhost/?models-sort=-version", [1, 3, 2]);
        Assert.Contains("aria-sort=\"descending\"", html);
        Assert.True(html.IndexOf(">3<", StringComparison.Ordinal) < html.IndexOf(">2<", StringComparison.Ordinal));
        Assert.True(html.IndexOf(">2<", StringComparison.Ordinal) < html.IndexOf(">1<", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_of_the_address_is_shown_and_a_page_beyond_the_last_is_the_last()
    {
        var html = await Table("http://localhost/?models-page=99", [.. Enumerable.Range(1, 60)]);
        Assert.Contains("51–60 of 60 models", html);
        Assert.Contains(">60<", html);
        Assert.DoesNotContain(">50<", html);
    }

    [Fact]
    public async Task A_cell_carries_its_head_for_the_card_on_a_narrow_screen() => Assert.Contains("data-label=\"Version\"", await Table("http://localhost/", [1]));

    private static Task<string> Table(string address, int[] items) => Rendering.OfAsync<DataTable<int>>(
        address, ("Name", "models"), ("Caption", "Models"), ("Many", "models"), ("One", "model"), ("Items", items), ("ChildContent", Columns));
}
