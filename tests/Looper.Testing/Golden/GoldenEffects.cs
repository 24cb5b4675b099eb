using System.Text.Json.Nodes;
using Looper.Core.Statistics;
using static Looper.Testing.Golden.GoldenJson;

namespace Looper.Testing.Golden;

/// <summary>The estimators, read at a fixed horizon.</summary>
internal static class GoldenEffects
{
    public static JsonObject MeanDifference(JsonNode inputs, bool oneSided)
    {
        MetricSummary control = Summary(inputs["control"]!), treatment = Summary(inputs["treatment"]!);
        Effect absolute = Core.Statistics.MeanDifference.Between(control, treatment), relative = RelativeLift.Between(control, treatment);
        if (oneSided) return new() { ["absolute"] = OneSided(absolute, Level(inputs)), ["relative"] = OneSided(relative, Level(inputs)) };
        var answer = Both(inputs, absolute, relative);
        if (absolute.IsDefined)
            answer["scipy_welch"] = new JsonObject { ["t"] = absolute.Value / absolute.StandardError, ["p_value"] = Reading.Fixed(absolute, Level(inputs)).P };
        return answer;
    }

    public static JsonObject Proportion(JsonNode inputs)
    {
        JsonNode a = inputs["control"]!, b = inputs["treatment"]!;
        double na = Number(a["n"]), xa = Number(a["sum"]), nb = Number(b["n"]), xb = Number(b["sum"]), level = Level(inputs);
        MetricSummary control = Summary(a), treatment = Summary(b);
        var answer = Both(inputs, Core.Statistics.MeanDifference.Between(control, treatment), RelativeLift.Between(control, treatment));
        answer["wilson_treatment"] = Ends(Conversion.Wilson(nb, xb, level));
        answer["clopper_pearson_treatment"] = Ends(Conversion.ClopperPearson(nb, xb, level));
        answer["newcombe_diff_ci"] = Ends(Conversion.Newcombe(na, xa, nb, xb, level));
        var pooled = Conversion.PooledZ(na, xa, nb, xb);
        answer["pooled_z"] = new JsonObject { ["z"] = Of(pooled.Z), ["p_value"] = Of(pooled.P) };
        answer["fisher_exact_p"] = Of(Conversion.FisherP(na, xa, nb, xb));
        return answer;
    }

    public static JsonObject Ratio(JsonNode inputs)
    {
        MetricSummary control = Summary(inputs["control"]!), treatment = Summary(inputs["treatment"]!);
        var answer = Both(inputs, Core.Statistics.MeanDifference.Between(control, treatment), RelativeLift.Between(control, treatment));
        foreach (var scale in new[] { "absolute", "relative" })
        {
            var part = answer[scale]!.AsObject();
            (part["control_mean"], part["treatment_mean"]) = (Of(control.Value), Of(treatment.Value));
            (part["control_var"], part["treatment_var"]) = (Of(control.Variance), Of(treatment.Variance));
        }

        return answer;
    }

    public static JsonObject Cuped(JsonNode inputs)
    {
        var adjusted = Core.Statistics.Cuped.Between(
            Pair(inputs["control"]!, "post", "pre", "post_pre_sum_of_products"), Pair(inputs["treatment"]!, "post", "pre", "post_pre_sum_of_products"));
        var answer = Both(inputs, adjusted.Absolute, adjusted.Relative);
        answer["theta"] = adjusted.Theta.Length == 0 ? null : Of(adjusted.Theta[0]);
        return answer;
    }

    public static JsonObject Quantile(JsonNode inputs)
    {
        MetricSummary a = Quantile(inputs["control"]!, out var plainA), b = Quantile(inputs["treatment"]!, out var plainB);
        var answer = Both(inputs, Core.Statistics.MeanDifference.Between(a, b), RelativeLift.Between(a, b));
        (answer["control_var"], answer["treatment_var"]) = (Of(a.Variance), Of(b.Variance));
        if (inputs["control"]!["n_clusters"] is null) return answer;
        foreach (var name in new[] { "analytic_se", "bootstrap_se" })
            (answer[$"{name}_control"], answer[$"{name}_treatment"]) = (Of(a.StandardError), Of(b.StandardError));
        return answer;
    }

    public static JsonObject Capped(JsonNode inputs, JsonNode? expected)
    {
        double[] a = Numbers(inputs["control_values"]), b = Numbers(inputs["treatment_values"]);
        var percentile = Number(inputs["percentile"]);
        JsonObject At(bool ignoreZeros)
        {
            var cap = Capping.Cap([.. a, .. b], percentile, ignoreZeros);
            var (control, cappedA) = Capping.Of(a, cap);
            var (treatment, cappedB) = Capping.Of(b, cap);
            MetricSummary low = MetricSummary.OfMean(control), high = MetricSummary.OfMean(treatment);
            var answer = Both(inputs, Core.Statistics.MeanDifference.Between(low, high), RelativeLift.Between(low, high));
            (answer["cap"], answer["n_capped_control"], answer["n_capped_treatment"]) = (Of(cap), cappedA, cappedB);
            return answer;
        }

        var whole = At(ignoreZeros: false);
        if (expected?["ignore_zeros"] is not null) whole["ignore_zeros"] = At(ignoreZeros: true);
        return whole;
    }

    public static JsonObject PostStratified(JsonNode inputs)
    {
        var cells = inputs["cells"]!.AsArray();
        var strata = cells.Select(c => new Stratum(Moments(c!["control"]!), Moments(c["treatment"]!))).ToArray();
        var (absolute, relative) = PostStratification.Between(strata, (string)cells[0]!["control"]!["type"]! == "proportion");
        return Both(inputs, absolute, relative);
    }

    /// <summary>In the reference n counts events; the product counts units (see the kernel).</summary>
    private static MetricSummary Quantile(JsonNode node, out MetricSummary plain)
    {
        double n = Number(node["n"]), level = Number(node["nu"]);
        plain = Core.Statistics.Quantile.Of(n, Number(node["n_star"]), level, Number(node["quantile_hat"]), Number(node["quantile_lower"]), Number(node["quantile_upper"]));
        if (node["n_clusters"] is null) return plain;
        var cross = Number(node["main_denominator_sum_product"]);
        var counts = JointMoments.OfSums(Number(node["n_clusters"]), [Number(node["main_sum"]), Number(node["denominator_sum"])],
            [Number(node["main_sum_squares"]), cross, cross, Number(node["denominator_sum_squares"])]);
        var clustered = Core.Statistics.Quantile.Clustered(plain, level, counts);
        return clustered with { Units = n, Variance = clustered.Variance * n / clustered.Units };
    }

    private static JsonObject Both(JsonNode inputs, Effect absolute, Effect relative) => new()
    {
        ["absolute"] = Effect(absolute, Reading.Fixed(absolute, Level(inputs))),
        ["relative"] = Effect(relative, Reading.Fixed(relative, Level(inputs))),
    };

    private static JsonObject OneSided(Effect effect, double level) => new()
    {
        ["greater"] = Effect(effect, Reading.Fixed(effect, level, Sides.Greater)),
        ["lesser"] = Effect(effect, Reading.Fixed(effect, level, Sides.Less)),
    };

    private static JsonArray Ends(Interval interval) => [Of(interval.Low), Of(interval.High)];
}
