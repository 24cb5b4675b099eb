using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.AsCode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Looper.Web.Api;

/// <summary>Decision points as one YAML file: out, held against what is published, and in again.</summary>
public static class ConfigurationApi
{
    public static void MapConfiguration(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api").WithTags("Configuration as code");
        group.MapGet("/configuration.yaml", Export).WithName("exportConfiguration");
        group.MapPost("/apply", Apply).WithName("applyConfiguration").Accepts<string>("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml");
    }

    /// <summary>The published decision points as one YAML file, or those that are named by <c>decisionPoint</c>, each as often as needed. Archived and simulated ones are in it only
    /// where they are named.</summary>
    internal static async Task<Results<ContentHttpResult, ProblemHttpResult>> Export([FromQuery] string[] decisionPoint, Caller caller, PointsFileQueries files, CancellationToken cancel)
    {
        var read = await files.ExportAsync(caller, decisionPoint, cancel);
        return read.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Text(read.Value!, "application/yaml; charset=utf-8");
    }

    /// <summary>Applies such a file, of at most 1 MiB: makes decision points that are not there, publishes a new version of those that differ, and leaves alone what the file does not
    /// name. All of it or nothing. With <c>dryRun</c> it says what would change and writes nothing. An entry may replace the version that its <c>version</c> and <c>hash</c> name;
    /// with <c>force</c> whichever is current.</summary>
    internal static async Task<Results<Ok<AppliedView>, ProblemHttpResult>> Apply(
        HttpContext http, Caller caller, ApplyActions actions, CancellationToken cancel, bool dryRun = false, bool force = false, string? note = null)
    {
        if (caller.Lacks(dryRun ? Right.Read : Right.Publish) is { } denied) return denied.AsProblem();
        if (await BodyAsync(http, cancel) is not { } body) return PointsFile.TooLarge.AsProblem();
        var file = PointsFile.Read(body.Span);
        if (file.Refusal is { } unread) return unread.AsProblem();
        var done = dryRun ? await actions.PlanAsync(caller, file.Value!, force, cancel) : await actions.ApplyAsync(caller, file.Value!, force, note, cancel);
        return done.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new AppliedView(dryRun, [.. done.Value!.Points.Select(View)]));
    }

    /// <summary>Null where it is larger than a file may be.</summary>
    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext http, CancellationToken cancel)
    {
        if (http.Request.ContentLength > PointsFile.MaxBytes) return null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = PointsFile.MaxBytes + 1;
        using var body = new MemoryStream();
        var buffer = new byte[16_384];
        for (int got; (got = await http.Request.Body.ReadAsync(buffer, cancel)) > 0;)
        {
            body.Write(buffer, 0, got);
            if (body.Length > PointsFile.MaxBytes) return null;
        }
        return body.ToArray();
    }

    private static PointView View(PlannedPoint planned) => new(
        planned.DecisionPoint, planned.Action, planned.Version, planned.Becomes, planned.InWords, planned.Changes, planned.Training, planned.Warnings,
        string.Concat(planned.Yaml.Select(l => $"{l.Mark} {l.Text}\n")));

    /// <param name="DryRun">Nothing was written: this is what would change.</param>
    public sealed record AppliedView(bool DryRun, IReadOnlyList<PointView> DecisionPoints);

    /// <param name="Version">The version that served before; 0 where there was none.</param>
    /// <param name="Becomes">The version that serves after.</param>
    /// <param name="InWords">In one line: what changes, or of a new decision point what it does.</param>
    /// <param name="Training">Whether what is logged may train models of the new version.</param>
    /// <param name="Warnings">What may be applied but deserves a second look.</param>
    /// <param name="Yaml">Lines of the blueprint that begin with a space, a minus or a plus.</param>
    public sealed record PointView(
        string DecisionPoint, PlannedAction Action, int Version, int Becomes, string InWords, IReadOnlyList<BlueprintChange> Changes, string? Training, IReadOnlyList<string> Warnings, string Yaml);
}
