using System.Text.Json;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions.Import;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Looper.Web.Api;

/// <summary>Files of past decisions: sent once, streamed to disk, read by a job.</summary>
public static class ImportsApi
{
    private const int MaxMapping = 1_048_576;

    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/imports").WithTags("Imports");
        group.MapGet("/{id:guid}/refused", Refused).WithName("downloadRefusedRows");
        group.MapPost("", Start).WithName("startImport").Accepts<ImportForm>("multipart/form-data");
    }

    /// <summary>Takes <c>multipart/form-data</c>: first <c>mapping</c> (JSON), then <c>file</c> (CSV with a header, plain or gzipped, up to 1 GiB).
    /// Answers with the job to follow at <c>/api/jobs/{jobId}</c>; its log says how many rows
    /// were refused for each reason and where the first are; <c>/api/imports/{jobId}/refused</c> has them all.</summary>
    internal static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> Start(HttpContext http, Caller caller, ImportActions imports, CancellationToken cancel)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = ImportActions.MaxBytes;
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
            return Invalid("request", "Request: send multipart/form-data with the parts `mapping` (JSON) and `file` (CSV), in this order.");
        var parts = new MultipartReader(boundary.Value!, http.Request.Body);
        try
        {
            if (await NextAsync(parts, "mapping", cancel) is not { } first) return Invalid("mapping", "Mapping: the first part must be named `mapping` and hold JSON. Put it before the file.");
            var read = await ReadMappingAsync(first.Body, cancel);
            if (read.Refusal is { } malformed) return malformed.AsProblem();
            if (await imports.CheckAsync(caller, read.Value!, cancel) is { Refusal: { } refusal }) return refusal.AsProblem();
            if (await NextAsync(parts, "file", cancel) is not { } second) return Invalid("file", "File: the second part must be named `file` and hold the CSV. Send it after the mapping.");
            var started = await imports.StartAsync(caller, read.Value!, second.Body, cancel);
            return started.Refusal is { } no ? no.AsProblem() : TypedResults.Accepted($"/api/jobs/{started.Value}", new StartedJob(started.Value));
        }
        catch (InvalidDataException fault)
        {
            return Invalid("request", $"Request: it is not well-formed multipart/form-data. {fault.Message} Send it again.");
        }
        catch (IOException fault) when (fault is not BadHttpRequestException && !cancel.IsCancellationRequested && fault.Message.Contains("end of", StringComparison.OrdinalIgnoreCase))
        {
            return Invalid("request", "Request: it ended before its last part was complete. Send it again.");
        }
    }

    /// <summary>The rows that the import refused, as CSV: the columns of the file, then <c>refused_line</c>, <c>refused_field</c> and <c>refused_reason</c>.
    /// Put right, they can be imported as a file of their own.</summary>
    internal static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> Refused(Guid id, Caller caller, ImportActions imports, CancellationToken cancel)
    {
        var found = await imports.RefusedAsync(caller, id, cancel);
        return found.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.PhysicalFile(found.Value!, "text/csv", $"refused-{id:N}.csv");
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader parts, string name, CancellationToken cancel) =>
        await parts.ReadNextSectionAsync(cancel) is { } section && section.GetContentDispositionHeader()?.Name is { HasValue: true } is_named
            && HeaderUtilities.RemoveQuotes(is_named).Equals(name, StringComparison.Ordinal) ? section : null;

    private static async Task<Answered<ImportMapping>> ReadMappingAsync(Stream body, CancellationToken cancel)
    {
        var text = new MemoryStream();
        var buffer = new byte[16_384];
        for (int got; (got = await body.ReadAsync(buffer, cancel)) > 0;)
        {
            text.Write(buffer, 0, got);
            if (text.Length > MaxMapping) return new Refusal(ImportMappingInvalid, "Mapping: it is larger than 1 MB. Map only the columns that matter.", "mapping");
        }
        try
        {
            return JsonSerializer.Deserialize<ImportMapping>(text.ToArray(), BlueprintJson.Options) is { } mapping
                ? mapping : new Refusal(ImportMappingInvalid, "Mapping: it is empty. Name at least `decisionPoint` and `option`.", "mapping");
        }
        catch (JsonException fault)
        {
            var malformed = BlueprintJson.Malformed(fault, "as a whole");
            return new Refusal(ImportMappingInvalid, $"Mapping, {malformed.Reason}", malformed.Field is null ? "mapping" : $"mapping.{malformed.Field}");
        }
    }

    private const string ImportMappingInvalid = "import.invalid";

    private static ProblemHttpResult Invalid(string field, string reason) => new Refusal(ImportMappingInvalid, reason, field).AsProblem();

    /// <summary>The parts, for the API document.</summary>
    public sealed record ImportForm(ImportMapping Mapping, IFormFile File);
}
