using Looper.Core.Access;
using Looper.Core.Experiments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>Links to a stored report for people without an account, notes beside an experiment, and the admin's switches for both.</summary>
public static class ReportSharesApi
{
    public static void MapReportShares(this IEndpointRouteBuilder routes)
    {
        var shares = routes.MapGroup("/api/reports/{id:guid}/shares").WithTags("Experiments");
        shares.MapPost("", Create).WithName("shareReport");
        shares.MapGet("", List).WithName("listReportShares");
        shares.MapDelete("/{share:guid}", Revoke).WithName("revokeReportShare");
        var notes = routes.MapGroup("/api/experiments/{id:guid}/notes").WithTags("Experiments");
        notes.MapGet("", Notes).WithName("listExperimentNotes");
        notes.MapPost("", AddNote).WithName("addExperimentNote");
        var settings = routes.MapGroup("/api/settings/experiments").WithTags("Settings");
        settings.MapGet("", Switches).WithName("getExperimentSettings");
        settings.MapPut("", Switch).WithName("setExperimentSettings");
    }

    /// <summary>Makes a link that shows the stored report to whoever has it. The token is in this answer only.</summary>
    internal static async Task<Results<Created<SharedLink>, ProblemHttpResult>> Create(Guid id, ShareReport request, Caller caller, ShareActions shares, CancellationToken cancel)
    {
        var answered = await shares.CreateAsync(caller, id, request.Recipient, request.Days, cancel);
        return answered.Value is { } share
            ? TypedResults.Created($"/api/reports/{id}/shares/{share.Id}", new SharedLink(share.Id, $"/shared/{share.Token}", share.ExpiresAt))
            : answered.Refusal!.AsProblem();
    }

    /// <summary>The links that show a report.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<ReportShareView>>, ProblemHttpResult>> List(Guid id, Caller caller, ShareActions shares, CancellationToken cancel)
    {
        var answered = await shares.ListAsync(caller, id, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!);
    }

    /// <summary>The link opens nothing from now on.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Revoke(Guid id, Guid share, Caller caller, ShareActions shares, CancellationToken cancel) =>
        await shares.RevokeAsync(caller, id, share, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Oldest first.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<ExperimentNote>>, ProblemHttpResult>> Notes(Guid id, Caller caller, ExperimentNotes notes, CancellationToken cancel)
    {
        var answered = await notes.OfAsync(caller, id, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!);
    }

    /// <summary>Notes are entries of the audit: they cannot be changed or taken back.</summary>
    internal static async Task<Results<Created<ExperimentNote>, ProblemHttpResult>> AddNote(Guid id, NewNote request, Caller caller, ExperimentNotes notes, CancellationToken cancel)
    {
        var answered = await notes.AddAsync(caller, id, request.Text, cancel);
        return answered.Value is { } note ? TypedResults.Created($"/api/experiments/{id}/notes", note) : answered.Refusal!.AsProblem();
    }

    /// <summary>What the installation allows experiments to do.</summary>
    internal static async Task<Results<Ok<ExperimentSwitches>, ProblemHttpResult>> Switches(Caller caller, ExperimentSettings settings, CancellationToken cancel)
    {
        var answered = await settings.FindAsync(caller, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!);
    }

    /// <summary>Replaces all switches.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Switch(ExperimentSwitches request, Caller caller, ExperimentSettings settings, CancellationToken cancel) =>
        await settings.ChangeAsync(caller, request, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <param name="Recipient">Whom it is for, in words.</param>
    /// <param name="Days">Until it expires, 1 to 365; left out, 30.</param>
    public sealed record ShareReport(string? Recipient, int? Days = null);

    /// <param name="Path">Where the report is shown: add it to the address of this installation.</param>
    public sealed record SharedLink(Guid Id, string Path, DateTimeOffset ExpiresAt);

    public sealed record NewNote(string? Text);
}
