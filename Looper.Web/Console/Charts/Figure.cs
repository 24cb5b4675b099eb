using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Looper.Web.Console.Charts;

/// <summary>A chart in the language of plotly.js, with colours named by token so that both themes can fill them in.</summary>
internal sealed partial record Figure(string Json, ImmutableArray<LegendEntry> Legend, int Height)
{
    public static Figure Empty { get; } = new("{}", [], 260);

    /// <summary>In full, as people write them: 10,000 and 0.00001, never 1e+4.</summary>
    private const string NumberTicks = ",.9~f";

    public static Figure Of(Chart chart) => chart switch
    {
        LineChart line => Lines(line),
        BarChart bar => Bars(bar),
        EffectChart effect => Effects(effect),
        HistogramChart histogram => Histogram(histogram),
        CalibrationChart calibration => Calibration(calibration),
        DependenceChart dependence => Dependence(dependence),
        WaterfallChart waterfall => Waterfall(waterfall),
        PointChart points => Plot(points),
        SurfaceChart surface => Surface(surface),
        ParallelChart parallel => Parallel(parallel),
        _ => throw new ArgumentOutOfRangeException(nameof(chart), chart.GetType().Name, "Teach Figure to draw this chart."),
    };

    private static Figure Make(IEnumerable<JsonObject> traces, JsonObject layout, int height, ImmutableArray<LegendEntry> legend = default)
    {
        var json = new JsonObject { ["data"] = new JsonArray([.. traces]), ["layout"] = layout };
        return new(json.ToJsonString(), legend.IsDefault ? [] : legend, height);
    }

    /// <summary>plotly.js reads some tags in texts; a name must stay a name.</summary>
    private static string Plain(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>Undefined points become null: a gap.</summary>
    private static JsonArray Numbers(IEnumerable<double> values) =>
        new([.. values.Select(value => double.IsFinite(value) ? (JsonNode)JsonValue.Create(value) : null)]);

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(Plain(text)))]);

    private static JsonObject AxisOf(Axis axis, bool fromZero = false)
    {
        var json = new JsonObject { ["title"] = new JsonObject { ["text"] = Plain(axis.Title) }, ["automargin"] = true };
        switch (axis.Kind)
        {
            case AxisKind.Percent: json["tickformat"] = ".3~%"; break;
            case AxisKind.Time: json["type"] = "date"; break;
            case AxisKind.Category: json["type"] = "category"; break;
            case AxisKind.LogNumber: (json["type"], json["tickformat"]) = ("log", NumberTicks); break;
            default: json["tickformat"] = NumberTicks; break;
        }

        if (fromZero) json["rangemode"] = "tozero";
        return json;
    }

    private static JsonArray MarksOf(ImmutableArray<Mark> marks) => new([.. marks.Select(mark => (JsonNode)VerticalLine(JsonValue.Create(Plain(mark.X)), "ink-soft"))]);

    private static JsonArray LabelsOf(ImmutableArray<Mark> marks) => new([.. marks.Select(mark => (JsonNode)Label(JsonValue.Create(Plain(mark.X)), mark.Label))]);

    private static JsonObject VerticalLine(JsonNode x, string token) => new()
    {
        ["type"] = "line", ["x0"] = x, ["x1"] = x.DeepClone(), ["yref"] = "paper", ["y0"] = 0, ["y1"] = 1,
        ["line"] = new JsonObject { ["color"] = $"token:{token}", ["width"] = 1, ["dash"] = "dot" },
    };

    private static JsonObject Label(JsonNode x, string text) => new()
    {
        ["x"] = x, ["y"] = 1, ["yref"] = "paper", ["yanchor"] = "bottom", ["showarrow"] = false, ["text"] = Plain(text), ["font"] = new JsonObject { ["size"] = 11 },
    };
}

/// <param name="Series">Index that the legend's box shows and hides.</param>
internal sealed record LegendEntry(int Series, string Name, string Token, string Dash);
