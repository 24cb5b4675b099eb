using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Personalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>For whom the arms of an experiment work, and a policy from it.</summary>
public static class EffectsApi
{
    public static void MapEffects(this IEndpointRouteBuilder routes)
    {
        var experiment = routes.MapGroup("/api/experiments/{id:guid}/effects").WithTags("Experiments");
        experiment.MapPost("", Start).WithName("startEffects");
        experiment.MapGet("", List).WithName("listEffects");
        var effects = routes.MapGroup("/api/effects").WithTags("Experiments");
        effects.MapGet("/{id:guid}", Get).WithName("getEffects");
        effects.MapPost("/{id:guid}/policy", Propose).WithName("proposePolicy");
        effects.MapPost("/{id:guid}/policy-draft", Draft).WithName("draftPolicy");
    }

    /// <summary>Queues a run that estimates effects from everything that has come in until now. Follow it at <c>/api/jobs/{jobId}</c>.</summary>
    internal static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> Start(Guid id, EffectRequest request, Caller caller, EffectActions actions, CancellationToken cancel)
    {
        var started = await actions.StartAsync(caller, id, request, cancel);
        return started.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/jobs/{started.Value}", new StartedJob(started.Value));
    }

    /// <summary>The runs that estimated effects, newest first.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<EstimateSummary>>, ProblemHttpResult>> List(Guid id, Caller caller, EffectQueries effects, CancellationToken cancel) =>
        Answer(await effects.ListAsync(caller, id, cancel));

    /// <summary>Effects as stored, with every input that they were made from.</summary>
    internal static async Task<Results<JsonHttpResult<EffectView>, ProblemHttpResult>> Get(Guid id, Caller caller, EffectQueries effects, CancellationToken cancel) =>
        Answer(await effects.FindAsync(caller, id, cancel));

    /// <summary>The rule that these effects make, and what it is worth against giving everybody one arm. Nothing is stored.</summary>
    internal static async Task<Results<JsonHttpResult<PolicyProposal>, ProblemHttpResult>> Propose(
        Guid id, RuleQuestion request, Caller caller, PolicyDrafts policies, CancellationToken cancel) => Answer(await policies.ProposeAsync(caller, id, request, cancel));

    /// <summary>The same rule as a new draft of the decision point, its estimate in the note.</summary>
    internal static async Task<Results<Created<DraftView>, ProblemHttpResult>> Draft(Guid id, RuleQuestion request, Caller caller, PolicyDrafts policies, CancellationToken cancel)
    {
        var drafted = await policies.DraftAsync(caller, id, request, cancel);
        return drafted.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Created($"/api/drafts/{drafted.Value!.Id}", drafted.Value);
    }

    private static Results<JsonHttpResult<T>, ProblemHttpResult> Answer<T>(Answered<T> answered) =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value!, ExperimentJson.ReportOptions);
}
