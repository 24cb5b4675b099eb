using System.Text.Json.Nodes;
using Looper.Core.Statistics;
using static Looper.Testing.Golden.GoldenJson;

namespace Looper.Testing.Golden;

/// <summary>The other readings of an effect, power and corrections.</summary>
internal static class GoldenReadings
{
    public static JsonObject Sequential(JsonNode inputs, bool oneSided)
    {
        MetricSummary control = Summary(inputs["control"]!), treatment = Summary(inputs["treatment"]!);
        Effect absolute = MeanDifference.Between(control, treatment), relative = RelativeLift.Between(control, treatment);
        double level = Level(inputs), planned = Number(inputs["tuning_parameter"]);
        // The reference's one-sided case is stated for the lift.
        if (oneSided)
            return new()
            {
                ["greater"] = Effect(relative, ConfidenceSequence.Read(relative, planned, level, Sides.Greater)),
                ["lesser"] = Effect(relative, ConfidenceSequence.Read(relative, planned, level, Sides.Less)),
            };
        return new()
        {
            ["rho"] = ConfidenceSequence.Rho(planned, 1 - level),
            ["absolute"] = Effect(absolute, ConfidenceSequence.Read(absolute, planned, level)),
            ["relative"] = Effect(relative, ConfidenceSequence.Read(relative, planned, level)),
        };
    }

    public static JsonObject Mixture(JsonNode inputs)
    {
        var look = MixtureTest.Read(Number(inputs["mean_diff"]), Number(inputs["n_per_arm"]), Number(inputs["variance_per_arm"]), Number(inputs["mixing_variance"]), Level(inputs));
        return new()
        {
            ["variance_of_diff"] = Of(look.VarianceOfDifference),
            ["likelihood_ratio"] = Of(look.LikelihoodRatio),
            ["p_value_at_this_look"] = Of(look.P),
            ["ci_halfwidth"] = Of(look.HalfWidth),
        };
    }

    public static JsonObject Bayesian(JsonNode inputs)
    {
        MetricSummary control = Summary(inputs["control"]!), treatment = Summary(inputs["treatment"]!);
        var node = inputs["prior"]!;
        var prior = (bool)node["proper"]! ? new LiftPrior(Number(node["mean"]), Number(node["variance"])) : LiftPrior.None;
        JsonObject Of(Effect effect)
        {
            var posterior = GaussianPosterior.Of(effect, prior, control.Value, Level(inputs), (bool)inputs["inverse"]!);
            return new()
            {
                ["chance_to_win"] = GoldenJson.Of(posterior.ChanceToWin),
                ["estimate"] = GoldenJson.Of(posterior.Mean),
                ["ci_low"] = GoldenJson.Of(posterior.Interval.Low),
                ["ci_high"] = GoldenJson.Of(posterior.Interval.High),
                ["posterior_sd"] = GoldenJson.Of(posterior.Deviation),
                ["risk_choose_control"] = GoldenJson.Of(posterior.LossOfControl),
                ["risk_choose_treatment"] = GoldenJson.Of(posterior.LossOfTreatment),
                ["error"] = posterior.Why.Code(),
            };
        }

        return new() { ["absolute"] = Of(MeanDifference.Between(control, treatment)), ["relative"] = Of(RelativeLift.Between(control, treatment)) };
    }

    public static JsonObject BetaBinomial(JsonNode inputs)
    {
        JsonNode a = inputs["control"]!, b = inputs["treatment"]!;
        var compared = Core.Statistics.BetaBinomial.Compare(Number(a["n"]), Number(a["sum"]), Number(b["n"]), Number(b["sum"]));
        return new()
        {
            ["prob_treatment_better"] = Of(compared.ChanceToWin),
            ["expected_loss_choose_treatment"] = Of(compared.LossOfTreatment),
            ["expected_loss_choose_control"] = Of(compared.LossOfControl),
        };
    }

    public static JsonObject Power(JsonNode inputs)
    {
        double alpha = Number(inputs["alpha"]), power = Number(inputs["power"]);
        if (inputs["effect_size_d"] is { } d)
        {
            var ratio = Number(inputs["ratio_n2_over_n1"]);
            return new()
            {
                ["n1_t"] = Of(Core.Statistics.Power.UnitsForT(Number(d), alpha, power, ratio)),
                ["n1_z"] = Of(Core.Statistics.Power.UnitsForZ(Number(d), alpha, power, ratio)),
            };
        }

        double p0 = Number(inputs["p0"]), p1 = Number(inputs["p1"]);
        return new()
        {
            ["cohen_h"] = Of(Core.Statistics.Power.CohenH(p0, p1)),
            ["n_per_arm_arcsine"] = Of(Core.Statistics.Power.UnitsForRatesArcsine(p0, p1, alpha, power)),
            ["n_per_arm_unpooled"] = Of(Core.Statistics.Power.UnitsForRates(p0, p1, alpha, power)),
            ["n_per_arm_pooled"] = Of(Core.Statistics.Power.UnitsForRatesPooled(p0, p1, alpha, power)),
        };
    }

    public static JsonObject MultipleTesting(JsonNode inputs)
    {
        var p = Numbers(inputs["p_values"]);
        var alpha = Number(inputs["alpha"]);
        JsonObject Of(double[] adjusted) => new()
        {
            ["adjusted"] = new JsonArray([.. adjusted.Select(GoldenJson.Of)]),
            ["reject"] = new JsonArray([.. adjusted.Select(a => (JsonNode)(a <= alpha))]),
        };
        return new()
        {
            ["bonferroni"] = Of(MultipleComparisons.Bonferroni(p)),
            ["holm"] = Of(MultipleComparisons.Holm(p)),
            ["fdr_bh"] = Of(MultipleComparisons.BenjaminiHochberg(p)),
            ["fdr_by"] = Of(MultipleComparisons.BenjaminiYekutieli(p)),
        };
    }
}
