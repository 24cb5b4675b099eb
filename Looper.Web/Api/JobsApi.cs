using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Runs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>Work that runs in the background: what there is, how far it is, and ending it.</summary>
public static class JobsApi
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/jobs").WithTags("Jobs");
        group.MapGet("/", List).WithName("listJobs");
        group.MapGet("/{id:guid}", Find).WithName("findJob");
        group.MapPost("/{id:guid}/cancel", Cancel).WithName("cancelJob");
        group.MapPost("/{id:guid}/retry", Retry).WithName("retryJob");
    }

    /// <summary>Runs in the background, newest first.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<JobRunView>>, ProblemHttpResult>> List(
        Caller caller, JobRunQueries runs, CancellationToken cancel, string? kind = null, bool open = false, DateTimeOffset? before = null, int size = 50)
    {
        var found = await runs.ListAsync(caller, new JobRunFilter(Kind: kind, OpenOnly: open, Before: before, Take: size), cancel);
        return found.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(found.Value!);
    }

    /// <summary>The run with its log after line <paramref name="after"/>.</summary>
    internal static async Task<Results<Ok<JobWithLog>, ProblemHttpResult>> Find(
        Guid id, Caller caller, JobRunQueries runs, CancellationToken cancel, long after = 0, int lines = 1_000)
    {
        var run = await runs.FindAsync(caller, id, cancel);
        if (run.Refusal is { } refusal) return refusal.AsProblem();
        var log = await runs.LogAsync(caller, id, after, lines, cancel);
        return log.Refusal is { } noLog ? noLog.AsProblem() : TypedResults.Ok(new JobWithLog(run.Value!, log.Value!));
    }

    /// <summary>Asks a run to stop.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Cancel(Guid id, Caller caller, JobRunActions actions, CancellationToken cancel) =>
        await actions.CancelAsync(caller, id, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Queues a new run with the input of one that ended.</summary>
    internal static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> Retry(Guid id, Caller caller, JobRunActions actions, CancellationToken cancel)
    {
        var started = await actions.RepeatAsync(caller, id, cancel);
        return started.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/jobs/{started.Value}", new StartedJob(started.Value));
    }
}

public sealed record JobWithLog(JobRunView Run, IReadOnlyList<JobLogView> Log);

/// <param name="JobId">Follow it at <c>/api/jobs/{jobId}</c>.</param>
public sealed record StartedJob(Guid JobId);
