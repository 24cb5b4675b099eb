using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Looper.Web.Console.Charts;
using Looper.Web.Console.Shared;

namespace Looper.Web.Tests.Console.Charts;

public sealed class ChartTests
{
    private const string Hostile = "<img src=x onerror=alert(1)> & <b>bold</b>";

    [Fact]
    public async Task The_table_beside_a_chart_holds_the_same_numbers()
    {
        var html = await Rendering.OfAsync<PlotlyChart>(parameters: [("Chart", Lines())]);
        Assert.Contains("<td class=\"number\">12.3%</td>", html);
        Assert.Contains("<th scope=\"row\">12 Nov 2026 00:00</th>", html);
    }

    [Fact]
    public void What_the_points_rest_on_is_counted_by_its_name()
    {
        var chart = new EffectChart("Which?", "%", [new("best", 0.1, 0.05, 0.15) { Units = 1_200 }]) { Counted = "effective decision" };
        Assert.Contains("Effective decisions", chart.Table.Columns);
        Assert.EndsWith(", 1,200 effective decisions", (string?)JsonNode.Parse(Figure.Of(chart).Json)!["data"]![0]!["text"]![0], StringComparison.Ordinal);
        Assert.Contains("Units", (chart with { Counted = "unit" }).Table.Columns);
    }

    [Theory]
    [InlineData("2026-11-12T14:03:27Z", "12 Nov 2026 14:03:07", "12 Nov 2026 14:03:27")]
    [InlineData("2026-11-12T14:04:27Z", "12 Nov 2026 14:03", "12 Nov 2026 14:04")]
    public void Times_of_one_minute_are_told_apart_by_their_seconds(string second, string first, string last)
    {
        var chart = new LineChart("When?", new("Until (UTC)", AxisKind.Time), new("Reward"), ["2026-11-12T14:03:07Z", second], [new("this policy", [1, 2])]);
        Assert.Equal([first, last], chart.Table.Rows.Select(r => r[0]));
    }

    [Fact]
    public async Task An_undefined_point_is_a_gap_in_the_picture_and_a_dash_in_the_table()
    {
        var html = await Rendering.OfAsync<PlotlyChart>(parameters: [("Chart", Lines())]);
        Assert.Contains("<td class=\"number\">—</td>", html);
        var values = Figure.Of(Lines());
        Assert.Null(Data(values)[0]!["y"]![1]);
        Assert.False((bool)Data(values)[0]!["connectgaps"]!);
    }

    [Fact] // plotly.js reads some tags in names
    public void A_name_stays_a_name_in_the_picture()
    {
        Chart[] charts =
        [
            new BarChart(Hostile, new(Hostile, AxisKind.Category), new(Hostile), [Hostile], [new(Hostile, [1])]) { Marks = [new(Hostile, Hostile)] },
            new LineChart(Hostile, new(Hostile), new(Hostile), [Hostile], [new(Hostile, [1])]),
            new EffectChart(Hostile, "%", [new(Hostile, 0.1, 0.05, 0.15)]),
            new HistogramChart(Hostile, new(Hostile), [0, 1], [3]) { At = 0.5, AtLabel = Hostile },
            new DependenceChart(Hostile, new(Hostile, AxisKind.Category), new(Hostile), [new(Hostile, double.NaN, 0.1, 0.5), new(Hostile, double.NaN, 0.2, 0.5) { IsMissing = true }], [], []),
            new WaterfallChart(Hostile, new(Hostile), Hostile, 0.2, [new(Hostile, 0.1)], Hostile),
            new PointChart(Hostile, new(Hostile, AxisKind.Category), new(Hostile), [new(Hostile, [new(Hostile, double.NaN, 1) { Category = Hostile, Chance = 0.5 }])])
            {
                XLevels = [new(1, Hostile)], YLevels = [new(1, Hostile)], ChanceTitle = Hostile,
            },
            new SurfaceChart(Hostile, new(Hostile, AxisKind.Category), new(Hostile, AxisKind.Category), new(Hostile), [Hostile], [Hostile], [[1]]) { Points = [new(Hostile, Hostile, Hostile)], Hatched = [[true]], HatchedMeans = Hostile },
            new ParallelChart(Hostile, [new(new(Hostile), 0, 1) { Words = [Hostile] }], [Hostile], [new(Hostile, [0], 0)]),
        ];
        Assert.All(charts, chart => Assert.All(Texts(JsonNode.Parse(Figure.Of(chart).Json)!), text => Assert.DoesNotContain("<b>", text)));
        Assert.All(charts, chart => Assert.All(Texts(JsonNode.Parse(Figure.Of(chart).Json)!), text => Assert.DoesNotContain("<img", text)));
    }

