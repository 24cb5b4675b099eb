using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

internal sealed partial record Figure
{
    private static Figure Effects(EffectChart chart)
    {
        var axis = chart.Unit switch
        {
            "%" => new Axis(chart.IsOfValues ? "Value (%)" : "Change (%)", AxisKind.Percent),
            "pp" => new Axis("Change (percentage points)", AxisKind.Percent),
            _ => new Axis(chart.IsOfValues ? chart.Unit : $"Change ({chart.Unit})"),
        };
        var traces = chart.Points.GroupBy(point => point.Tone).Select(group => new JsonObject
        {
            ["type"] = "scatter", ["mode"] = "markers",
            ["x"] = Numbers(group.Select(p => p.Effect)), ["y"] = Texts(group.Select(p => p.Label)),
            ["error_x"] = new JsonObject
            {
                ["type"] = "data", ["symmetric"] = false, ["thickness"] = 3, ["width"] = 0, ["color"] = $"token:{TokenOf(group.Key)}",
                ["array"] = Numbers(group.Select(p => p.High - p.Effect)), ["arrayminus"] = Numbers(group.Select(p => p.Effect - p.Low)),
            },
            ["marker"] = new JsonObject { ["size"] = 11, ["color"] = $"token:{TokenOf(group.Key)}", ["symbol"] = SymbolOf(group.Key) },
            ["text"] = Texts(group.Select(p => (chart.IsOfValues ? Tables.Value(p, chart.Unit) : Tables.Effect(p, chart.Unit)) + (p.Units > 0 ? $", {Shown.Plural(p.Units, chart.Counted)}" : ""))),
            ["hovertemplate"] = "%{y}<br>%{text}<extra></extra>", ["meta"] = 0,
        }).ToList();
        var known = chart.Points.Where(p => double.IsFinite(p.Truth)).ToList();
        if (known.Count > 0)
        {
            traces.Add(new JsonObject
            {
                ["type"] = "scatter", ["mode"] = "markers", ["x"] = Numbers(known.Select(p => p.Truth)), ["y"] = Texts(known.Select(p => p.Label)),
                ["marker"] = new JsonObject { ["size"] = 16, ["color"] = "token:ink", ["symbol"] = "line-ns-open", ["line"] = new JsonObject { ["width"] = 2 } },
                ["text"] = Texts(known.Select(p => Tables.OneEffect(p.Truth, chart.Unit))), ["hovertemplate"] = "%{y}<br>truth %{text}<extra></extra>", ["meta"] = 0,
            });
        }

        var shapes = new JsonArray();
        if (double.IsFinite(chart.Zero)) shapes.Add((JsonNode)Line(chart.Zero, "ink-soft", "solid"));
        if (double.IsFinite(chart.Margin)) shapes.Add((JsonNode)Line(chart.Margin, "bad", "dot"));
        var y = AxisOf(new("", AxisKind.Category));
        (y["autorange"], y["categoryorder"], y["categoryarray"]) = ("reversed", "array", Texts(chart.Points.Select(p => p.Label)));
        var layout = new JsonObject { ["xaxis"] = AxisOf(axis), ["yaxis"] = y, ["shapes"] = shapes, ["hovermode"] = "closest" };
        // An axis of effects always shows zero.
        if (double.IsFinite(chart.Zero) && chart.Zero == 0) layout["xaxis"]!["rangemode"] = "tozero";
        return Make(traces, layout, 96 + 38 * Math.Max(2, chart.Points.Length));
    }

