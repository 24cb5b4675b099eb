using Looper.Core.Access;
using Looper.Core.Bandits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What the bandit of a decision point, or of an arm, has learned and done.</summary>
public static class BanditsApi
{
    public static void MapBandits(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/decision-points/{key}/bandit", Bandit).WithName("getBandit").WithTags("Policies");

    /// <summary>What a bandit policy believes of each option, and what it chose.</summary>
    internal static async Task<Results<Ok<BanditView>, ProblemHttpResult>> Bandit(string key, string? experiment, string? arm, Caller caller, BanditQueries bandits, CancellationToken cancel)
    {
        var found = await bandits.FindAsync(caller, key, experiment, arm, cancel);
        return found.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(found.Value!);
    }
}