    [Theory] // d3's ~ alone is the shortest way to write a number: 1e+4
    [InlineData(AxisKind.Number)]
    [InlineData(AxisKind.LogNumber)]
    public void Ticks_are_written_in_full(AxisKind kind)
    {
        var layout = JsonNode.Parse(Figure.Of(new PointChart("q", new("Units", kind), new("Revenue"), [new("all", [new("a", 10_000, 20_000)])])).Json)!["layout"]!;
        Assert.Equal(",.9~f", (string)layout["xaxis"]!["tickformat"]!);
        Assert.Equal(",.9~f", (string)layout["yaxis"]!["tickformat"]!);
        var shades = new SurfaceChart("q", new("a"), new("b"), new("Revenue"), ["1"], ["1"], [[10_000]]);
        Assert.Contains("\"colorbar\":{\"thickness\":10,\"outlinewidth\":0,\"tickformat\":\",.9~f\"", Figure.Of(shades).Json);
    }

    [Fact]
    public void The_baseline_is_neutral_and_the_others_keep_their_colours()
    {
        var chart = new LineChart("q", new("x"), new("y"), ["1"], [new("a", [1]), new("baseline", [1]) { IsBaseline = true }, new("b", [1])]);
        Assert.Equal(["series-1", "unsure", "series-2"], Figure.Of(chart).Legend.Select(entry => entry.Token));
    }

    [Fact]
    public void An_effect_takes_the_colour_of_what_it_means_and_shows_its_interval()
    {
        var chart = new EffectChart("Did it help?", "%", [new("free-shipping", 0.031, 0.004, 0.058) { Tone = Tone.Good, Units = 1200, Truth = 0.05 }]);
        var trace = Data(Figure.Of(chart))[0]!;
        Assert.Equal("token:good", (string)trace["marker"]!["color"]!);
        Assert.Equal("+3.1% [+0.4%, +5.8%], 1,200 units", (string)trace["text"]![0]!);
        Assert.Equal(["Comparison", "Change (%)", "Units", "Truth"], chart.Table.Columns);
        Assert.Equal(["free-shipping", "+3.1% [+0.4%, +5.8%]", "1,200", "+5.0%"], chart.Table.Rows[0]);
    }

    [Fact]
    public void A_bin_of_few_examples_is_hollow()
    {
        var chart = new CalibrationChart("Does it say what happens?", [new(0.1, 0.12, 0.05, 0.2, 19), new(0.5, 0.48, 0.4, 0.55, 20)]);
        var symbols = Data(Figure.Of(chart))[1]!["marker"]!["symbol"]!.AsArray().Select(symbol => (string)symbol!);
        Assert.Equal(["circle-open", "circle"], symbols);
    }

    [Fact]
    public void The_bins_before_a_correction_stand_beside_those_after_and_can_be_hidden()
    {
        var chart = new CalibrationChart("Does it say what happens?", [new(0.1, 0.12, 0.05, 0.2, 30)]) { Before = [new(0.2, 0.12, 0.05, 0.2, 10)] };
        Assert.Equal(["After the correction", "Before"], Figure.Of(chart).Legend.Select(entry => entry.Name));
        Assert.Equal("square-open", (string)Data(Figure.Of(chart))[2]!["marker"]!["symbol"]![0]!);
        Assert.Equal(["10.0%", "12.0%", "5.0%", "20.0%", "30", "after"], chart.Table.Rows[0]);
        Assert.Equal("before", chart.Table.Rows[1][^1]);
    }

    [Fact]
    public void The_steps_of_a_waterfall_lead_from_the_start_to_the_end()
    {
        var chart = new WaterfallChart("Why?", new("Predicted", AxisKind.Percent), "nothing known", 0.2, [new("country = NL", 0.1), new("age = 40", -0.05)], "prediction");
        Assert.Equal(0.25, chart.End, 1e-12);
        Assert.Equal(["nothing known", "", "20.0%"], chart.Table.Rows[0]);
        Assert.Equal(["age = 40", "−5.0 pp", "25.0%"], chart.Table.Rows[2]);
        Assert.Equal(["prediction", "", "25.0%"], chart.Table.Rows[3]);
        var bars = Data(Figure.Of(chart))[0]!;
        Assert.Equal(0.3, (double)bars["base"]![1]! + (double)bars["x"]![1]!, 1e-12);
        Assert.Equal(0.25, (double)bars["base"]![2]!, 1e-12);
    }

