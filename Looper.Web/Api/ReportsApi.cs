using System.Text;
using Looper.Core.Access;
using Looper.Core.Experiments;
using Looper.Web.Console.Experiments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class ReportsApi
{
    public static void MapReports(this IEndpointRouteBuilder routes)
    {
        var experiment = routes.MapGroup("/api/experiments/{id:guid}/reports").WithTags("Experiments");
        experiment.MapPost("", Compute).WithName("computeReport");
        experiment.MapGet("", List).WithName("listReports");
        experiment.MapGet("/latest", Latest).WithName("getLatestReport");
        var reports = routes.MapGroup("/api/reports").WithTags("Experiments");
        reports.MapGet("/{id:guid}", Get).WithName("getReport");
        reports.MapGet("/{id:guid}/export", Export).WithName("exportReport");
        reports.MapGet("/{id:guid}/impact", Impact).WithName("getReportImpact");
        reports.MapGet("/{id:guid}/series", Series).WithName("getReportSeries");
        reports.MapGet("/{id:guid}/segments", Segments).WithName("getReportSegments");
        routes.MapGet("/api/decision-points/{key}/policy-value", PolicyValue).WithTags("Experiments").WithName("getPolicyValue");
        routes.MapPolicyEvaluations();
        routes.MapDesign();
        routes.MapEffects();
        routes.MapLongTerm();
    }

    /// <summary>Analyses what has come in until now and stores the result.</summary>
    internal static async Task<Results<JsonHttpResult<ReportView>, ProblemHttpResult>> Compute(Guid id, Caller caller, ReportActions actions, CancellationToken cancel) =>
        Answer(await actions.ComputeAsync(caller, id, cancel));

    /// <summary>The stored reports of an experiment, newest first.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<ReportSummary>>, ProblemHttpResult>> List(Guid id, Caller caller, ReportQueries reports, CancellationToken cancel)
    {
        var answered = await reports.ListAsync(caller, id, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, ExperimentJson.ReportOptions);
    }

    /// <summary>The newest report.</summary>
    internal static async Task<Results<JsonHttpResult<ReportView>, ProblemHttpResult>> Latest(Guid id, Caller caller, ReportQueries reports, CancellationToken cancel) =>
        Answer(await reports.LatestAsync(caller, id, cancel));

    /// <summary>A report as stored.</summary>
    /// <param name="baseline">Arm that the others are compared with; left out, the planned one. Here and below, computed from what is stored with the report.</param>
    internal static async Task<Results<JsonHttpResult<ReportView>, ProblemHttpResult>> Get(Guid id, string? baseline, Caller caller, ReportQueries reports, CancellationToken cancel) =>
        Answer(await reports.FindAsync(caller, id, baseline, cancel));

    /// <summary>A report as a file to pass on.</summary>
    /// <param name="format"><c>csv</c> (the scorecard), <c>series-csv</c> (by day, day of the week and days since the first decision), <c>json</c>, <c>notebook</c>,
    /// or <c>svg</c> (a picture of the whole).</param>
    internal static async Task<Results<FileContentHttpResult, ProblemHttpResult>> Export(Guid id, string? format, string? baseline, Caller caller, ReportQueries reports, CancellationToken cancel)
    {
        var answered = await reports.FindAsync(caller, id, baseline, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        var view = answered.Value!;
        var name = $"{view.Content.Settings.Experiment}-{view.ComputedAt.UtcDateTime:yyyyMMdd-HHmm}";
        return format switch
        {
            "csv" => TypedResults.File(Encoding.UTF8.GetBytes(ReportCsv.Write(view.Content)), "text/csv; charset=utf-8", name + ".csv"),
            "series-csv" => TypedResults.File(Encoding.UTF8.GetBytes(ReportSeriesCsv.Write(view.Content)), "text/csv; charset=utf-8", name + "-series.csv"),
            "svg" => TypedResults.File(Encoding.UTF8.GetBytes(ReportPicture.Svg(view)), "image/svg+xml", name + ".svg"),
            "notebook" => TypedResults.File(Encoding.UTF8.GetBytes(ReportNotebook.Write(view.Content)), "application/x-ipynb+json", name + ".ipynb"),
            null or "json" => TypedResults.File(Encoding.UTF8.GetBytes(ExperimentJson.Write(view.Content)), "application/json", name + ".json"),
            _ => new Core.Refusal("report-format.invalid", $"Format: '{format}' is not one of csv, series-csv, json, notebook, svg.", "format").AsProblem(),
        };
    }

    /// <summary>Each comparison for many units, with what that takes for granted.</summary>
    /// <param name="per"><c>units</c> (per 1,000 of them), <c>day</c> or <c>year</c> if everyone had the arm.</param>
    internal static async Task<Results<JsonHttpResult<ImpactFigures>, ProblemHttpResult>> Impact(Guid id, string? per, string? baseline, Caller caller, ReportQueries reports, CancellationToken cancel)
    {
        if (!Enum.TryParse<ImpactPer>(per ?? "units", ignoreCase: true, out var asked) || !Enum.IsDefined(asked) || char.IsDigit((per ?? "units")[0]))
            return new Core.Refusal("report-impact.invalid", $"Per: '{per}' is not one of units, day, year.", "per").AsProblem();
        var answered = await reports.FindAsync(caller, id, baseline, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(ScaledImpact.Of(answered.Value!.Content, asked), ExperimentJson.ReportOptions);
    }

    /// <summary>Each comparison day by day: cumulative with always-valid bounds, each day by itself, trend, days of the week, and days since a unit's first decision.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<ComparisonSeries>>, ProblemHttpResult>> Series(
        Guid id, string? outcome, string? arm, string? baseline, Caller caller, ReportQueries reports, CancellationToken cancel)
    {
        var answered = await reports.FindAsync(caller, id, baseline, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        return TypedResults.Json<IReadOnlyList<ComparisonSeries>>(
            [.. answered.Value!.Content.Metrics.Where(m => outcome is null || m.Outcome == outcome)
                .SelectMany(m => m.Comparisons.Where(c => arm is null || c.Arm == arm).Select(c => new ComparisonSeries(m.Outcome, c.Arm, c.Course, c.Novelty)))],
            ExperimentJson.ReportOptions);
    }

    /// <summary>Effects inside segments of each feature, corrected for how many there are.</summary>
    internal static async Task<Results<JsonHttpResult<IReadOnlyList<SegmentFigures>>, ProblemHttpResult>> Segments(
        Guid id, string? outcome, string? arm, string? feature, string? baseline, Caller caller, ReportQueries reports, CancellationToken cancel)
    {
        var answered = await reports.FindAsync(caller, id, baseline, cancel);
        if (answered.Refusal is { } refusal) return refusal.AsProblem();
        return TypedResults.Json<IReadOnlyList<SegmentFigures>>(
            [.. answered.Value!.Content.Segments.Where(s => (outcome is null || s.Outcome == outcome) && (arm is null || s.Arm == arm) && (feature is null || s.Feature == feature))],
            ExperimentJson.ReportOptions);
    }

    /// <summary>What each option always, a random choice and what was served earn a decision, by inverse propensity.</summary>
    internal static async Task<Results<JsonHttpResult<PolicyReport>, ProblemHttpResult>> PolicyValue(
        string key, string? outcome, DateTimeOffset? from, DateTimeOffset? until, int? version, Caller caller, PolicyValueQueries policies, CancellationToken cancel)
    {
        var answered = await policies.EvaluateAsync(caller, key, new(outcome, from, until, version), cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, ExperimentJson.ReportOptions);
    }

    private static Results<JsonHttpResult<ReportView>, ProblemHttpResult> Answer(Core.Answered<ReportView> answered) =>
        answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Json(answered.Value, ExperimentJson.ReportOptions);
}

/// <param name="Course">Null in reports made before it was kept.</param>
/// <param name="Novelty">Null for what is no goal or no value per unit, and where units are not followed.</param>
public sealed record ComparisonSeries(string Outcome, string Arm, TimeCourse? Course, NoveltyFigures? Novelty);
