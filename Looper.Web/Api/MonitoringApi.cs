using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Monitoring;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>Alerts, and the figures behind them.</summary>
public static class MonitoringApi
{
    public static void MapMonitoring(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/alerts", Alerts).WithName("listAlerts").WithTags("Monitoring");
        routes.MapGet("/api/decision-points/{key}/drift", Drift).WithName("getDrift").WithTags("Monitoring");
        routes.MapGet("/api/decision-points/{key}/models/{number:int}/live-quality", LiveQuality).WithName("getLiveQuality").WithTags("Monitoring");
    }

    /// <summary>What is wrong now, or was.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<AlertView>>, ProblemHttpResult>> Alerts(
        Caller caller, MonitoringQueries monitoring, CancellationToken cancel, string? decisionPoint = null, bool active = false)
    {
        var alerts = await monitoring.AlertsAsync(caller, decisionPoint, active, cancel);
        return alerts.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(alerts.Value!);
    }

    /// <summary>How far the newest decisions are from what the live models learned from.</summary>
    internal static async Task<Results<Ok<DriftLook>, ProblemHttpResult>> Drift(string key, Caller caller, MonitoringQueries monitoring, CancellationToken cancel)
    {
        var look = await monitoring.DriftAsync(caller, key, cancel);
        return look.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(look.Value!);
    }

    /// <summary>How well a model predicts the decisions that come in.</summary>
    internal static async Task<Results<Ok<LiveQuality>, ProblemHttpResult>> LiveQuality(string key, int number, Caller caller, MonitoringQueries monitoring, CancellationToken cancel)
    {
        var looked = await monitoring.QualityAsync(caller, key, number, cancel);
        return looked.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(looked.Value!);
    }
}
