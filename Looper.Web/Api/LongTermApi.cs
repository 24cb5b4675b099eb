using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Core.LongTerm;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>What an experiment will have done to something that takes long to be known.</summary>
public static class LongTermApi
{
    public static void MapLongTerm(this IEndpointRouteBuilder routes)
    {
        var experiment = routes.MapGroup("/api/experiments/{id:guid}/long-term").WithTags("Experiments");
        experiment.MapPost("", Start).WithName("startLongTerm");
        experiment.MapGet("", List).WithName("listLongTerm");
        experiment.MapGet("/metrics", Metrics).WithName("listLongTermMetrics");
        routes.MapGet("/api/long-term/{id:guid}", Get).WithTags("Experiments").WithName("getLongTerm");
    }

    /// <summary>Queues a run that predicts long-term effects from the early outcomes of everything that has come in until now. Follow it at <c>/api/jobs/{jobId}</c>.</summary>
    internal static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> Start(Guid id, LongTermRequest request, Caller caller, LongTermActions actions, CancellationToken cancel)
    {
        var started = await actions.StartAsync(caller, id, request, cancel);
        return started.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/jobs/{started.Value}", new StartedJob(started.Value));
    }

    /// <summary>The predictions of an experiment, newest first.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<EstimateSummary>>, ProblemHttpResult>> List(Guid id, Caller caller, LongTermQueries predictions, CancellationToken cancel) =>
        Answer(await predictions.ListAsync(caller, id, cancel));

    /// <summary>Metrics that take long enough to be predicted, longest first, each with how long its early outcomes are read for where nothing else is asked.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<LongTermMetric>>, ProblemHttpResult>> Metrics(Guid id, Caller caller, LongTermQueries predictions, CancellationToken cancel) =>
        Answer(await predictions.MetricsAsync(caller, id, cancel));

    /// <summary>A prediction as stored, with every input that it was made from.</summary>
    internal static async Task<Results<JsonHttpResult<LongTermView>, ProblemHttpResult>> Get(Guid id, Caller caller, LongTermQueries predictions, CancellationToken cancel) =>
        Answer(await predictions.FindAsync(caller, id, cancel));

    private static Results<JsonHttpResult<T>, ProblemHttpResult> Answer<T>(Answered<T> answered) =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value!, ExperimentJson.ReportOptions);
}
