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
        group.MapPost("/{id:guid}/approval", AskApproval).WithName("askApproval");
        group.MapPost("/{id:guid}/approve", Approve).WithName("approveExperiment");
        group.MapPost("/{id:guid}/reject", Reject).WithName("rejectExperiment");
        group.MapPost("/{id:guid}/stop", Stop).WithName("stopExperiment");
        group.MapGet("/{id:guid}/history", History).WithName("getExperimentHistory");
        group.MapGet("/{id:guid}/ship", PreviewShip).WithName("previewShip");
        group.MapPost("/{id:guid}/ship", Ship).WithName("shipExperiment");
        group.MapPost("/{id:guid}/revert", Revert).WithName("revertExperiment");
        routes.MapExperimentDesign();
        routes.MapReports();
        routes.MapReportShares();
    }

    /// <summary>All experiments, or those of one decision point.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<ExperimentView>>, ProblemHttpResult>> List(
        string? decisionPoint, Caller caller, ExperimentQueries experiments, CancellationToken cancel)
    {
        var answered = await experiments.ListAsync(caller, decisionPoint, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : Json(answered.Value!);
    }

    /// <summary>Makes a draft of an experiment; nothing changes for anybody until it is started.</summary>
    internal static async Task<Results<Created<CreatedExperiment>, ProblemHttpResult>> Create(NewExperiment request, Caller caller, ExperimentActions actions, CancellationToken cancel)
    {
        var answered = await actions.CreateAsync(caller, request, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Created($"/api/experiments/{answered.Value}", new CreatedExperiment(answered.Value));
    }

    /// <summary>An experiment with its plan.</summary>
    internal static async Task<Results<JsonHttpResult<ExperimentView>, ProblemHttpResult>> Get(Guid id, Caller caller, ExperimentQueries experiments, HttpResponse response, CancellationToken cancel)
    {
        var answered = await experiments.FindAsync(caller, id, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        response.Headers.ETag = $"\"{answered.Value!.Revision}\"";
        return Json(answered.Value);
    }

    /// <summary>Changes a draft. Send the revision that was read; another's change in between is refused with 412.</summary>
    internal static async Task<Results<Ok<ChangedExperiment>, ProblemHttpResult>> Change(Guid id, ChangeExperiment request, Caller caller, ExperimentActions actions, CancellationToken cancel)
    {
        var answered = await actions.ChangeAsync(caller, id, request.Revision, new(request.Key, request.Name, request.Hypothesis, request.Plan), cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new ChangedExperiment(answered.Value));
    }

    /// <summary>Deletes a draft; an experiment that was started stays.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, ExperimentActions actions, CancellationToken cancel) =>
        await actions.DeleteDraftAsync(caller, id, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>What speaks against a start, and what is in order.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<ChecklistItem>>, ProblemHttpResult>> Checklist(Guid id, Caller caller, ExperimentChecklist checklist, CancellationToken cancel)
    {
        var answered = await checklist.OfAsync(caller, id, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!.Items);
    }

    /// <summary>Starts an experiment: its plan is frozen, and units get arms from now on.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Start(Guid id, StartExperiment request, Caller caller, ExperimentLaunch launch, CancellationToken cancel) =>
        await launch.StartAsync(caller, id, request.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Where another person has to approve a start: asks for it, on the conditions of a start.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> AskApproval(Guid id, StartExperiment request, Caller caller, LaunchApprovals approvals, CancellationToken cancel) =>
        await approvals.AskAsync(caller, id, request.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Starts what another person asked for.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Approve(Guid id, ApproveExperiment request, Caller caller, LaunchApprovals approvals, CancellationToken cancel) =>
        await approvals.ApproveAsync(caller, id, request.Revision, request.Note, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Sends it back with a reason; who asked takes the request back in the same way.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Reject(Guid id, RejectExperiment request, Caller caller, LaunchApprovals approvals, CancellationToken cancel) =>
        await approvals.RejectAsync(caller, id, request.Note, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Stops an experiment: everyone gets what the blueprint decides.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Stop(Guid id, StopExperiment request, Caller caller, ExperimentActions actions, CancellationToken cancel) =>
        await actions.StopAsync(caller, id, request.Conclusion, request.Note, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Each step with who and why, oldest first.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<ExperimentStep>>, ProblemHttpResult>> History(Guid id, Caller caller, ExperimentHistory history, CancellationToken cancel)
    {
        var answered = await history.OfAsync(caller, id, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!);
    }

    /// <summary>What shipping the arm would change: which share of units, from which version to which, field by field.</summary>
    internal static async Task<Results<Ok<BlastRadius>, ProblemHttpResult>> PreviewShip(Guid id, string arm, Caller caller, ShipActions shipping, CancellationToken cancel)
    {
        var answered = await shipping.PreviewAsync(caller, id, arm, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!);
    }

    /// <summary>Stops the experiment when it runs and makes the arm what everyone gets; the baseline is an arm too.</summary>
    internal static async Task<Results<Ok<BlastRadius>, ProblemHttpResult>> Ship(Guid id, ShipExperiment request, Caller caller, ShipActions shipping, CancellationToken cancel)
    {
        var answered = await shipping.ShipAsync(caller, id, request.Arm, request.Note, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!);
    }

    /// <summary>Takes back what was shipped: the version before serves again.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Revert(Guid id, RevertExperiment request, Caller caller, ShipActions shipping, CancellationToken cancel) =>
        await shipping.RevertAsync(caller, id, request.Note, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    private static JsonHttpResult<T> Json<T>(T value) => TypedResults.Json(value, ExperimentJson.ReportOptions);

    public sealed record CreatedExperiment(Guid Id);

    /// <param name="Revision">The revision that was read.</param>
    public sealed record ChangeExperiment(long Revision, string Key, string Name, string? Hypothesis, ExperimentPlan Plan);

    public sealed record ChangedExperiment(long Revision);

    /// <param name="Reason">Why now; kept in the history. Needed where the checklist has rows that deserve a second look.</param>
    public sealed record StartExperiment([StringLength(500)] string? Reason = null);

    /// <param name="Revision">The revision that was read: nothing else is started.</param>
    public sealed record ApproveExperiment(long Revision, [StringLength(500)] string? Note = null);

    /// <param name="Note">Why; needed.</param>
    public sealed record RejectExperiment([StringLength(500)] string? Note = null);

    /// <param name="Conclusion">won, lost, inconclusive or invalid.</param>
    public sealed record StopExperiment(Conclusion Conclusion, string? Note = null);

    /// <param name="Arm">Key of the arm that everyone gets from now on.</param>
    /// <param name="Note">Why; kept in the history.</param>
    public sealed record ShipExperiment(string Arm, [StringLength(500)] string? Note = null);

    /// <param name="Note">Why; kept in the history.</param>
    public sealed record RevertExperiment([StringLength(500)] string? Note = null);
}
