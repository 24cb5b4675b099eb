using System.Text.Json.Nodes;
using Looper.Core.Statistics;
using Looper.Testing.Golden;

namespace Looper.Testing;

/// <summary>Answers the cases of a file shaped like <c>stats-golden.json</c> or <c>uplift-metrics-golden.json</c> with Looper's kernels: same names, undefined as null.</summary>
public static class GoldenStatistics
{
    /// <param name="cases">The whole file.</param>
    /// <returns>Case id → an object shaped like the case's <c>expected</c>.</returns>
    public static JsonObject Answer(JsonNode cases)
    {
        var answers = new JsonObject();
        foreach (var item in cases["cases"]!.AsArray())
        {
            var id = (string)item!["id"]!;
            answers[id] = item["score"] is not null ? GoldenUplift.Of(item) : Case(id, (string)item["group"]!, item["inputs"]!, item["expected"]);
        }

        return answers;
    }

    private static JsonObject Case(string id, string group, JsonNode inputs, JsonNode? expected) => group switch
    {
        "mean_diff" => GoldenEffects.MeanDifference(inputs, id.EndsWith("one_sided", StringComparison.Ordinal)),
        "proportion" => GoldenEffects.Proportion(inputs),
        "ratio" => GoldenEffects.Ratio(inputs),
        "cuped" => GoldenEffects.Cuped(inputs),
        "quantile" => GoldenEffects.Quantile(inputs),
        "capped" => GoldenEffects.Capped(inputs, expected),
        "post_stratification" => GoldenEffects.PostStratified(inputs),
        "sequential" when inputs["n_per_arm"] is not null => GoldenReadings.Mixture(inputs),
        "sequential" => GoldenReadings.Sequential(inputs, id.EndsWith("one_sided", StringComparison.Ordinal)),
        "bayesian" when inputs["prior"]!["alpha"] is not null => GoldenReadings.BetaBinomial(inputs),
        "bayesian" => GoldenReadings.Bayesian(inputs),
        "srm" => new() { ["p_value"] = SampleRatio.P(GoldenJson.Numbers(inputs["users"]), GoldenJson.Numbers(inputs["weights"])) },
        "power" => GoldenReadings.Power(inputs),
        "multiple_testing" => GoldenReadings.MultipleTesting(inputs),
        _ => throw new NotSupportedException($"Case {id}: there is no group '{group}'."),
    };
}