    private static Figure Histogram(HistogramChart chart)
    {
        var middles = chart.Counts.Select((_, i) => (chart.Edges[i] + chart.Edges[i + 1]) / 2).ToArray();
        var trace = new JsonObject
        {
            ["type"] = "bar", ["x"] = Numbers(middles), ["y"] = Numbers(chart.Counts), ["width"] = Numbers(chart.Counts.Select((_, i) => chart.Edges[i + 1] - chart.Edges[i])),
            ["marker"] = new JsonObject { ["color"] = "token:series-1", ["line"] = new JsonObject { ["width"] = 1, ["color"] = "token:card" } },
            ["text"] = Texts(chart.Counts.Select((_, i) => $"{Tables.Write(chart.Edges[i], chart.XAxis)} to {Tables.Write(chart.Edges[i + 1], chart.XAxis)}: {chart.Bar(i)}")),
            ["hovertemplate"] = "%{text}<extra></extra>", ["textposition"] = "none", ["meta"] = 0,
        };
        var layout = new JsonObject { ["xaxis"] = AxisOf(chart.XAxis), ["yaxis"] = AxisOf(chart.YAxis, fromZero: true), ["bargap"] = 0 };
        if (double.IsFinite(chart.At))
        {
            layout["shapes"] = new JsonArray((JsonNode)Line(chart.At, "ink", "dot"));
            layout["annotations"] = new JsonArray((JsonNode)Label(JsonValue.Create(chart.At), chart.AtLabel ?? ""));
        }

        return Make([trace], layout, 280);
    }

    private static Figure Calibration(CalibrationChart chart)
    {
        var finite = chart.Bins.Concat(chart.Before).SelectMany(b => new[] { b.Predicted, b.Observed, b.Low, b.High }).Where(double.IsFinite).DefaultIfEmpty(1).ToArray();
        double low = chart.IsProbability ? 0 : finite.Min(), high = finite.Max();
        var diagonal = new JsonObject
        {
            ["type"] = "scatter", ["mode"] = "lines", ["x"] = Numbers([low, high]), ["y"] = Numbers([low, high]), ["hoverinfo"] = "skip", ["meta"] = -1,
            ["line"] = new JsonObject { ["color"] = "token:unsure", ["width"] = 1.5, ["dash"] = "dash" },
        };
        var kind = chart.IsProbability ? AxisKind.Percent : AxisKind.Number;
        var layout = new JsonObject { ["xaxis"] = AxisOf(new("Predicted", kind)), ["yaxis"] = AxisOf(new("Observed", kind)), ["hovermode"] = "closest" };
        if (chart.Before.IsEmpty) return Make([diagonal, Bins(chart, chart.Bins, "series-1", "circle", 0)], layout, 340);
        return Make(
            [diagonal, Bins(chart, chart.Bins, "series-1", "circle", 0), Bins(chart, chart.Before, "series-2", "square", 1)], layout, 340,
            [new(0, "After the correction", "series-1", ""), new(1, "Before", "series-2", "2 2")]);
    }

    private static JsonObject Bins(CalibrationChart chart, ImmutableArray<CalibrationBin> bins, string token, string symbol, int meta) => new()
    {
        ["type"] = "scatter", ["mode"] = "markers", ["x"] = Numbers(bins.Select(b => b.Predicted)), ["y"] = Numbers(bins.Select(b => b.Observed)),
        ["error_y"] = new JsonObject
        {
            ["type"] = "data", ["symmetric"] = false, ["thickness"] = 1.5, ["width"] = 4, ["color"] = $"token:{token}",
            ["array"] = Numbers(bins.Select(b => b.High - b.Observed)), ["arrayminus"] = Numbers(bins.Select(b => b.Observed - b.Low)),
        },
        ["marker"] = new JsonObject
        {
            ["size"] = 9, ["color"] = $"token:{token}", ["line"] = new JsonObject { ["width"] = 2, ["color"] = $"token:{token}" },
            ["symbol"] = new JsonArray([.. bins.Select(b => (JsonNode)JsonValue.Create(b.Count < 20 ? $"{symbol}-open" : symbol))]),
        },
        ["text"] = Texts((chart with { Bins = bins, Before = [] }).Table.Rows.Select(row => $"predicted {row[0]}, observed {row[1]} [{row[2]}, {row[3]}], {row[4]} examples")),
        ["hovertemplate"] = "%{text}<extra></extra>", ["meta"] = meta,
    };

    private static JsonObject Line(double x, string token, string dash)
    {
        var line = VerticalLine(JsonValue.Create(x), token);
        line["line"]!["dash"] = dash;
        return line;
    }

    private static string TokenOf(Tone tone) => tone.ToString().ToLowerInvariant();

    private static string SymbolOf(Tone tone) => tone switch { Tone.Good => "triangle-up", Tone.Bad => "triangle-down", Tone.Unsure => "diamond", _ => "circle" };
}
