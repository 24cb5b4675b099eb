using System.Text.Json.Nodes;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

internal sealed partial record Figure
{
    private const double StripTop = 0.16;

    private static Figure Dependence(DependenceChart chart)
    {
        var known = chart.Points.Where(p => !(chart.IsNumber && p.IsMissing)).ToList();
        JsonArray X(IEnumerable<DependencePoint> points) => chart.IsNumber ? Numbers(points.Select(p => p.Value)) : Texts(points.Select(p => p.Label));
        var line = new JsonObject
        {
            ["type"] = "scatter", ["mode"] = chart.IsNumber ? "lines+markers" : "markers", ["x"] = X(known), ["y"] = Numbers(known.Select(p => p.Prediction)),
            ["line"] = new JsonObject { ["color"] = "token:series-1", ["width"] = 2 }, ["marker"] = new JsonObject { ["size"] = chart.IsNumber ? 6 : 10, ["color"] = "token:series-1" },
            ["text"] = Texts(known.Select(p => $"{p.Label}: {Tables.Write(p.Prediction, chart.YAxis)}{(double.IsFinite(p.Share) ? $", {Shown.Percent(p.Share)} of examples" : "")}")),
            ["hovertemplate"] = "%{text}<extra></extra>", ["meta"] = 0, ["cliponaxis"] = false,
        };
        var strip = new JsonObject
        {
            ["type"] = "bar", ["yaxis"] = "y2", ["marker"] = new JsonObject { ["color"] = "token:unsure/0.55" }, ["hovertemplate"] = "%{text}<extra></extra>", ["textposition"] = "none", ["meta"] = 0,
            ["x"] = chart.IsNumber ? Numbers(chart.Shares.Select((_, i) => (chart.Edges[i] + chart.Edges[i + 1]) / 2)) : X(known),
            ["y"] = Numbers(chart.IsNumber ? chart.Shares : known.Select(p => p.Share)),
            ["text"] = Texts(chart.IsNumber
                ? chart.Shares.Select((share, i) => $"{Shown.Number(chart.Edges[i])} to {Shown.Number(chart.Edges[i + 1])}: {Shown.Percent(share)} of examples")
                : known.Select(p => $"{p.Label}: {Shown.Percent(p.Share)} of examples")),
        };
        if (chart.IsNumber) strip["width"] = Numbers(chart.Shares.Select((_, i) => chart.Edges[i + 1] > chart.Edges[i] ? chart.Edges[i + 1] - chart.Edges[i] : 1));
        var y = AxisOf(chart.YAxis);
        y["domain"] = new JsonArray(StripTop + 0.08, 1);
        if (double.IsFinite(chart.Low + chart.High) && chart.High > chart.Low)
            y["range"] = new JsonArray(chart.Low - 0.05 * (chart.High - chart.Low), chart.High + 0.08 * (chart.High - chart.Low));
        var x = AxisOf(chart.XAxis);
        x["anchor"] = "y2";
        var layout = new JsonObject
        {
            ["xaxis"] = x, ["yaxis"] = y, ["hovermode"] = "closest", ["bargap"] = chart.IsNumber ? 0 : 0.4,
            ["yaxis2"] = new JsonObject
            {
                ["domain"] = new JsonArray(0, StripTop), ["fixedrange"] = true, ["showgrid"] = false, ["showticklabels"] = false, ["zeroline"] = false, ["rangemode"] = "tozero", ["nticks"] = 0,
            },
        };
        if (chart.IsNumber && chart.Points.FirstOrDefault(p => p.IsMissing) is { } missing)
        {
            layout["shapes"] = new JsonArray(new JsonObject
            {
                ["type"] = "line", ["xref"] = "paper", ["x0"] = 0, ["x1"] = 1, ["y0"] = missing.Prediction, ["y1"] = missing.Prediction,
                ["line"] = new JsonObject { ["color"] = "token:unsure", ["width"] = 1.5, ["dash"] = "dash" },
            });
            layout["annotations"] = new JsonArray(new JsonObject
            {
                ["xref"] = "paper", ["x"] = 1, ["xanchor"] = "right", ["y"] = missing.Prediction, ["yanchor"] = "bottom", ["showarrow"] = false,
                ["text"] = Plain($"missing: {Tables.Write(missing.Prediction, chart.YAxis)}"), ["font"] = new JsonObject { ["size"] = 11 },
            });
        }

        return Make([line, strip], layout, 300);
    }

    private static Figure Waterfall(WaterfallChart chart)
    {
        var bars = new List<(string Label, double From, double To, string Token, string Text)> { (chart.StartLabel, 0, chart.Start, "unsure", Tables.Write(chart.Start, chart.Axis)) };
        var sum = chart.Start;
        foreach (var step in chart.Steps)
        {
            bars.Add((step.Label, sum, sum + step.Moves, step.Moves >= 0 ? "series-1" : "series-2", chart.Move(step.Moves)));
            sum += step.Moves;
        }

        bars.Add((chart.EndLabel, 0, chart.End, "ink", Tables.Write(chart.End, chart.Axis)));
        // The axis stays near the steps: two long bars from zero would leave no room for them.
        var reached = bars.Skip(1).SkipLast(1).SelectMany(bar => new[] { bar.From, bar.To }).Append(chart.Start).Append(chart.End).ToArray();
        var (low, high) = (reached.Min(), reached.Max());
        var room = Math.Max((high - low) * 0.4, Math.Max(Math.Abs(high) * 0.02, 1e-9));
        var floor = low >= 0 ? Math.Max(0, low - room / 2) : low - room / 2;
        double Base(double value) => Math.Max(value, floor);
        var trace = new JsonObject
        {
            ["type"] = "bar", ["orientation"] = "h", ["y"] = new JsonArray([.. bars.Select((_, i) => (JsonNode)JsonValue.Create(i))]),
            ["base"] = Numbers(bars.Select(bar => Base(Math.Min(bar.From, bar.To)))),
            ["x"] = Numbers(bars.Select(bar => Math.Max(bar.From, bar.To) - Base(Math.Min(bar.From, bar.To)))),
            ["marker"] = new JsonObject
            {
                ["color"] = Texts(bars.Select(bar => $"token:{bar.Token}")),
                ["pattern"] = new JsonObject { ["shape"] = Texts(bars.Select(bar => bar.Token == "series-2" ? "/" : "")), ["fillmode"] = "overlay", ["fgopacity"] = 0.35, ["size"] = 6 },
            },
            ["text"] = Texts(bars.Select(bar => bar.Text)), ["textposition"] = "outside", ["cliponaxis"] = false, ["constraintext"] = "none",
            ["customdata"] = Texts(bars.Select(bar => bar.Label)), ["hovertemplate"] = "%{customdata}<br>%{text}<extra></extra>", ["meta"] = 0,
        };
        var y = AxisOf(new("", AxisKind.Number));
        (y["tickvals"], y["ticktext"], y["autorange"]) = (new JsonArray([.. bars.Select((_, i) => (JsonNode)JsonValue.Create(i))]), Texts(bars.Select(bar => Short(bar.Label))), "reversed");
        y["showgrid"] = false;
        y["zeroline"] = false;
        var x = AxisOf(chart.Axis);
        x["range"] = new JsonArray(floor, high + room);
        return Make([trace], new() { ["xaxis"] = x, ["yaxis"] = y, ["hovermode"] = "closest", ["bargap"] = 0.35 }, 90 + 30 * bars.Count);
    }

    /// <summary>An axis has room for so much; the whole name stands in the table.</summary>
    private static string Short(string label) => label.Length <= 28 ? label : label[..27] + "…";
}
