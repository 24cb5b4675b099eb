using System.Collections.Immutable;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Snippets;
using Looper.Core.Monitoring;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What has been logged for a decision point, and how to call it.</summary>
public static class DecisionPointDataApi
{
    public static void MapDecisionPointData(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/decision-points/{key}").WithTags("Decision points");
        group.MapGet("/overview", Overview).WithName("getOverview");
        group.MapGet("/decisions", Decisions).WithName("listDecisions");
        group.MapPost("/decisions/search", Search).WithName("searchDecisions");
        group.MapGet("/examples", Examples).WithName("listExamples");
        group.MapGet("/observations", Observations).WithName("listObservations");
        group.MapGet("/features", Features).WithName("listFeatures");
        group.MapGet("/features/{feature}", Feature).WithName("getFeature");
        group.MapGet("/snippets", Snippets).WithName("getSnippets");
        var one = routes.MapGroup("/api/decisions").WithTags("Decisions");
        one.MapGet("/{id}", Decision).WithName("getDecision");
        one.MapPost("/{id}/reveal", Reveal).WithName("revealUnit");
    }

    /// <summary>Numbers of decisions and outcomes, and the stages of the loop.</summary>
    internal static async Task<Results<Ok<PointOverview>, ProblemHttpResult>> Overview(string key, string? range, Caller caller, OverviewQueries overviews, CancellationToken cancel)
    {
        if (!DurationJson.TryParse(range ?? "7d", out var back)) return NoDuration.AsProblem();
        return await overviews.FindAsync(caller, key, back, cancel) is { } overview ? TypedResults.Ok(overview) : DecisionPointsApi.Unknown(key);
    }

    /// <summary>Newest first, a page at a time. To look for a unit use the search: a unit's name has no place in an address.</summary>
    internal static Task<Results<Ok<RowPage<DecisionRow>>, ProblemHttpResult>> Decisions(
        string key, string? option, string? reason, int? version, DateTimeOffset? from, DateTimeOffset? until, string? after, int? take,
        Caller caller, PointEventQueries events, CancellationToken cancel) =>
        Search(key, new(option, reason, null, version, from, until, after, take), caller, events, cancel);

    /// <summary>The decisions of one unit, newest first.</summary>
    internal static async Task<Results<Ok<RowPage<DecisionRow>>, ProblemHttpResult>> Search(
        string key, DecisionSearch request, Caller caller, PointEventQueries events, CancellationToken cancel)
    {
        var filter = new DecisionRowFilter
        {
            Option = request.Option, Reason = request.Reason, Unit = request.Unit, Version = request.Version, From = request.From, Until = request.Until,
        };
        var answered = await events.DecisionsAsync(caller, key, filter, request.After, request.Take ?? 50, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>Decisions with what came of them, as models learn from them.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<ExampleRow>>, ProblemHttpResult>> Examples(string key, int? take, Caller caller, PointEventQueries events, CancellationToken cancel)
    {
        var answered = await events.ExamplesAsync(caller, key, take ?? 50, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>Outcomes as they were reported, newest first.</summary>
    internal static async Task<Results<Ok<RowPage<ObservationRow>>, ProblemHttpResult>> Observations(
        string key, string? outcome, string? after, int? take, Caller caller, PointEventQueries events, CancellationToken cancel)
    {
        var answered = await events.ObservationsAsync(caller, key, outcome, after, take ?? 50, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>How every feature is spread over the newest decisions, and beside where the live models learned. For analysts up: the smallest value and a rare category are those of a single decision.</summary>
    internal static Task<Results<Ok<FeatureProfiles>, ProblemHttpResult>> Features(string key, string? range, Caller caller, FeatureProfileQueries features, CancellationToken cancel) =>
        ProfilesAsync(range, back => features.ListAsync(caller, key, back, cancel));

    /// <summary>The same of one feature.</summary>
    internal static Task<Results<Ok<FeatureProfiles>, ProblemHttpResult>> Feature(string key, string feature, string? range, Caller caller, FeatureProfileQueries features, CancellationToken cancel) =>
        ProfilesAsync(range, back => NamedAsync(feature, name => features.FindAsync(caller, key, name, back, cancel)));

    private static async Task<Results<Ok<FeatureProfiles>, ProblemHttpResult>> ProfilesAsync(string? range, Func<TimeSpan, Task<Answered<FeatureProfiles>>> read)
    {
        if (!DurationJson.TryParse(range ?? "24h", out var back)) return NoDuration.AsProblem();
        var profiles = await read(back);
        return profiles.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(profiles.Value);
    }

    /// <summary>A logged decision with its features, propensities and outcomes.</summary>
    internal static async Task<Results<Ok<DecisionDetail>, ProblemHttpResult>> Decision(string id, Caller caller, PointEventQueries events, CancellationToken cancel)
    {
        var answered = await NamedAsync(id, name => events.DecisionAsync(caller, name, cancel));
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>Shows the unit of a decision in full; the audit keeps who looked.</summary>
    internal static async Task<Results<Ok<RevealedUnit>, ProblemHttpResult>> Reveal(string id, Caller caller, PointEventQueries events, CancellationToken cancel)
    {
        var answered = await NamedAsync(id, name => events.RevealUnitAsync(caller, name, cancel));
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new RevealedUnit(answered.Value!));
    }

    /// <summary>Code that calls the decision point, in several languages.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<SnippetSet>>, ProblemHttpResult>> Snippets(
        string key, string? language, Caller caller, VersionQueries versions, HttpRequest request, CancellationToken cancel)
    {
        var read = await versions.ReadAsync(caller, key, 0, cancel);
        if (read.Value is not { } blueprint) return read.Refusal!.AsProblem();
        if (language is not null && !SnippetSet.Languages.Contains(language))
            return new Refusal("filter.invalid", $"Language: there are no snippets for it. Use {Words.List(SnippetSet.Languages, "or")}.", "language").AsProblem();
        ImmutableArray<string> languages = language is null ? SnippetSet.Languages : [language];
        return TypedResults.Ok<IReadOnlyList<SnippetSet>>([.. languages.Select(l => SnippetSet.For(l, $"{request.Scheme}://{request.Host}", key, blueprint.Content)!)]);
    }

    /// <summary>What a part of an address names. The server leaves an escaped slash as it is, lest it part the address; everything else it has unescaped.</summary>
    private static async Task<Answered<T>> NamedAsync<T>(string part, Func<string, Task<Answered<T>>> find)
    {
        var (answered, name) = (await find(part), part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase));
        return answered.Refusal is null || name == part ? answered : await find(name);
    }

    private static Refusal NoDuration => new("filter.invalid", "Range: it is not a duration. Write it like `24h`, `7d` or `30d`.", "range");

    /// <summary>Null leaves a condition out.</summary>
    public sealed record DecisionSearch(
        string? Option = null, string? Reason = null, string? Unit = null, int? Version = null, DateTimeOffset? From = null, DateTimeOffset? Until = null,
        string? After = null, int? Take = null);

    public sealed record RevealedUnit(string Unit);
}
