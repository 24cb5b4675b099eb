using System.Text.Json.Nodes;
using Looper.Core.Statistics;

namespace Looper.Testing.Golden;

/// <summary>The little language of the golden files.</summary>
internal static class GoldenJson
{
    public static double[] Numbers(JsonNode? node) => [.. node!.AsArray().Select(n => Number(n))];

    public static double Number(JsonNode? node) => node!.AsValue().TryGetValue<string>(out var text)
        ? text switch { "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, _ => throw new FormatException(text) }
        : node.GetValue<double>();

    /// <summary>Undefined is null, infinite is text.</summary>
    public static JsonNode? Of(double value) =>
        double.IsNaN(value) ? null : double.IsPositiveInfinity(value) ? "inf" : double.IsNegativeInfinity(value) ? "-inf" : JsonValue.Create(value);

    public static double Level(JsonNode inputs) => 1 - Number(inputs["alpha"]);

    public static Moments Moments(JsonNode node) => (string)node["type"]! == "proportion"
        ? Core.Statistics.Moments.OfConversions(Number(node["n"]), Number(node["sum"]))
        : Core.Statistics.Moments.OfSums(Number(node["n"]), Number(node["sum"]), Number(node["sum_squares"]));

    public static MetricSummary Summary(JsonNode node) => (string)node["type"]! switch
    {
        "proportion" => MetricSummary.OfConversion(Moments(node)),
        "ratio" => Ratio.Of(Pair(node, "m", "d", "m_d_sum_of_products")),
        _ => MetricSummary.OfMean(Moments(node)),
    };

    public static JointMoments Pair(JsonNode node, string first, string second, string product)
    {
        JsonNode x = node[first]!, y = node[second]!;
        var cross = Number(node[product]);
        return JointMoments.OfSums(Number(node["n"]), [Number(x["sum"]), Number(y["sum"])], [Number(x["sum_squares"]), cross, cross, Number(y["sum_squares"])]);
    }

    public static JsonObject Effect(Effect effect, Reading reading) => new()
    {
        ["estimate"] = Of(effect.Value),
        ["ci_low"] = Of(reading.Interval.Low),
        ["ci_high"] = Of(reading.Interval.High),
        ["p_value"] = Of(reading.P),
        ["std_error"] = Of(effect.StandardError),
        ["error"] = effect.Why.Code(),
    };
}
