using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Policies;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What a draft, a version or a policy would have earned on logged decisions, and how predictions came out.</summary>
public static class PolicyEvaluationsApi
{
    public static void MapPolicyEvaluations(this IEndpointRouteBuilder routes)
    {
        var point = routes.MapGroup("/api/decision-points/{key}").WithTags("Policies");
        point.MapPost("/policy-evaluations", Ask).WithName("evaluatePolicy");
        point.MapGet("/policy-evaluations", List).WithName("listPolicyEvaluations");
        point.MapGet("/policy-evaluations/{id:guid}", Get).WithName("getPolicyEvaluation");
        point.MapGet("/track-record", TrackRecordOf).WithName("getTrackRecordOfPoint");
        routes.MapPost("/api/drafts/{id:guid}/value", AskOfDraft).WithTags("Policies").WithName("evaluateDraft");
        routes.MapGet("/api/track-record", AllTrackRecords).WithTags("Policies").WithName("getTrackRecord");
    }

    /// <summary>Begins a run; the evaluation has its id.</summary>
    internal static async Task<Results<Accepted<AskedEvaluation>, ProblemHttpResult>> Ask(string key, ValueQuestion request, Caller caller, PolicyValueActions actions, CancellationToken cancel) =>
        Asked(key, await actions.AskAsync(caller, key, request, cancel));

    /// <summary>The same for a draft by its id. The body says on which decisions.</summary>
    internal static async Task<Results<Accepted<AskedEvaluation>, ProblemHttpResult>> AskOfDraft(
        Guid id, ValueWindow request, Caller caller, PolicyValueActions actions, Core.Decisions.DraftQueries drafts, CancellationToken cancel)
    {
        var asked = await actions.AskOfDraftAsync(caller, id, new(From: request.From, Until: request.Until, LoggedBy: request.LoggedBy), cancel);
        return Asked((await drafts.FindAsync(caller, id, cancel))?.Key ?? "", asked);
    }

    /// <summary>Newest first, with those still running.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<PolicyEvaluationView>>, ProblemHttpResult>> List(string key, Caller caller, PolicyEvaluationQueries evaluations, CancellationToken cancel) =>
        Answer(await evaluations.ListAsync(caller, key, cancel));

    /// <summary>State and progress, and the result once it is made.</summary>
    internal static async Task<Results<JsonHttpResult<PolicyEvaluationView>, ProblemHttpResult>> Get(string key, Guid id, Caller caller, PolicyEvaluationQueries evaluations, CancellationToken cancel) =>
        Answer(await evaluations.FindAsync(caller, key, id, cancel));

    /// <summary>Launches of one decision point whose value was foretold, and what was observed.</summary>
    internal static async Task<Results<JsonHttpResult<TrackRecord>, ProblemHttpResult>> TrackRecordOf(string key, Caller caller, PolicyEvaluationQueries evaluations, CancellationToken cancel) =>
        Answer(await evaluations.TrackRecordAsync(caller, key, cancel));

    /// <summary>The same over all decision points.</summary>
    internal static async Task<Results<JsonHttpResult<TrackRecord>, ProblemHttpResult>> AllTrackRecords(Caller caller, PolicyEvaluationQueries evaluations, CancellationToken cancel) =>
        Answer(await evaluations.TrackRecordAsync(caller, null, cancel));

    private static Results<Accepted<AskedEvaluation>, ProblemHttpResult> Asked(string key, Answered<Guid> asked) =>
        asked.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/decision-points/{key}/policy-evaluations/{asked.Value}", new AskedEvaluation(asked.Value));

    private static Results<JsonHttpResult<T>, ProblemHttpResult> Answer<T>(Answered<T> answered) =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, PolicyJson.Options);

    /// <param name="From">Decisions from this time on; null from the first.</param>
    /// <param name="Until">Decisions before this time; null to the last.</param>
    /// <param name="LoggedBy">Only decisions of this version; null any.</param>
    public sealed record ValueWindow(DateTimeOffset? From = null, DateTimeOffset? Until = null, int? LoggedBy = null);

    /// <param name="Id">Of the evaluation, and of its run under <c>/api/jobs</c>.</param>
    public sealed record AskedEvaluation(Guid Id);
}
