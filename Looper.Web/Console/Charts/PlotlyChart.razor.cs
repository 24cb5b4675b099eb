using Looper.Core;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Charts;

/// <summary>Draws a <see cref="Chart"/> and puts the table of the same numbers beside it. The picture is an element of its own
/// (<c>wwwroot/js/chart.js</c>) that draws again when its figure changes; without plotly.js the table stands alone.</summary>
public sealed partial class PlotlyChart
{
    private Chart? _drawn;
    private Figure _figure = Figure.Empty;
    private ChartTable _table = new([], []);
    private string _id = "";

    [Parameter, EditorRequired] public required Chart Chart { get; set; }

    /// <summary>Terms of the glossary are explained in the lines beside the picture.</summary>
    [Parameter] public bool Explains { get; set; }

    /// <summary>Level of the heading: 3 under a section, 2 where the chart is the section.</summary>
    [Parameter] public int Level { get; set; } = 3;

    [Inject] public required Ids Ids { get; init; }

    protected override void OnInitialized() => _id = $"chart-{Ids.Next():N}";

    protected override void OnParametersSet()
    {
        if (Chart == _drawn) return;
        (_figure, _table) = (Figure.Of(Chart), Chart.Table);
    }

    protected override bool ShouldRender() => Chart != _drawn;

    protected override void OnAfterRender(bool firstRender) => _drawn = Chart;
}
