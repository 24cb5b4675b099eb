using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Ledger;
using Looper.Core.Policies;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What decision points have brought over their baselines.</summary>
public static class LedgerApi
{
    public static void MapLedger(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/ledger", List).WithTags("Ledger").WithName("getLedger");
        var point = routes.MapGroup("/api/decision-points/{key}").WithTags("Ledger");
        point.MapGet("/gain", Find).WithName("getGain");
        point.MapPost("/gain/measurements", Measure).WithName("measureGain");
    }

    /// <summary>Every decision point's gain, and the sums of those with the same goal.</summary>
    internal static async Task<Results<JsonHttpResult<LedgerOverview>, ProblemHttpResult>> List(Caller caller, LedgerQueries ledger, CancellationToken cancel) =>
        Answer(await ledger.ListAsync(caller, cancel));

    /// <summary>The gain of one decision point, by stretch and as it grew. An undefined number is null.</summary>
    internal static async Task<Results<JsonHttpResult<LedgerView>, ProblemHttpResult>> Find(string key, Caller caller, LedgerQueries ledger, CancellationToken cancel) =>
        Answer(await ledger.FindAsync(caller, key, cancel));

    /// <summary>Begins a run that measures it now; without it that is done once a day.</summary>
    internal static async Task<Results<Accepted<AskedMeasurement>, ProblemHttpResult>> Measure(string key, Caller caller, LedgerActions actions, CancellationToken cancel)
    {
        var asked = await actions.MeasureAsync(caller, key, cancel);
        return asked.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/jobs/{asked.Value}", new AskedMeasurement(asked.Value));
    }

    private static Results<JsonHttpResult<T>, ProblemHttpResult> Answer<T>(Answered<T> answered) =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, PolicyJson.Options);

    /// <param name="Id">Of the run.</param>
    public sealed record AskedMeasurement(Guid Id);
}
