using System.ComponentModel.DataAnnotations;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What may change while an experiment runs.</summary>
public static class ExperimentDesignApi
{
    public static void MapExperimentDesign(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/experiments/{id:guid}").WithTags("Experiments");
        group.MapPost("/ramp", Ramp).WithName("raiseTraffic");
        group.MapPut("/testers", Testers).WithName("setTesters");
    }

    /// <summary>Takes the ramp's next step now, whatever the gate says.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Ramp(Guid id, RaiseTraffic request, Caller caller, RampActions ramps, CancellationToken cancel) =>
        await ramps.StepAsync(caller, id, request.Reason, cancel, request.From) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Replaces the units that always get an arm; they are in no analysis.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Testers(Guid id, SetTesters request, Caller caller, RampActions ramps, CancellationToken cancel) =>
        await ramps.SetTestersAsync(caller, id, [.. request.Testers ?? []], cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <param name="Reason">Why by hand; kept in the history.</param>
    /// <param name="From">The step it is on, 0 the first: refused where it is on another by now. Without it the next one is taken whichever it is on.</param>
    public sealed record RaiseTraffic([StringLength(500)] string? Reason = null, int? From = null);

    /// <param name="Testers">All of them; an empty list takes all away.</param>
    public sealed record SetTesters(Tester[]? Testers);
}
