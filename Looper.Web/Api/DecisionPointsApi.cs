using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>Decision points and their versions.</summary>
public static class DecisionPointsApi
{
    public static void MapDecisionPoints(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/decision-points").WithTags("Decision points");
        group.MapGet("", List).WithName("listDecisionPoints");
        group.MapGet("/{key}", Find).WithName("getDecisionPoint");
        group.MapPatch("/{key}", Describe).WithName("describeDecisionPoint");
        group.MapPost("/{key}/pause", Pause).WithName("pauseDecisionPoint");
        group.MapPost("/{key}/resume", Resume).WithName("resumeDecisionPoint");
        group.MapPost("/{key}/archive", Archive).WithName("archiveDecisionPoint");
        group.MapPost("/{key}/restore", Restore).WithName("restoreDecisionPoint");
        group.MapPost("/{key}/clear", Clear).WithName("clearDecisionPoint");
        group.MapGet("/{key}/blueprints", Versions).WithName("listBlueprints");
        group.MapPost("/{key}/blueprints", Publish).WithName("publishBlueprint");
        group.MapGet("/{key}/blueprints/{version:int}", Version).WithName("getBlueprint");
        group.MapPost("/{key}/blueprints/{version:int}/restore", GoBack).WithName("restoreBlueprint");
        group.MapGet("/{key}/blueprints/{older:int}/diff/{newer:int}", Diff).WithName("diffBlueprints");
        group.MapGet("/{key}/blueprint.yaml", Yaml).WithName("exportBlueprint");
    }

    /// <summary>All decision points, and where each stands.</summary>
    internal static async Task<Ok<IReadOnlyList<DecisionPointView>>> List(Caller caller, DecisionPointQueries points, CancellationToken cancel) =>
        TypedResults.Ok(await points.ListAsync(caller, cancel));

    /// <summary>A decision point, and where it stands.</summary>
    internal static async Task<Results<Ok<DecisionPointView>, ProblemHttpResult>> Find(string key, Caller caller, DecisionPointQueries points, CancellationToken cancel) =>
        await points.FindAsync(caller, key, cancel) is { } point ? TypedResults.Ok(point) : Unknown(key);

