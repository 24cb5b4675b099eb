using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

internal sealed partial record Figure
{
    private const double ChanceTop = 0.18;

    private static Figure Plot(PointChart chart)
    {
        var traces = new List<JsonObject>();
        var legend = ImmutableArray.CreateBuilder<LegendEntry>();
        for (var i = 0; i < chart.Groups.Length; i++)
        {
            var (group, token) = (chart.Groups[i], TokenOf(chart.Groups, i));
            var isCurve = group.Style is PointStyle.Line or PointStyle.Steps;
            if (isCurve) traces.AddRange(Band(chart, group, i, token));
            traces.Add(isCurve ? Curve(chart, group, i, token) : Cloud(chart, group, i, token));
            legend.Add(new(i, group.Name, token, isCurve ? group.IsBaseline ? "6 3" : "" : "2 2"));
        }

        var y = AxisOf(chart.YAxis);
        var layout = new JsonObject { ["xaxis"] = AxisOf(chart.XAxis), ["yaxis"] = y, ["hovermode"] = "closest", ["shapes"] = LevelsOf(chart), ["annotations"] = LevelLabels(chart) };
        if (chart.ChanceTitle is { } title)
        {
            y["domain"] = new JsonArray(ChanceTop + 0.1, 1);
            layout["xaxis"]!["anchor"] = "y2";
            layout["yaxis2"] = new JsonObject
            {
                ["domain"] = new JsonArray(0, ChanceTop), ["range"] = new JsonArray(0, 1.02), ["fixedrange"] = true, ["showgrid"] = false, ["zeroline"] = false,
                ["tickvals"] = new JsonArray(0, 1), ["ticktext"] = new JsonArray("0%", "100%"),
            };
            traces.Add(ChanceStrip(chart, title));
        }

        return Make(traces, layout, chart.ChanceTitle is null ? 320 : 360, legend.ToImmutable());
    }

    private static JsonArray Places(PointChart chart, IEnumerable<PlotPoint> points) => chart.IsOfCategories ? Texts(points.Select(p => p.Category ?? "")) : Numbers(points.Select(p => p.X));

    private static JsonObject Cloud(PointChart chart, PointGroup group, int index, string token)
    {
        var symbol = Symbols[index % Symbols.Length];
        var trace = new JsonObject
        {
            ["type"] = "scatter", ["mode"] = "markers", ["x"] = Places(chart, group.Points), ["y"] = Numbers(group.Points.Select(p => p.Y)), ["meta"] = index, ["cliponaxis"] = false,
            ["marker"] = new JsonObject
            {
                ["size"] = 9, ["color"] = $"token:{token}", ["symbol"] = group.Style == PointStyle.Hollow ? $"{symbol}-open" : symbol, ["line"] = new JsonObject { ["width"] = 1.5, ["color"] = $"token:{token}" },
            },
            ["text"] = Hover(chart, group), ["hovertemplate"] = "%{text}<extra></extra>",
        };
        if (group.Points.Any(p => double.IsFinite(p.Low))) trace["error_y"] = Bars(token, group.Points.Select(p => p.High - p.Y), group.Points.Select(p => p.Y - p.Low));
        if (group.Points.Any(p => double.IsFinite(p.XLow))) trace["error_x"] = Bars(token, group.Points.Select(p => p.XHigh - p.X), group.Points.Select(p => p.X - p.XLow));
        return trace;
    }

    private static JsonObject Curve(PointChart chart, PointGroup group, int index, string token) => new()
    {
        ["type"] = "scatter", ["mode"] = chart.IsOfCategories ? "markers" : "lines", ["x"] = Places(chart, group.Points), ["y"] = Numbers(group.Points.Select(p => p.Y)), ["meta"] = index,
        ["line"] = new JsonObject { ["color"] = $"token:{token}", ["width"] = 2, ["dash"] = group.IsBaseline ? "dash" : "solid", ["shape"] = group.Style == PointStyle.Steps ? "hv" : "linear" },
        ["marker"] = new JsonObject { ["size"] = 10, ["color"] = $"token:{token}", ["symbol"] = "line-ew-open" },
        ["text"] = Hover(chart, group), ["hovertemplate"] = "%{text}<extra></extra>",
    };

