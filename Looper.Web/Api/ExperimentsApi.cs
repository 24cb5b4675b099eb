using System.ComponentModel.DataAnnotations;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class ExperimentsApi
{
    public static void MapExperiments(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/experiments").WithTags("Experiments");
        group.MapGet("", List).WithName("listExperiments");
        group.MapPost("", Create).WithName("createExperiment");
        group.MapGet("/{id:guid}", Get).WithName("getExperiment");
        group.MapPut("/{id:guid}", Change).WithName("changeExperiment");
        group.MapDelete("/{id:guid}", Delete).WithName("deleteExperiment");
        group.MapGet("/{id:guid}/checklist", Checklist).WithName("getExperimentChecklist");
        group.MapPost("/{id:guid}/start", Start).WithName("startExperiment");
        group.MapPost("/{id:guid}/stop", Stop).WithName("stopExperiment");
        routes.MapReports();
    }

    internal static async Task<Results<JsonHttpResult<IReadOnlyList<ExperimentView>>, ProblemHttpResult>> List(
        string? decisionPoint, Caller caller, ExperimentQueries experiments, CancellationToken cancel)
    {
        var answered = await experiments.ListAsync(caller, decisionPoint, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : Json(answered.Value!);
    }

    internal static async Task<Results<Created<CreatedExperiment>, ProblemHttpResult>> Create(NewExperiment request, Caller caller, ExperimentActions actions, CancellationToken cancel)
    {
        var answered = await actions.CreateAsync(caller, request, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Created($"/api/experiments/{answered.Value}", new CreatedExperiment(answered.Value));
    }

    internal static async Task<Results<JsonHttpResult<ExperimentView>, ProblemHttpResult>> Get(Guid id, Caller caller, ExperimentQueries experiments, HttpResponse response, CancellationToken cancel)
    {
        var answered = await experiments.FindAsync(caller, id, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        response.Headers.ETag = $"\"{answered.Value!.Revision}\"";
        return Json(answered.Value);
    }

    /// <summary>Send the revision that was read; another's change in between is refused with 412.</summary>
    internal static async Task<Results<Ok<ChangedExperiment>, ProblemHttpResult>> Change(Guid id, ChangeExperiment request, Caller caller, ExperimentActions actions, CancellationToken cancel)
    {
        var answered = await actions.ChangeAsync(caller, id, request.Revision, new(request.Key, request.Name, request.Hypothesis, request.Plan), cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new ChangedExperiment(answered.Value));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, ExperimentActions actions, CancellationToken cancel) =>
        await actions.DeleteDraftAsync(caller, id, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    internal static async Task<Results<Ok<IReadOnlyList<ChecklistItem>>, ProblemHttpResult>> Checklist(Guid id, Caller caller, ExperimentChecklist checklist, CancellationToken cancel)
    {
        var answered = await checklist.OfAsync(caller, id, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!.Items);
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> Start(Guid id, StartExperiment request, Caller caller, ExperimentActions actions, CancellationToken cancel) =>
        await actions.StartAsync(caller, id, request.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    internal static async Task<Results<NoContent, ProblemHttpResult>> Stop(Guid id, StopExperiment request, Caller caller, ExperimentActions actions, CancellationToken cancel) =>
        await actions.StopAsync(caller, id, request.Conclusion, request.Note, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    private static JsonHttpResult<T> Json<T>(T value) => TypedResults.Json(value, ExperimentJson.ReportOptions);

    public sealed record CreatedExperiment(Guid Id);

    /// <param name="Revision">The revision that was read.</param>
    public sealed record ChangeExperiment(long Revision, string Key, string Name, string? Hypothesis, ExperimentPlan Plan);

    public sealed record ChangedExperiment(long Revision);

    /// <param name="Reason">Why now; kept in the audit.</param>
    public sealed record StartExperiment([StringLength(500)] string? Reason = null);

    /// <param name="Conclusion">won, lost, inconclusive or invalid.</param>
    public sealed record StopExperiment(Conclusion Conclusion, string? Note = null);
}