    [Fact]
    public void A_missing_number_is_a_line_of_its_own_and_no_point_on_the_axis()
    {
        var chart = new DependenceChart("age", new("age"), new("Predicted"), [new("20", 20, 1, double.NaN), new("30", 30, 2, double.NaN), new("(missing)", double.NaN, 1.5, 0.1) { IsMissing = true }], [20, 25, 30], [0.4, 0.5]);
        Assert.Equal(2, Data(Figure.Of(chart))[0]!["x"]!.AsArray().Count);
        Assert.Equal(1.5, (double)JsonNode.Parse(Figure.Of(chart).Json)!["layout"]!["shapes"]![0]!["y0"]!);
        Assert.Equal(["(missing)", "1.5", "10.0%"], chart.Table.Rows[2]);
        Assert.Equal("—", chart.Table.Rows[0][2]);
    }

    [Fact]
    public void A_point_has_bars_only_where_it_has_bounds_and_hollow_means_not_to_be_taken()
    {
        var chart = new PointChart("q", new("Trial"), new("goal", AxisKind.Percent),
        [
            new("kept", [new("Trial 1", 1, 0.1) { Low = 0.05, High = 0.15 }, new("Trial 2", 2, 0.2)]),
            new("broken", [new("Trial 3", 3, 0.3)]) { Style = PointStyle.Hollow },
        ])
        { YLevels = [new(0, "present policy")] };
        var data = Data(Figure.Of(chart));
        Assert.Null(data[0]!["error_y"]!["array"]![1]);
        Assert.Equal(0.05, (double)data[0]!["error_y"]!["array"]![0]!, 1e-12);
        Assert.Null(data[1]!["error_y"]);
        Assert.EndsWith("-open", (string)data[1]!["marker"]!["symbol"]!, StringComparison.Ordinal);
        Assert.Equal(["Point", "Trial", "goal", "goal: from", "to", "Kind"], chart.Table.Columns);
        Assert.Equal(["Trial 2", "2", "20.0%", "—", "—", "kept"], chart.Table.Rows[1]);
        Assert.Equal("Trial 1: 10.0% [5.0%, 15.0%]", (string)data[0]!["text"]![0]!);
    }

    [Fact]
    public void A_surface_is_lines_over_numbers_and_tiles_over_words_and_marks_what_cannot_be_taken()
    {
        var numbers = new SurfaceChart("q", new("size", AxisKind.LogNumber), new("rate"), new("cost"), ["1", "10"], ["0", "0.5"], [[1, 2], [3, 4]]) { Hatched = [[false, true], [false, false]], HatchedMeans = "forbidden" };
        Assert.Equal("contour", (string)Data(Figure.Of(numbers))[0]!["type"]!);
        Assert.Equal("10", Data(Figure.Of(numbers))[1]!["x"]![0]!.ToJsonString());
        Assert.Equal(["rate \\ size", "1", "10"], numbers.Table.Columns);
        Assert.Equal(["0", "1", "2 ✕"], numbers.Table.Rows[0]);
        var words = numbers with { XAxis = new("mode", AxisKind.Category), X = ["lru", "lfu"] };
        Assert.Equal("heatmap", (string)Data(Figure.Of(words))[0]!["type"]!);
    }

    [Fact]
    public void Parallel_lines_share_upright_axes_each_over_its_own_range()
    {
        var chart = new ParallelChart("Which values are good?", [new(new("size", AxisKind.LogNumber), 1, 100), new(new("mode", AxisKind.Category), 0, 1) { Words = ["lru", "lfu"] }, new(new("latency"), 10, 30)],
            ["Other trials", "The best five"], [new("Trial 1", [10, 1, 20], 1), new("Trial 2", [100, 0, double.NaN], 0), new("Trial 3", [1, 0, 30], 1)]) { One = "Trial" };
        var best = Data(Figure.Of(chart))[1]!;
        Assert.Equal("[0.5,1,0.5,null,0,0,1,null]", best["y"]!.ToJsonString()); // each between its foot and its top, a gap between two trials
        Assert.Equal("Trial 1: mode lfu", (string)best["text"]![1]!);
        Assert.Equal(["Trial", "size", "mode", "latency", "Kind"], chart.Table.Columns);
        Assert.Equal(["Trial 2", "100", "lru", "—", "Other trials"], chart.Table.Rows[1]);
    }

    private static LineChart Lines() => new("How many convert?", new("Day", AxisKind.Time), new("Rate", AxisKind.Percent),
        ["2026-11-12T00:00:00Z", "2026-11-13T00:00:00Z"], [new Series("policy", [0.123, double.NaN])]);

    private static JsonArray Data(Figure figure) => JsonNode.Parse(figure.Json)!["data"]!.AsArray();

    private static IEnumerable<string> Texts(JsonNode node) => node switch
    {
        JsonObject all => all.SelectMany(pair => pair.Value is null || pair.Key == "hovertemplate" ? [] : Texts(pair.Value)),
        JsonArray all => all.SelectMany(one => one is null ? [] : Texts(one)),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