    private static IEnumerable<JsonObject> Band(PointChart chart, PointGroup group, int index, string token)
    {
        if (!group.Points.Any(p => double.IsFinite(p.Low))) return [];
        JsonObject Edge(Func<PlotPoint, double> of, bool fills)
        {
            var edge = new JsonObject
            {
                ["type"] = "scatter", ["mode"] = "lines", ["x"] = Places(chart, group.Points), ["y"] = Numbers(group.Points.Select(of)), ["hoverinfo"] = "skip", ["meta"] = index,
                ["line"] = new JsonObject { ["width"] = 0, ["shape"] = group.Style == PointStyle.Steps ? "hv" : "linear" },
            };
            if (fills) (edge["fill"], edge["fillcolor"]) = ("tonexty", $"token:{token}/0.18");
            return edge;
        }

        return [Edge(p => p.Low, fills: false), Edge(p => p.High, fills: true)];
    }

    private static JsonObject ChanceStrip(PointChart chart, string title)
    {
        var points = chart.Groups[0].Points;
        return new()
        {
            ["type"] = chart.IsOfCategories ? "bar" : "scatter", ["mode"] = "lines", ["yaxis"] = "y2", ["fill"] = "tozeroy", ["fillcolor"] = "token:good/0.25", ["meta"] = -1,
            ["x"] = Places(chart, points), ["y"] = Numbers(points.Select(p => p.Chance)), ["line"] = new JsonObject { ["color"] = "token:good", ["width"] = 1.5 },
            ["marker"] = new JsonObject { ["color"] = "token:good/0.5" },
            ["text"] = Texts(points.Select(p => $"{title}: {Shown.Probability(p.Chance)}")), ["textposition"] = "none", ["hovertemplate"] = "%{text}<extra></extra>",
        };
    }

    // Shades need no more digits, and there are hundreds of them.
    private static double Shortened(double value) => double.Parse(value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);

    private static JsonArray Hover(PointChart chart, PointGroup group) => Texts(group.Points.Select(p =>
    {
        var place = $"{chart.XAxis.Title} {p.Category ?? Tables.Write(p.X, chart.XAxis)}";
        return $"{p.Label}{(place == p.Label ? "" : ", " + place)}{Interval(p.XLow, p.XHigh, chart.XAxis)}: {Tables.Write(p.Y, chart.YAxis)}{Interval(p.Low, p.High, chart.YAxis)}";
    }));

    private static string Interval(double low, double high, Axis axis) => double.IsFinite(low) && double.IsFinite(high) ? $" [{Tables.Write(low, axis)}, {Tables.Write(high, axis)}]" : "";

    private static JsonObject Bars(string token, IEnumerable<double> up, IEnumerable<double> down) => new()
    {
        ["type"] = "data", ["symmetric"] = false, ["thickness"] = 1, ["width"] = 3, ["color"] = $"token:{token}/0.6", ["array"] = Numbers(up), ["arrayminus"] = Numbers(down),
    };

    private static JsonArray LevelsOf(PointChart chart)
    {
        JsonObject Across(Level level, bool upright) => new()
        {
            ["type"] = "line", [upright ? "x0" : "y0"] = level.At, [upright ? "x1" : "y1"] = level.At, [upright ? "yref" : "xref"] = "paper", [upright ? "y0" : "x0"] = 0, [upright ? "y1" : "x1"] = 1,
            ["line"] = new JsonObject { ["color"] = level.IsBound ? "token:bad" : "token:unsure", ["width"] = 1.5, ["dash"] = level.IsBound ? "dot" : "dash" },
        };
        return new([.. chart.XLevels.Select(l => (JsonNode)Across(l, upright: true)), .. chart.YLevels.Select(l => (JsonNode)Across(l, upright: false))]);
    }

    private static JsonArray LevelLabels(PointChart chart) => new([
        .. chart.XLevels.Select(l => (JsonNode)Label(JsonValue.Create(chart.XAxis.Kind == AxisKind.LogNumber ? Math.Log10(l.At) : l.At), l.Label)), // plotly.js wants logarithms here, and here alone
        .. chart.YLevels.Select(l => (JsonNode)new JsonObject
        {
            ["xref"] = "paper", ["x"] = 1, ["xanchor"] = "right", ["y"] = l.At, ["yanchor"] = "top", ["showarrow"] = false, ["text"] = Plain(l.Label), ["font"] = new JsonObject { ["size"] = 11 },
        }),
        .. chart.ChanceTitle is { } title ? (JsonNode[])[new JsonObject
        {
            ["xref"] = "paper", ["x"] = 0, ["xanchor"] = "left", ["yref"] = "paper", ["y"] = ChanceTop, ["yanchor"] = "bottom", ["showarrow"] = false, ["text"] = Plain(title), ["font"] = new JsonObject { ["size"] = 11 },
        }] : []]);

