using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Costs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What decision points take, and what things cost and are worth.</summary>
public static class CostsApi
{
    public static void MapCosts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/costs", List).WithTags("Ledger").WithName("getCosts");
        var prices = routes.MapGroup("/api/settings/prices").WithTags("Settings");
        prices.MapGet("", Find).WithName("getPrices");
        prices.MapPut("", Change).WithName("setPrices");
    }

    /// <summary>Processor time, storage and the cost of features by decision point, in money where there are prices. Days are UTC; without them the last 30.</summary>
    internal static async Task<Results<Ok<CostOverview>, ProblemHttpResult>> List(Caller caller, CostQueries costs, CancellationToken cancel, DateOnly? from = null, DateOnly? to = null)
    {
        var found = await costs.ListAsync(caller, from, to, cancel);
        return found.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(found.Value);
    }

    /// <summary>Prices, and what one of each goal is worth.</summary>
    internal static async Task<Results<Ok<Prices>, ProblemHttpResult>> Find(Caller caller, PriceSettings prices, CancellationToken cancel)
    {
        var found = await prices.FindAsync(caller, cancel);
        return found.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(found.Value);
    }

    /// <summary>Sets all prices and worths; what is left out has none.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Change(Prices request, Caller caller, PriceSettings prices, CancellationToken cancel) =>
        await prices.ChangeAsync(caller, request, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();
}
