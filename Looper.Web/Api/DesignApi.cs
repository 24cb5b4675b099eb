using Looper.Core.Access;
using Looper.Core.Experiments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>How large and how long an experiment must be.</summary>
public static class DesignApi
{
    public static void MapDesign(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/experiments/size", Size).WithTags("Experiments").WithName("planExperimentSize");
        routes.MapGet("/api/decision-points/{key}/metric-baseline", Baseline).WithTags("Experiments").WithName("getMetricBaseline");
    }

    /// <summary>Units, power, smallest change and duration. Leave out <c>units</c> to learn how many it takes; give <c>margin</c> to plan for
    /// non-inferiority. Fractions, not percents.</summary>
    internal static Results<JsonHttpResult<DesignAnswer>, ProblemHttpResult> Size(
        string? kind, double? baseline, double? deviation, double? change, double? margin, int? arms, double? baselineShare, double? level, double? power, string? reading,
        double? varianceSaved, double? units, double? unitsPerDay, double? growth, Caller caller)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied.AsProblem();
        var usual = new DesignQuestion();
        if (!TryRead(kind, usual.Kind, out var asked)) return NotOneOf<DesignKind>("kind", kind);
        if (!TryRead(reading, usual.Reading, out var read)) return NotOneOf<ReadingKind>("reading", reading);
        var answered = DesignCalculator.Answer(new()
        {
            Kind = asked,
            Baseline = baseline ?? usual.Baseline,
            Deviation = deviation,
            Change = change ?? (margin is null ? usual.Change : 0),
            Margin = margin,
            Arms = arms ?? usual.Arms,
            BaselineShare = baselineShare,
            Level = level ?? usual.Level,
            Power = power ?? usual.Power,
            Reading = read,
            VarianceSaved = varianceSaved ?? usual.VarianceSaved,
            Units = units,
            UnitsPerDay = unitsPerDay,
            Growth = growth ?? usual.Growth,
        });
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, ExperimentJson.ReportOptions);
    }

    /// <summary>What an outcome was per unit in the last four weeks: baseline, spread and pace to plan with.</summary>
    internal static async Task<Results<JsonHttpResult<MetricBaseline>, ProblemHttpResult>> Baseline(string key, string? outcome, Caller caller, MetricBaselines baselines, CancellationToken cancel)
    {
        var answered = await baselines.OfAsync(caller, key, outcome, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, ExperimentJson.ReportOptions);
    }

    private static bool TryRead<T>(string? text, T usual, out T value) where T : struct, Enum
    {
        value = usual;
        return text is null || (Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out value));
    }

    private static ProblemHttpResult NotOneOf<T>(string field, string? text) where T : struct, Enum =>
        new Core.Refusal("design.invalid", $"{char.ToUpperInvariant(field[0])}{field[1..]}: '{text}' is not one of {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}.", field).AsProblem();
}
