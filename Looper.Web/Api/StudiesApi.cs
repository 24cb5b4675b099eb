using System.ComponentModel.DataAnnotations;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Studies;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class StudiesApi
{
    public static void MapStudies(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/studies").WithTags("Studies");
        group.MapGet("", List).WithName("listStudies");
        group.MapPost("", Create).WithName("createStudy");
        group.MapGet("/{id:guid}", Get).WithName("getStudy");
        group.MapDelete("/{id:guid}", Delete).WithName("deleteStudy");
        group.MapGet("/{id:guid}/trials", Trials).WithName("listTrials");
        group.MapGet("/{id:guid}/surface", Surface).WithName("getStudySurface");
        group.MapPost("/{id:guid}/start", Start).WithName("startStudy");
        group.MapPost("/{id:guid}/pause", Pause).WithName("pauseStudy");
        group.MapPost("/{id:guid}/resume", Resume).WithName("resumeStudy");
        group.MapPost("/{id:guid}/stop", Stop).WithName("stopStudy");
        group.MapPost("/{id:guid}/ask", Ask).WithName("askForTrials");
        group.MapPost("/{id:guid}/tell", Told).WithName("tellTrial");
        group.MapPost("/{id:guid}/trials/{number:int}/strike-out", StrikeOut).WithName("strikeOutTrial");
        group.MapPost("/{id:guid}/trials/{number:int}/draft", Draft).WithName("draftTrial");
        group.MapPost("/{id:guid}/trials/{number:int}/confirm", Confirm).WithName("confirmTrial");
    }

    /// <summary>All studies.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<StudyView>>, ProblemHttpResult>> List(string? decisionPoint, Caller caller, StudyQueries studies, CancellationToken cancel) =>
        Answer(await studies.ListAsync(caller, decisionPoint, cancel));

    /// <summary>Makes a draft of a study.</summary>
    internal static async Task<Results<Created<CreatedStudy>, ProblemHttpResult>> Create(NewStudy request, Caller caller, StudyActions actions, CancellationToken cancel)
    {
        var answered = await actions.CreateAsync(caller, request, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Created($"/api/studies/{answered.Value}", new CreatedStudy(answered.Value));
    }

    /// <summary>A study with its trials, the best so far, importance, and what comes next and why.</summary>
    internal static async Task<Results<JsonHttpResult<StudyProgress>, ProblemHttpResult>> Get(Guid id, Caller caller, StudyQueries studies, CancellationToken cancel) =>
        Answer(await studies.FindAsync(caller, id, cancel));

    /// <summary>Deletes a draft; a study that was started stays.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, StudyActions actions, CancellationToken cancel) =>
        await actions.DeleteDraftAsync(caller, id, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>The settings that a study tried or will try, with what was measured.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<TrialView>>, ProblemHttpResult>> Trials(Guid id, Caller caller, StudyQueries studies, CancellationToken cancel)
    {
        var found = await studies.FindAsync(caller, id, cancel);
        return Answer(found.Refusal is { } refusal ? refusal : new Answered<IReadOnlyList<TrialView>>(found.Value!.Trials, null));
    }

    /// <summary>What the model expects of a metric along one parameter, or over two.</summary>
    internal static async Task<Results<JsonHttpResult<object>, ProblemHttpResult>> Surface(
        Guid id, string x, string? y, string? metric, Caller caller, StudyQueries studies, CancellationToken cancel)
    {
        var found = await studies.AnalysisAsync(caller, id, cancel);
        if (found.Refusal is { } refusal) return refusal.AsProblem();
        var of = metric ?? found.Value!.Problem.Goals[0].Metric;
        object? surface = y is null ? StudySurface.SliceOf(found.Value!, x, of) : StudySurface.ContourOf(found.Value!, x, y, of);
        return surface is null
            ? new Refusal("surface.unknown", "Nothing is known there: no trial is measured yet, or a parameter or the metric is none of the study's.", "x").AsProblem()
            : TypedResults.Json(surface, StudyJson.Options);
    }

    /// <summary>Starts a study: parameters, goals and guardrails are frozen.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Start(Guid id, Caller caller, StudyActions actions, CancellationToken cancel) =>
        await actions.StartAsync(caller, id, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Tries nothing new until the study is resumed.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Pause(Guid id, Why request, Caller caller, StudyActions actions, CancellationToken cancel) =>
        await actions.PauseAsync(caller, id, request.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Lets a paused study go on.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Resume(Guid id, Caller caller, StudyActions actions, CancellationToken cancel) =>
        await actions.ResumeAsync(caller, id, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Ends a study for good; measured trials stay.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Stop(Guid id, Why request, Caller caller, StudyActions actions, CancellationToken cancel) =>
        await actions.StopAsync(caller, id, request.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Trials to measure. Those asked for before and not told yet come first.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<Asked>>, ProblemHttpResult>> Ask(Guid id, AskFor request, Caller caller, AskTell askTell, CancellationToken cancel) =>
        Answer(await askTell.AskAsync(caller, id, request.Count, cancel));

    /// <summary>What came of a trial. The same may be told twice.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Told(Guid id, Tell request, Caller caller, AskTell askTell, CancellationToken cancel) =>
        await askTell.TellAsync(caller, id, request, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Strikes out a trial that is waiting; it is not measured.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> StrikeOut(Guid id, int number, Why request, Caller caller, StudyActions actions, CancellationToken cancel) =>
        await actions.VetoAsync(caller, id, number, request.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>The trial's values as a draft of the blueprint.</summary>
    internal static async Task<Results<Ok<Drafted>, ProblemHttpResult>> Draft(Guid id, int number, Caller caller, TrialShipping actions, CancellationToken cancel)
    {
        var answered = await actions.DraftAsync(caller, id, number, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new Drafted(answered.Value));
    }

    /// <summary>A drafted experiment of the trial's values against the present policy.</summary>
    internal static async Task<Results<Ok<Drafted>, ProblemHttpResult>> Confirm(Guid id, int number, Caller caller, TrialShipping actions, CancellationToken cancel)
    {
        var answered = await actions.ConfirmAsync(caller, id, number, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new Drafted(answered.Value));
    }

    private static Results<JsonHttpResult<T>, ProblemHttpResult> Answer<T>(Answered<T> answered) =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value!, StudyJson.Options);

    public sealed record CreatedStudy(Guid Id);

    /// <param name="Id">Of the draft, or of the drafted experiment.</param>
    public sealed record Drafted(Guid Id);

    /// <param name="Reason">Kept in the audit.</param>
    public sealed record Why([StringLength(500)] string? Reason = null);

    /// <param name="Count">Trials to run side by side.</param>
    public sealed record AskFor(int Count = 1);
}
