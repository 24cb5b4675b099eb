using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Decisions.Retention;
using Looper.Core.Runs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What is stored and for how long; removing what is old, and erasing a unit.</summary>
public static class DataSettingsApi
{
    public static void MapDataSettings(this IEndpointRouteBuilder routes)
    {
        var settings = routes.MapGroup("/api/settings/data").WithTags("Settings");
        settings.MapGet("", Find).WithName("getDataSettings");
        settings.MapPut("", Change).WithName("setRetention");
        settings.MapPost("/purge", Purge).WithName("purgeEvents");
        routes.MapPut("/api/decision-points/{key}/retention", ChangePoint).WithName("setPointRetention").WithTags("Decision points");
        var erasures = routes.MapGroup("/api/erasures").WithTags("Settings");
        erasures.MapPost("", Erase).WithName("eraseUnit");
        erasures.MapGet("/{id:guid}", FindErasure).WithName("getErasure");
    }

    /// <summary>Sizes, growth, and days kept.</summary>
    internal static async Task<Results<Ok<StorageView>, ProblemHttpResult>> Find(Caller caller, StorageQueries storage, CancellationToken cancel)
    {
        var found = await storage.FindAsync(caller, cancel);
        return found.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(found.Value);
    }

    /// <summary>Sets for how many days decisions and outcomes are kept.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Change(RetentionChange request, Caller caller, Retentions retentions, CancellationToken cancel) =>
        await retentions.ChangeAsync(caller, null, request.Days, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Sets for how many days a decision point's events are kept; null follows the installation again.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> ChangePoint(string key, RetentionChange request, Caller caller, Retentions retentions, CancellationToken cancel) =>
        await retentions.ChangeAsync(caller, key, request.Days, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Starts now what runs once a day. Follow it at <c>/api/jobs/{jobId}</c>.</summary>
    internal static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> Purge(Caller caller, JobRequests jobs, CancellationToken cancel)
    {
        var run = await jobs.EnqueueAsync(caller, JobKinds.PurgeEvents, null, "", "{}", cancel);
        return run.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/jobs/{run.Value}", new StartedJob(run.Value));
    }

    /// <summary>Removes everything logged of a unit, for good, and answers with a signed receipt.</summary>
    internal static async Task<Results<Ok<ErasureReceipt>, ProblemHttpResult>> Erase(ErasureRequest request, Caller caller, ErasureActions erasures, CancellationToken cancel)
    {
        var erased = await erasures.EraseAsync(caller, request.Unit, request.Confirm, cancel);
        return erased.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(erased.Value);
    }

    /// <summary>The signed receipt of an erasure.</summary>
    internal static async Task<Results<Ok<ErasureReceipt>, ProblemHttpResult>> FindErasure(Guid id, Caller caller, ErasureActions erasures, CancellationToken cancel)
    {
        var found = await erasures.FindAsync(caller, id, cancel);
        return found.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(found.Value);
    }

    public sealed record RetentionChange(int? Days);

    /// <param name="Confirm">The same again.</param>
    public sealed record ErasureRequest(string Unit, string Confirm);
}
