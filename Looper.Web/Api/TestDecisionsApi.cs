using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Serving;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>Tries a decision point: the same engine, never logged, learned from or counted.</summary>
public static class TestDecisionsApi
{
    public static void MapTestDecisions(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapPost("/api/decision-points/{key}/test-decisions", Try).WithName("testDecision").WithTags("Decision points")
            .WithSummary("Try a decision; it is never logged");
    }

    internal static Results<Ok<TestDecision>, ProblemHttpResult> Try(string key, TryDecision request, Caller caller, DecisionEngine engine, Journal journal, TimeProvider clock)
    {
        var tried = TestDecision.Make(caller, engine, key, request.Unit, request.Context?.GetRawText(), request.Candidates?.GetRawText(), journal.Histories.Units, clock.GetUtcNow());
        return tried.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(tried.Value!);
    }
}

public sealed record TryDecision([Required, StringLength(256, MinimumLength = 1)] string Unit, JsonElement? Context = null, JsonElement? Candidates = null);
