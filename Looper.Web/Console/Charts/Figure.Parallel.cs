using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Looper.Web.Console.Charts;

internal sealed partial record Figure
{
    // A line of every group's own; a gap between two of its things keeps them apart.
    private static Figure Parallel(ParallelChart chart)
    {
        var places = chart.Axes.Length;
        var traces = new List<JsonObject>();
        var legend = ImmutableArray.CreateBuilder<LegendEntry>();
        for (var g = 0; g < chart.Groups.Length; g++)
        {
            var lines = chart.Lines.Where(l => l.Group == g).ToList();
            if (lines.Count == 0) continue;
            var (isTop, token) = (g == chart.Groups.Length - 1, g == chart.Groups.Length - 1 ? "series-1" : "unsure");
            traces.Add(new()
            {
                ["type"] = "scatter", ["mode"] = "lines+markers", ["meta"] = g,
                ["x"] = Numbers(lines.SelectMany(_ => Enumerable.Range(0, places).Select(j => (double)j).Append(double.NaN))),
                ["y"] = Numbers(lines.SelectMany(l => chart.Axes.Select((axis, j) => axis.HeightOf(l.Values[j])).Append(double.NaN))),
                ["text"] = Texts(lines.SelectMany(l => chart.Axes.Select((axis, j) => $"{l.Label}: {axis.Axis.Title} {axis.Write(l.Values[j])}").Append(""))),
                ["line"] = new JsonObject { ["color"] = isTop ? $"token:{token}" : $"token:{token}/0.55", ["width"] = isTop ? 2.5 : 1, ["dash"] = g == 0 && !isTop ? "dot" : "solid" },
                ["marker"] = new JsonObject { ["size"] = isTop ? 7 : 4, ["color"] = $"token:{token}" }, ["hovertemplate"] = "%{text}<extra></extra>",
            });
            legend.Add(new(g, chart.Groups[g], token, isTop ? "" : g == 0 ? "2 2" : "6 3"));
        }

        var layout = new JsonObject
        {
            ["hovermode"] = "closest",
            ["xaxis"] = new JsonObject
            {
                ["tickvals"] = Numbers(Enumerable.Range(0, places).Select(j => (double)j)), ["automargin"] = true, ["range"] = new JsonArray(-0.25, places - 0.75),
                ["ticktext"] = new JsonArray([.. chart.Axes.Select(a => (JsonNode)JsonValue.Create($"{Plain(a.Axis.Title)}<br>{Plain(a.Write(a.Low))} … {Plain(a.Write(a.High))}"))]),
            },
            ["yaxis"] = new JsonObject
            {
                ["title"] = new JsonObject { ["text"] = "Within its range" }, ["tickvals"] = new JsonArray(0, 1), ["ticktext"] = new JsonArray("low", "high"), ["range"] = new JsonArray(-0.05, 1.05), ["automargin"] = true,
            },
        };
        return Make(traces, layout, 320, legend.ToImmutable());
    }
}
