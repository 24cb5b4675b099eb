using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Looper.Web.Console.Charts;

internal sealed partial record Figure
{
    private static readonly (string Plotly, string Svg)[] Dashes = [("solid", ""), ("dash", "6 3"), ("dot", "2 2"), ("dashdot", "6 2 2 2"), ("longdash", "9 3")];
    private static readonly string[] Symbols = ["circle", "square", "diamond", "triangle-up", "x", "star", "pentagon"];
    private static readonly string[] Patterns = ["", "/", ".", "x", "-", "|", "+"];

    private static Figure Lines(LineChart chart)
    {
        var traces = new List<JsonObject>();
        for (var i = 0; i < chart.Lines.Length; i++)
        {
            var (series, style) = (chart.Lines[i], Style(chart.Lines, i));
            if (!series.Low.IsEmpty && !chart.Stacked) traces.AddRange(Band(chart, series, i, style.Token));
            var trace = Trace("scatter", chart.X, series, i, chart.YAxis);
            trace["mode"] = chart.X.Length > 60 ? "lines" : "lines+markers";
            trace["line"] = new JsonObject { ["color"] = $"token:{style.Token}", ["width"] = 2, ["dash"] = style.Dash };
            trace["marker"] = new JsonObject { ["symbol"] = Symbols[i % Symbols.Length], ["size"] = 6 };
            trace["connectgaps"] = false;
            if (chart.Stacked) trace["stackgroup"] = "all";
            traces.Add(trace);
        }

        return Make(traces, Layout(chart.XAxis, chart.YAxis, chart.Marks, fromZero: chart.Stacked), 300, LegendOf(chart.Lines));
    }

    private static Figure Bars(BarChart chart)
    {
        var traces = chart.Bars.Select((series, i) =>
        {
            var trace = Trace("bar", chart.X, series, i, chart.YAxis);
            if (chart.Lying) (trace["x"], trace["y"], trace["orientation"], trace["hovertemplate"]) = (trace["y"]!.DeepClone(), trace["x"]!.DeepClone(), "h", Hover("y"));
            trace["marker"] = new JsonObject
            {
                ["color"] = $"token:{Style(chart.Bars, i).Token}",
                ["pattern"] = new JsonObject { ["shape"] = Patterns[i % Patterns.Length], ["fillmode"] = "overlay", ["fgopacity"] = 0.35, ["size"] = 6 },
            };
            if (!series.Low.IsEmpty) trace[chart.Lying ? "error_x" : "error_y"] = Bounds(series);
            return trace;
        });
        var layout = chart.Lying ? Layout(chart.YAxis, chart.XAxis with { Title = "" }, chart.Marks, fromZero: false) : Layout(chart.XAxis, chart.YAxis, chart.Marks, fromZero: true);
        layout["barmode"] = chart.Stacked ? "stack" : "group";
        layout["bargap"] = 0.3;
        if (chart.Lying) layout["yaxis"]!["autorange"] = "reversed";
        if (chart.Lying && chart.X.Any(x => Short(x) != x)) (layout["yaxis"]!["tickvals"], layout["yaxis"]!["ticktext"]) = (Texts(chart.X), Texts(chart.X.Select(Short)));
        if (chart.Lying) layout["xaxis"]!["rangemode"] = "tozero";
        return Make(traces, layout, chart.Lying ? 110 + chart.X.Length * (18 + 12 * chart.Bars.Length) : 300, LegendOf(chart.Bars));
    }

    private static JsonObject Trace(string type, ImmutableArray<string> x, Series series, int index, Axis y) => new()
    {
        ["type"] = type, ["x"] = Texts(x), ["y"] = Numbers(series.Values), ["name"] = Plain(series.Name),
        ["text"] = Texts(series.Values.Select((value, i) => series.Low.IsEmpty ? Tables.Write(value, y) : $"{Tables.Write(value, y)} [{Tables.Write(series.Low[i], y)}, {Tables.Write(series.High[i], y)}]")),
        ["hovertemplate"] = Hover("x"), ["textposition"] = type == "bar" ? "none" : "top center", ["meta"] = index,
    };

    private static string Hover(string axis) => $"%{{{axis}}}<br>%{{fullData.name}}: %{{text}}<extra></extra>";

    private static IEnumerable<JsonObject> Band(LineChart chart, Series series, int index, string token)
    {
        JsonObject Edge(ImmutableArray<double> values, bool fills)
        {
            var edge = new JsonObject
            {
                ["type"] = "scatter", ["mode"] = "lines", ["x"] = Texts(chart.X), ["y"] = Numbers(values), ["hoverinfo"] = "skip", ["meta"] = index,
                ["line"] = new JsonObject { ["width"] = 0 },
            };
            if (fills) (edge["fill"], edge["fillcolor"]) = ("tonexty", $"token:{token}/0.18");
            return edge;
        }

        return [Edge(series.Low, fills: false), Edge(series.High, fills: true)];
    }

    private static JsonObject Bounds(Series series) => new()
    {
        ["type"] = "data", ["symmetric"] = false, ["thickness"] = 1.5, ["width"] = 4, ["color"] = "token:ink",
        ["array"] = Numbers(series.High.Zip(series.Values, (high, value) => high - value)),
        ["arrayminus"] = Numbers(series.Values.Zip(series.Low, (value, low) => value - low)),
    };

    private static JsonObject Layout(Axis x, Axis y, ImmutableArray<Mark> marks, bool fromZero) => new()
    {
        ["xaxis"] = AxisOf(x), ["yaxis"] = AxisOf(y, fromZero), ["shapes"] = MarksOf(marks), ["annotations"] = LabelsOf(marks), ["hovermode"] = "closest",
    };

    private static ImmutableArray<LegendEntry> LegendOf(ImmutableArray<Series> all) => [.. all.Select((series, i) =>
    {
        var (token, dash) = Style(all, i);
        return new LegendEntry(i, series.Name, token, Dashes.First(one => one.Plotly == dash).Svg);
    })];

    // The baseline is the neutral colour in every chart; the others keep their place in the row of colours, grey from the eighth on.
    private static (string Token, string Dash) Style(ImmutableArray<Series> all, int index)
    {
        if (all[index].IsBaseline) return ("unsure", "dash");
        var place = all.Take(index).Count(series => !series.IsBaseline);
        return (place < 7 ? $"series-{place + 1}" : "unsure", Dashes[place % Dashes.Length].Plotly);
    }
}