    private static string TokenOf(ImmutableArray<PointGroup> all, int index)
    {
        if (all[index].IsBaseline) return "unsure";
        var place = all.Take(index).Count(group => !group.IsBaseline);
        return place < 7 ? $"series-{place + 1}" : "unsure";
    }

    private static Figure Surface(SurfaceChart chart)
    {
        var isTiles = chart.XAxis.Kind == AxisKind.Category || chart.YAxis.Kind == AxisKind.Category;
        JsonNode? At(string place, Axis axis) => axis.Kind == AxisKind.Category ? JsonValue.Create(Plain(place)) : JsonValue.Create(double.Parse(place, System.Globalization.CultureInfo.InvariantCulture));
        JsonArray All(IEnumerable<string> places, Axis axis) => new([.. places.Select(p => At(p, axis))]);
        var shades = new JsonObject
        {
            ["type"] = isTiles ? "heatmap" : "contour", ["x"] = All(chart.X, chart.XAxis), ["y"] = All(chart.Y, chart.YAxis), ["z"] = new JsonArray([.. chart.Values.Select(row => (JsonNode)Numbers(row.Select(Shortened)))]),
            ["colorscale"] = new JsonArray(new JsonArray(0, "token:card"), new JsonArray(1, "token:series-1")),
            ["colorbar"] = new JsonObject { ["thickness"] = 10, ["outlinewidth"] = 0, ["tickformat"] = chart.ValueAxis.Kind == AxisKind.Percent ? ".3~%" : NumberTicks, ["nticks"] = 6 },
            ["text"] = new JsonArray([.. chart.Values.Select((row, i) => (JsonNode)Texts(row.Select((v, j) =>
                $"{chart.XAxis.Title} {SurfaceChart.Place(chart.X[j], chart.XAxis)}, {chart.YAxis.Title} {SurfaceChart.Place(chart.Y[i], chart.YAxis)}: {Tables.Write(v, chart.ValueAxis)}{(chart.IsHatched(i, j) ? $" ({chart.HatchedMeans})" : "")}")))]),
            ["hovertemplate"] = "%{text}<extra></extra>", ["meta"] = 0,
        };
        if (!isTiles) (shades["contours"], shades["line"]) = (new JsonObject { ["coloring"] = "heatmap" }, new JsonObject { ["width"] = 0.6, ["color"] = "token:ink-soft/0.5" });
        var marks = chart.Y.SelectMany((y, i) => chart.X.Select((x, j) => (X: x, Y: y, Is: chart.IsHatched(i, j)))).Where(m => m.Is).ToList();
        var traces = new List<JsonObject> { shades };
        if (marks.Count > 0)
        {
            traces.Add(new JsonObject
            {
                ["type"] = "scatter", ["mode"] = "markers", ["x"] = All(marks.Select(m => m.X), chart.XAxis), ["y"] = All(marks.Select(m => m.Y), chart.YAxis), ["hoverinfo"] = "skip", ["meta"] = 0,
                ["marker"] = new JsonObject { ["symbol"] = "line-ne-open", ["size"] = 7, ["color"] = "token:ink-soft/0.7", ["line"] = new JsonObject { ["width"] = 1 } },
            });
        }

        foreach (var group in chart.Points.GroupBy(p => p.IsBaseline))
        {
            traces.Add(new JsonObject
            {
                ["type"] = "scatter", ["mode"] = "markers", ["x"] = All(group.Select(p => p.X), chart.XAxis), ["y"] = All(group.Select(p => p.Y), chart.YAxis), ["meta"] = 0, ["cliponaxis"] = false,
                ["marker"] = new JsonObject
                {
                    ["symbol"] = group.Key ? "diamond" : "circle", ["size"] = group.Key ? 13 : 8, ["color"] = group.Key ? "token:unsure" : "token:ink", ["line"] = new JsonObject { ["width"] = 1.5, ["color"] = "token:card" },
                },
                ["text"] = Texts(group.Select(p => p.Label)), ["hovertemplate"] = "%{text}<extra></extra>",
            });
        }

        return Make(traces, new() { ["xaxis"] = AxisOf(chart.XAxis), ["yaxis"] = AxisOf(chart.YAxis), ["hovermode"] = "closest" }, 360);
    }
}
