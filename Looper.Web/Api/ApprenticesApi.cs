using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Policies;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>A policy that learns beside the one that decides.</summary>
public static class ApprenticesApi
{
    public static void MapApprentices(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/decision-points/{key}").WithTags("Policies");
        group.MapGet("/apprentice", Find).WithName("getApprentice");
        group.MapPut("/apprentice", Begin).WithName("beginApprentice");
        group.MapDelete("/apprentice", End).WithName("endApprentice");
        group.MapPost("/apprentice/draft", Draft).WithName("draftApprentice");
    }

    /// <summary>The policy that learns beside what serves, and what it would have decided.</summary>
    internal static async Task<Results<JsonHttpResult<ApprenticeView>, ProblemHttpResult>> Find(string key, Caller caller, ApprenticeQueries apprentices, CancellationToken cancel) =>
        Answer(await apprentices.FindAsync(caller, key, cancel));

    /// <summary>Begins with a policy, or with another one.</summary>
    internal static async Task<Results<JsonHttpResult<ApprenticeView>, ProblemHttpResult>> Begin(string key, NewApprentice request, Caller caller, ApprenticeActions apprentices, CancellationToken cancel) =>
        Answer(await apprentices.BeginAsync(caller, key, request.Policy ?? new BanditPolicy(), cancel));

    /// <summary>Ends the policy that learns beside.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> End(string key, Caller caller, ApprenticeActions apprentices, CancellationToken cancel) =>
        await apprentices.EndAsync(caller, key, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>A draft with it as the policy.</summary>
    internal static async Task<Results<Created<DraftView>, ProblemHttpResult>> Draft(string key, Caller caller, ApprenticeActions apprentices, CancellationToken cancel)
    {
        var drafted = await apprentices.DraftAsync(caller, key, cancel);
        return drafted.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Created($"/api/drafts/{drafted.Value!.Id}", drafted.Value);
    }

    private static Results<JsonHttpResult<ApprenticeView>, ProblemHttpResult> Answer(Answered<ApprenticeView> answered) =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, PolicyJson.Options);

    /// <param name="Policy">Null takes the default bandit.</param>
    public sealed record NewApprentice(PolicySpec? Policy = null);
}
