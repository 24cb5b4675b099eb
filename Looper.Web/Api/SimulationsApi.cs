using Looper.Core.Access;
using Looper.Core.Simulation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What is simulated: its truth, and its removal.</summary>
public static class SimulationsApi
{
    public static void MapSimulations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/simulations").WithTags("Simulations");
        group.MapGet("/{decisionPoint}/truth", Truth).WithName("simulationTruth").WithSummary("What is really true behind a simulated decision point.");
        group.MapDelete("", Remove).WithName("removeSimulations").WithSummary("Remove every simulated decision point with its models, experiments and events.");
    }

    internal static Results<Ok<ShopTruth>, ProblemHttpResult> Truth(string decisionPoint) => SimulationQueries.TruthOf(decisionPoint) is { } truth
        ? TypedResults.Ok(truth)
        : new Core.Refusal("simulation.unknown", $"'{decisionPoint}' is not simulated, so nobody knows its truth.").AsProblem();

    internal static async Task<Results<Ok<SimulationRemoved>, ProblemHttpResult>> Remove(Caller caller, SimulationActions actions, CancellationToken cancel)
    {
        var removed = await actions.RemoveAsync(caller, cancel);
        return removed.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(removed.Value!);
    }
}
