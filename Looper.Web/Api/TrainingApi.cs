using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>Training settings of a decision point. They are part of its blueprint, so that a change is a version: numbered, compared,
/// audited and exported like every other.</summary>
public static class TrainingApi
{
    public static void MapTraining(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/decision-points/{key}/training", Find).WithName("getTraining").WithTags("Models");
        routes.MapPut("/api/decision-points/{key}/training", Change).WithName("changeTraining").WithTags("Models");
    }

    /// <summary>How models of the decision point are trained, and the last run.</summary>
    internal static async Task<Results<Ok<TrainingSettings>, ProblemHttpResult>> Find(string key, Caller caller, VersionQueries versions, CancellationToken cancel)
    {
        var read = await versions.ReadAsync(caller, key, 0, cancel);
        return read.Value is { } blueprint ? TypedResults.Ok(new TrainingSettings(blueprint.Version, blueprint.Content.Training)) : read.Refusal!.AsProblem();
    }

    /// <summary>Publishes a version that differs in its training alone. A running experiment does not keep it back: how models are made decides
    /// nothing by itself. 422 names every field that cannot be used; 412 when another version has become current since it was read.</summary>
    internal static async Task<Results<Ok<TrainingSettings>, ProblemHttpResult>> Change(
        string key, ChangeTraining request, Caller caller, DecisionPointActions points, CancellationToken cancel)
    {
        var answered = await points.SetTrainingAsync(caller, key, request.Version, request.Training, request.Note, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new TrainingSettings(answered.Value!.Version, answered.Value.Content.Training));
    }

    /// <param name="Version">The blueprint version they stand in.</param>
    public sealed record TrainingSettings(int Version, TrainingPlan Training);

    /// <param name="Version">The version they were read from.</param>
    /// <param name="Training">All of them; what is left out takes its default.</param>
    public sealed record ChangeTraining(int Version, TrainingPlan Training, string? Note = null);
}