    /// <summary>Changes the name, and the description where one is given.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Describe(
        string key, DescribeRequest request, Caller caller, DecisionPointActions points, CancellationToken cancel) =>
        Done(await points.DescribeAsync(caller, key, request.Name, request.Description, cancel, request.Revision));

    /// <summary>Answers every call with the default until it is resumed.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Pause(string key, PauseRequest request, Caller caller, DecisionPointActions points, CancellationToken cancel) =>
        Done(await points.PauseAsync(caller, key, request.Reason, cancel));

    /// <summary>Lets a paused decision point decide again.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Resume(string key, Caller caller, DecisionPointActions points, CancellationToken cancel) =>
        Done(await points.ResumeAsync(caller, key, cancel));

    /// <summary>Puts a decision point away; calls to it get the default.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Archive(string key, Caller caller, DecisionPointActions points, CancellationToken cancel) =>
        Done(await points.ArchiveAsync(caller, key, cancel));

    /// <summary>Brings an archived decision point back.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Restore(string key, Caller caller, DecisionPointActions points, CancellationToken cancel) =>
        Done(await points.RestoreAsync(caller, key, cancel));

    /// <summary>Removes the logged decisions and their outcomes for good; the key must be repeated.</summary>
    internal static async Task<Results<Ok<ClearedEvents>, ProblemHttpResult>> Clear(string key, ClearRequest request, Caller caller, ClearActions clearing, CancellationToken cancel)
    {
        var answered = await clearing.ClearAsync(caller, key, request.Confirm, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>The published versions.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<VersionView>>, ProblemHttpResult>> Versions(string key, Caller caller, VersionQueries versions, CancellationToken cancel) =>
        await versions.ListAsync(caller, key, cancel) is { Count: > 0 } all ? TypedResults.Ok(all) : Unknown(key);

    /// <summary>Publishes the draft of this decision point; a first version is published by the draft's id.</summary>
    internal static async Task<Results<Created<BlueprintView>, ProblemHttpResult>> Publish(
        string key, PublishBlueprint request, Caller caller, DecisionPointQueries points, DraftQueries open, DraftActions drafts, CancellationToken cancel)
    {
        if (request.Draft is { } named && (await open.FindAsync(caller, named, cancel))?.Key != key)
            return new Refusal("draft.unknown", $"Draft: there is no draft {named} of `{Cut(key)}`; it was published or deleted, or is another decision point's. Look at the list of drafts.", "draft").AsProblem();
        var draft = request.Draft ?? (await points.FindAsync(caller, key, cancel))?.DraftId;
        if (draft is not { } id) return new Refusal("draft.unknown", $"`{key}` has no draft to publish. Make one with POST /api/drafts, or name it in `draft`.", "draft").AsProblem();
        return await DraftsApi.Publish(id, new(request.Revision, request.Note, request.Against), caller, drafts, cancel);
    }

    /// <summary>A published version with its content.</summary>
    internal static async Task<Results<Ok<BlueprintView>, ProblemHttpResult>> Version(string key, int version, Caller caller, VersionQueries versions, CancellationToken cancel)
    {
        var read = await versions.ReadAsync(caller, key, version, cancel);
        return read.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(read.Value);
    }

    /// <summary>Publishes the content of an earlier version again, as the next version.</summary>
    internal static async Task<Results<Created<BlueprintView>, ProblemHttpResult>> GoBack(
        string key, int version, NoteRequest request, Caller caller, DecisionPointActions points, CancellationToken cancel)
    {
        var answered = await points.GoBackAsync(caller, key, version, request.Note, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        return TypedResults.Created($"/api/decision-points/{key}/blueprints/{answered.Value!.Version}", answered.Value);
    }

    /// <summary>What differs between two versions, field by field.</summary>
    internal static async Task<Results<Ok<DiffView>, ProblemHttpResult>> Diff(string key, int older, int newer, Caller caller, VersionQueries versions, CancellationToken cancel)
    {
        var compared = await versions.DiffAsync(caller, key, older, newer, cancel);
        return compared.Value is not { } diff ? compared.Refusal!.AsProblem()
            : TypedResults.Ok(new DiffView(older, newer, diff.InWords, diff.Changes, diff.Compatibility, string.Concat(diff.Yaml.Select(l => $"{l.Mark} {l.Text}\n"))));
    }

    /// <summary>A published version as YAML, the present one when none is named.</summary>
    internal static async Task<Results<ContentHttpResult, ProblemHttpResult>> Yaml(string key, int? version, Caller caller, VersionQueries versions, CancellationToken cancel)
    {
        var read = await versions.ReadAsync(caller, key, version ?? 0, cancel);
        return read.Value is not { } blueprint ? read.Refusal!.AsProblem()
            : TypedResults.Text(BlueprintYaml.Export(key, blueprint.Version, blueprint.Hash, blueprint.Content), "application/yaml; charset=utf-8");
    }

    internal static ProblemHttpResult Unknown(string key) =>
        new Refusal("decision-point.unknown", $"There is no decision point `{Cut(key)}`. Check the key, or look at the list.").AsProblem();

    private static string Cut(string key) => key.Length <= 64 ? key : key[..64] + "…";

    private static Results<NoContent, ProblemHttpResult> Done(Refusal? refusal) => refusal is not null ? refusal.AsProblem() : TypedResults.NoContent();

    /// <param name="Description">Null leaves it as it is; an empty one takes it away.</param>
    /// <param name="Revision">Of the decision point as it was read; 412 where somebody changed it since. Null asks for none.</param>
    public sealed record DescribeRequest(string Name, string? Description = null, long? Revision = null);

    public sealed record PauseRequest(string? Reason = null);

    /// <param name="Confirm">The decision point's key, typed again.</param>
    public sealed record ClearRequest(string Confirm);

    public sealed record NoteRequest(string? Note = null);

    /// <param name="Draft">Id of the draft; needed for a first version.</param>
    /// <param name="Against">The version it was compared with and may replace; null for the one the draft was begun from.</param>
    public sealed record PublishBlueprint(Guid? Draft = null, long? Revision = null, string? Note = null, int? Against = null);

    /// <param name="Yaml">Lines that begin with a space, a minus or a plus.</param>
    public sealed record DiffView(int Older, int Newer, string InWords, IReadOnlyList<BlueprintChange> Changes, Compatibility Compatibility, string Yaml);
}
