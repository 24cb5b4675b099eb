using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Samples;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Looper.Web.Api;

/// <summary>Drafts: what the wizard and the editor do. A draft's revision is its ETag.</summary>
public static class DraftsApi
{
    public static void MapDrafts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/drafts").WithTags("Drafts");
        group.MapGet("", List).WithName("listDrafts");
        group.MapPost("", Create).WithName("createDraft");
        group.MapGet("/{id:guid}", Find).WithName("getDraft");
        group.MapPut("/{id:guid}", Change).WithName("changeDraft");
        group.MapDelete("/{id:guid}", Delete).WithName("deleteDraft");
        group.MapPost("/{id:guid}/infer", Infer).WithName("inferFeatures");
        group.MapPost("/{id:guid}/preview", Preview).WithName("previewDraft");
        group.MapPost("/{id:guid}/publish", Publish).WithName("publishDraft");
    }

    /// <summary>The drafts of decision points.</summary>
    internal static async Task<Ok<IReadOnlyList<DraftView>>> List(Caller caller, DraftQueries drafts, CancellationToken cancel) =>
        TypedResults.Ok(await drafts.ListAsync(caller, cancel));

    /// <summary>Begins a draft, from a template or from a decision point.</summary>
    internal static async Task<Results<Created<DraftView>, ProblemHttpResult>> Create(
        NewDraft request, Caller caller, DraftActions drafts, HttpResponse response, CancellationToken cancel)
    {
        var answered = await drafts.CreateAsync(caller, request, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        Tag(response, answered.Value!);
        return TypedResults.Created($"/api/drafts/{answered.Value!.Id}", answered.Value);
    }

    /// <summary>A draft with the faults that keep it from being published.</summary>
    internal static async Task<Results<Ok<DraftView>, ProblemHttpResult>> Find(Guid id, Caller caller, DraftQueries drafts, HttpResponse response, CancellationToken cancel)
    {
        if (await drafts.FindAsync(caller, id, cancel) is not { } draft) return Unknown(id).AsProblem();
        Tag(response, draft);
        return TypedResults.Ok(draft);
    }

    /// <summary>Replaces the draft. Needs the ETag last read in <c>If-Match</c>; 412 carries what is stored now as <c>theirs</c>.</summary>
    internal static async Task<Results<Ok<DraftView>, ProblemHttpResult>> Change(
        Guid id, DraftChange request, [FromHeader(Name = "If-Match")] string? ifMatch, Caller caller, DraftActions drafts, DraftQueries queries, HttpResponse response, CancellationToken cancel)
    {
        if (Revision(ifMatch) is not { } revision) return NeedsRevision();
        var answered = await drafts.ChangeAsync(caller, id, revision, request, cancel);
        if (answered.Refusal is { Code: "draft.changed-meanwhile" } changed)
            return TypedResults.Problem(changed.Reason, statusCode: StatusCodes.Status412PreconditionFailed,
                extensions: new Dictionary<string, object?> { ["code"] = changed.Code, ["theirs"] = await queries.FindAsync(caller, id, cancel) });
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        Tag(response, answered.Value!);
        return TypedResults.Ok(answered.Value);
    }

    /// <summary>Deletes a draft; what is published stays.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Caller caller, DraftActions drafts, CancellationToken cancel) =>
        await drafts.DeleteAsync(caller, id, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>What a pasted sample says about the features. Nothing is stored.</summary>
    internal static async Task<Results<Ok<InferredSample>, ProblemHttpResult>> Infer(Guid id, SampleRequest request, Caller caller, DraftQueries drafts, CancellationToken cancel)
    {
        if (caller.Lacks(Right.EditDrafts) is { } denied) return denied.AsProblem();
        if (await drafts.FindAsync(caller, id, cancel) is not { } draft) return Unknown(id).AsProblem();
        var answered = SampleInference.Infer(request.Sample, SampleContext.Of(draft.Content) with { OfCandidates = request.OfCandidates });
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>What publishing would change. Null for a first version, or while the draft has faults.</summary>
    internal static async Task<Results<Ok<DraftPreview>, ProblemHttpResult>> Preview(Guid id, Caller caller, DraftQueries drafts, CancellationToken cancel)
    {
        if (await drafts.FindAsync(caller, id, cancel) is not { } draft) return Unknown(id).AsProblem();
        return TypedResults.Ok(new DraftPreview(BlueprintSummary.Paragraph(draft.Key, draft.Content), draft.Faults, draft.Warnings, await drafts.PreviewAsync(caller, id, cancel)));
    }

    /// <summary>Publishes a draft as the next version of its decision point; it serves within seconds.</summary>
    internal static async Task<Results<Created<BlueprintView>, ProblemHttpResult>> Publish(
        Guid id, PublishRequest request, Caller caller, DraftActions drafts, CancellationToken cancel)
    {
        var answered = await drafts.PublishAsync(caller, id, request.Revision, request.Note, cancel, request.Against);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        return TypedResults.Created($"/api/decision-points/{answered.Value!.Key}/blueprints/{answered.Value.Version}", answered.Value);
    }

    private static void Tag(HttpResponse response, DraftView draft) => response.Headers.ETag = $"\"{draft.Revision}\"";

    // A proxy that compresses answers makes the tag a weak one, W/"3", of the same revision.
    private static long? Revision(string? ifMatch) => EntityTagHeaderValue.TryParse(ifMatch, out var tag) && long.TryParse(tag.Tag.AsSpan().Trim('"'), out var revision)
        || long.TryParse(ifMatch, out revision) ? revision : null;

    private static ProblemHttpResult NeedsRevision() => TypedResults.Problem(
        "If-Match: send the ETag of the draft as you read it, so that nobody’s change is overwritten unseen.", statusCode: StatusCodes.Status428PreconditionRequired,
        extensions: new Dictionary<string, object?> { ["code"] = "draft.revision-required", ["field"] = "If-Match" });

    private static Refusal Unknown(Guid id) => new("draft.unknown", $"There is no draft {id}; it was published or deleted.");

    /// <param name="OfCandidates">The rows are candidates; of a decide request, its candidates are read.</param>
    public sealed record SampleRequest(string Sample, bool OfCandidates = false);

    /// <param name="Revision">The draft as it was reviewed; null publishes whatever is stored.</param>
    /// <param name="Against">The version it was compared with and may replace; null for the one the draft was begun from.</param>
    public sealed record PublishRequest(long? Revision = null, string? Note = null, int? Against = null);

    public sealed record DraftPreview(string Summary, IReadOnlyList<Refusal> Faults, IReadOnlyList<string> Warnings, BlueprintDiff? Diff);
}
