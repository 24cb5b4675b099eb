using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Models;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

/// <summary>Models of decision points: train, look, compare, promote, retire, explain.</summary>
public static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/models", All).WithName("listAllModels").WithTags("Models");
        var group = routes.MapGroup("/api/decision-points/{key}/models").WithTags("Models");
        group.MapGet("/", List).WithName("listModels");
        group.MapPost("/", Train).WithName("trainModels");
        group.MapPost("/go-back", GoBack).WithName("goBackToModel");
        group.MapGet("/{number:int}", Find).WithName("findModel");
        group.MapGet("/gate-decisions", PointDecisions).WithName("listGateDecisions");
        group.MapGet("/{number:int}/gate-decisions", Decisions).WithName("listGateDecisionsOfModel");
        group.MapGet("/{a:int}/compare/{b:int}", Compare).WithName("compareModels");
        group.MapGet("/{a:int}/compare/{b:int}/same-rows", CompareOnSameRows).WithName("compareModelsOnSameRows");
        group.MapGet("/{number:int}/recent-row", RecentRow).WithName("findRecentRow");
        group.MapGet("/{number:int}/artifact", Artefact).WithName("downloadModel");
        group.MapPost("/{number:int}/train-again", TrainAgain).WithName("trainModelAgain");
        group.MapPost("/{number:int}/promote", Promote).WithName("promoteModel");
        group.MapPost("/{number:int}/retire", Retire).WithName("retireModel");
        group.MapPost("/{number:int}/explain", Explain).WithName("explainModel");
    }

    /// <summary>Models of every decision point, newest first.</summary>
    /// <param name="q">Part of a decision point's key or name or of the outcome; or a model's number.</param>
    /// <param name="state"><c>candidate</c>, <c>shadow</c>, <c>live</c> or <c>retired</c>.</param>
    internal static Task<Results<Ok<IReadOnlyList<ModelView>>, ProblemHttpResult>> All(
        Caller caller, ModelQueries models, CancellationToken cancel, string? q = null, string? state = null, string? outcome = null) =>
        ListAsync(caller, models, null, q, state, outcome, cancel);

    /// <summary>The models of a decision point, newest first.</summary>
    /// <inheritdoc cref="All"/>
    internal static Task<Results<Ok<IReadOnlyList<ModelView>>, ProblemHttpResult>> List(
        string key, Caller caller, ModelQueries models, CancellationToken cancel, string? q = null, string? state = null, string? outcome = null) =>
        ListAsync(caller, models, key, q, state, outcome, cancel);

    /// <summary>Starts a training now.</summary>
    internal static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> Train(
        string key, Caller caller, ModelActions actions, CancellationToken cancel, TrainModels? request = null)
    {
        var started = await actions.TrainAsync(caller, key, request?.Provisional ?? false, cancel);
        return started.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/jobs/{started.Value}", new StartedJob(started.Value));
    }

    /// <summary>A model with its quality, lineage and features.</summary>
    internal static async Task<Results<Ok<ModelDetailView>, ProblemHttpResult>> Find(
        string key, int number, Caller caller, ModelQueries models, CancellationToken cancel) => Answer(await models.FindAsync(caller, key, number, cancel));

    /// <summary>Two models side by side.</summary>
    internal static async Task<Results<Ok<ModelComparisonView>, ProblemHttpResult>> Compare(
        string key, int a, int b, Caller caller, ModelQueries models, CancellationToken cancel) => Answer(await models.CompareAsync(caller, key, a, b, cancel));

    /// <summary>Two models judged on the same rows.</summary>
    internal static async Task<Results<Ok<SameRowsView>, ProblemHttpResult>> CompareOnSameRows(
        string key, int a, int b, Caller caller, ModelComparisons models, CancellationToken cancel) => Answer(await models.OnSameRowsAsync(caller, key, a, b, cancel));

    /// <summary>A recent decision's features, to try a model with.</summary>
    internal static async Task<Results<Ok<RecentRow>, ProblemHttpResult>> RecentRow(
        string key, int number, Caller caller, RecentRows rows, CancellationToken cancel) => Answer(await rows.NewestAsync(caller, key, number, cancel));

    /// <summary>The model as a file.</summary>
    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Artefact(
        string key, int number, Caller caller, ModelQueries models, CancellationToken cancel)
    {
        var bytes = await models.ArtefactAsync(caller, key, number, cancel);
        return bytes.Refusal is { } refusal
            ? refusal.AsProblem()
            : TypedResults.File(bytes.Value!, "application/octet-stream", $"model-{number}.looper");
    }

    /// <summary>Trains the model again from its lineage, on the data as they were; the job says whether the same bytes came out. No model is added.</summary>
    internal static async Task<Results<Accepted<StartedJob>, ProblemHttpResult>> TrainAgain(
        string key, int number, Caller caller, ModelActions actions, CancellationToken cancel)
    {
        var started = await actions.TrainAgainAsync(caller, key, number, cancel);
        return started.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Accepted($"/api/jobs/{started.Value}", new StartedJob(started.Value));
    }

    /// <summary>Puts a model live.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Promote(
        string key, int number, Caller caller, ModelActions actions, CancellationToken cancel, ChangeModel? request = null) =>
        await actions.PromoteAsync(caller, key, number, request?.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Takes a model out of service.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Retire(
        string key, int number, Caller caller, ModelActions actions, CancellationToken cancel, ChangeModel? request = null) =>
        await actions.RetireAsync(caller, key, number, request?.Reason, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Puts the model live again that was live before.</summary>
    internal static async Task<Results<Ok<WentBack>, ProblemHttpResult>> GoBack(
        string key, GoBackToModel request, Caller caller, ModelActions actions, CancellationToken cancel)
    {
        var back = await actions.GoBackAsync(caller, key, request.Outcome, request.Reason, cancel, request.From);
        return back.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(new WentBack(back.Value));
    }

    /// <summary>A prediction for given features, and what each of them adds to it.</summary>
    internal static async Task<Results<Ok<ExplanationView>, ProblemHttpResult>> Explain(
        string key, int number, ExplainRow request, Caller caller, ModelQueries models, CancellationToken cancel) =>
        Answer(await models.ExplainAsync(caller, key, number, request.Values, cancel));

    /// <summary>Every decision of the gate, or of a person, about the models of a decision point, with its evidence; newest first.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<GateDecisionView>>, ProblemHttpResult>> PointDecisions(
        string key, Caller caller, ModelQueries models, CancellationToken cancel) => Answer(await models.DecisionsAsync(caller, key, null, cancel));

    /// <summary>The same of one model.</summary>
    internal static async Task<Results<Ok<IReadOnlyList<GateDecisionView>>, ProblemHttpResult>> Decisions(
        string key, int number, Caller caller, ModelQueries models, CancellationToken cancel) => Answer(await models.DecisionsAsync(caller, key, number, cancel));

    private static async Task<Results<Ok<IReadOnlyList<ModelView>>, ProblemHttpResult>> ListAsync(
        Caller caller, ModelQueries models, string? key, string? text, string? state, string? outcome, CancellationToken cancel)
    {
        ModelState? only = null;
        if (!string.IsNullOrEmpty(state))
        {
            if (!StateNames.TryGetValue(state, out var known))
                return new Refusal("filter.invalid", $"State: there is no such state. Use {Words.List([.. StateNames.Keys], "or")}.", "state").AsProblem();
            only = known;
        }
        var found = await models.ListAsync(caller, new ModelFilter(key, text, only, string.IsNullOrEmpty(outcome) ? null : outcome), cancel);
        return Answer(new Answered<IReadOnlyList<ModelView>>(found.Value?.Items, found.Refusal));
    }

    private static readonly Dictionary<string, ModelState> StateNames =
        Enum.GetValues<ModelState>().ToDictionary(s => s.ToString().ToLowerInvariant(), StringComparer.OrdinalIgnoreCase);

    private static Results<Ok<T>, ProblemHttpResult> Answer<T>(Answered<T> answered) where T : class =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value!);
}

/// <param name="Provisional">Also learn from decisions whose outcome has arrived although its window is still open.</param>
public sealed record TrainModels(bool Provisional = false);

/// <param name="Reason">Why, for the audit.</param>
public sealed record ChangeModel(string? Reason = null);

/// <param name="Reason">Why, for the audit.</param>
/// <param name="From">Number of the live model that is to be replaced: refused where another is live by now. Without it whichever is live is replaced.</param>
public sealed record GoBackToModel(string Outcome, string? Reason = null, int? From = null);

/// <param name="Number">The model that is live again.</param>
public sealed record WentBack(int Number);

/// <param name="Values">By feature, as text; <c>@option</c> names the option. What is left out is missing.</param>
public sealed record ExplainRow(IReadOnlyDictionary<string, string> Values);
