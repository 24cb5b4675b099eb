using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Optimization;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Studies;

/// <summary>Reads studies for people.</summary>
public sealed class StudyQueries(IDbContextFactory<LooperDb> databases) : IDisposable
{
    private const double Edge = 0.01;
    private const int Kept = 10;

    private readonly KeptReadings<StudyReading> _readings = new(Kept);

    /// <summary>Newest first.</summary>
    /// <param name="decisionPoint">Key of one decision point; null for all.</param>
    public async Task<Answered<IReadOnlyList<StudyView>>> ListAsync(Caller caller, string? decisionPoint, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var rows = await Rows(db).Where(r => decisionPoint == null || r.Point == decisionPoint).OrderByDescending(r => r.Study.Id).ToListAsync(cancel);
        return new(rows.ConvertAll(View), null);
    }

    /// <summary>A study with its trials and what they say together.</summary>
    public async Task<Answered<StudyProgress>> FindAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        var read = await ReadAsync(caller, id, cancel);
        return read.Refusal is { } refusal ? refusal : read.Value!.Progress;
    }

    /// <summary>The same with the analysis behind it, for who draws slices of it.</summary>
    public async Task<Answered<StudyReading>> ReadAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await Rows(db).SingleOrDefaultAsync(r => r.Study.Id == id, cancel) is not { } row) return StudyActions.Unknown(id);
        var trials = await db.Set<StudyTrial>().AsNoTracking().Where(t => t.StudyId == id).OrderBy(t => t.Number).ToListAsync(cancel);
        var study = View(row);
        var stamp = row.Study.Revision + trials.Count + trials.Sum(t => t.Revision); // each only ever grows
        var reading = await _readings.OfAsync(id, stamp, () => Reading(study, trials), cancel);
        return reading with { Progress = reading.Progress with { Study = study } };
    }

    /// <summary>The analysis behind slices and contours.</summary>
    public async Task<Answered<StudyAnalysis>> AnalysisAsync(Caller caller, Guid id, CancellationToken cancel)
    {
        var read = await ReadAsync(caller, id, cancel);
        return read.Refusal is { } refusal ? refusal : read.Value!.Analysis;
    }

    public void Dispose() => _readings.Dispose();

    private static StudyReading Reading(StudyView study, List<StudyTrial> trials)
    {
        var analysis = new StudyAnalysis(study.Plan, trials);
        return new(Progress(study, trials, analysis), analysis);
    }

    private static StudyProgress Progress(StudyView study, List<StudyTrial> rows, StudyAnalysis analysis)
    {
        var surrogates = analysis.Surrogates;
        ImmutableArray<Judged> front = surrogates is not null && study.Plan.Goals.Length > 1 ? Standing.Front(surrogates) : [];
        var best = analysis.Best() is { } judged ? Best(analysis, judged) : null;
        var checks = surrogates is null ? ImmutableSortedDictionary<string, CrossValidation>.Empty
            : analysis.Problem.Metrics.ToImmutableSortedDictionary(m => m, m => CrossValidation.Of(surrogates[m]), StringComparer.Ordinal);
        return new()
        {
            Study = study, Trials = TrialViews.Of(analysis, rows, front), Best = best, BestSoFar = BestSoFar(analysis), Front = [.. front.Select(j => Best(analysis, j))],
            CrossValidation = checks, Importance = Importance(analysis), Next = Next(study, rows, checks), AtTheEdge = best is null ? [] : AtTheEdge(analysis, best),
            FurtherGain = analysis.FurtherGain(), EquallyGood = best is null ? [] : [.. EquallyGood.Of(analysis, best)], IsFromLog = analysis.IsFromLog, LogHelps = surrogates?.OfflineHelps ?? ImmutableSortedDictionary<string, bool>.Empty,
        };
    }

    private static BestSoFar[] BestSoFar(StudyAnalysis analysis)
    {
        if (analysis.Surrogates is not { } surrogates || analysis.Problem.Goals.Length > 1) return [];
        return [.. Standing.SoFar(surrogates).Select((j, i) =>
            new BestSoFar(surrogates.Live[i].Number, j.Trial.Number, TrialViews.Metrics(j.Predicted)[analysis.Problem.Goals[0].Metric], j.Feasibility))];
    }

    private static BestTrial Best(StudyAnalysis analysis, Judged judged) => new(judged.Trial.Number, analysis.Problem.Space.Values(judged.Trial.Point.AsSpan()),
        TrialViews.Metrics(judged.Predicted), judged.Feasibility, judged.Feasibility >= Standing.Safe);

    private static ParameterImportance[] Importance(StudyAnalysis analysis)
    {
        if (analysis.Surrogates is not { } s || s.Live.Length < analysis.Problem.Space.Dimensions + 2) return [];
        return [.. SobolIndices.Of(analysis.Problem.Space, s[analysis.Problem.Goals[0].Metric])
            .Select((i, j) => new ParameterImportance(analysis.Problem.Space.Parameters[j].Name, i.First, i.Total)).OrderByDescending(i => i.Total)];
    }

    private static string[] AtTheEdge(StudyAnalysis analysis, BestTrial best) => [.. analysis.Problem.Space.Parameters
        .Where(p => p.Kind != ParameterKind.Category && p.Of(best.Parameters[p.Name]) is < Edge or > 1 - Edge && p.Levels is 0 or > 2).Select(p => p.Name)];

    private static string Next(StudyView study, List<StudyTrial> rows, ImmutableSortedDictionary<string, CrossValidation> checks)
    {
        if (study.State == StudyState.Draft) return "Start it, and the first settings are tried.";
        if (study.State != StudyState.Running) return study.Reason ?? "";
        var open = rows.Where(t => t.State is StudyTrialState.Running or StudyTrialState.Waiting).ToList();
        var start = StudyAnalysis.ProblemOf(study.Plan).StartTrials;
        var what = open.Count > 0 ? $"{(open.Count == 1 ? "Trial" : "Trials")} {string.Join(", ", open.Select(t => t.Number))} {Doing(open)}."
            : study.Plan.Source == TrialSource.External ? "Your application asks for the next setting when it is ready." : "The next settings are proposed within seconds.";
        var why = rows.Count(t => t.IsLogged == LoggedPhase.IsNext(study.Plan, rows)) < start ? $" The first {start} trials are spread over the ranges by design; the model speaks after them."
            : checks.TryGetValue(study.Plan.Goals[0].Metric, out var check) && check.RSquared < CrossValidation.Unpredictable
                ? $" {study.Plan.Goals[0].Metric} cannot be foretold from these parameters yet, so settings are still tried widely."
                : " Each setting is where the goal is expected to gain most, weighed by how little is known there.";
        return (study.Reason is { } reason ? reason + " " : "") + what + why;
    }

    private static string Doing(List<StudyTrial> open) => (open[0], open.Count) switch
    {
        ({ IsLogged: true }, _) => "is being estimated on logged decisions",
        ({ State: StudyTrialState.Waiting }, 1) => "waits for its start",
        ({ State: StudyTrialState.Waiting }, _) => "wait for their start",
        (_, 1) => "is being measured",
        _ => "are being measured",
    };

    private sealed class Row
    {
        public required Study Study { get; init; }
        public string? Point { get; init; }
        public required int Done { get; init; }
        public required int Logged { get; init; }
    }

    private static IQueryable<Row> Rows(LooperDb db) =>
        from study in db.Set<Study>().AsNoTracking()
        select new Row
        {
            Study = study,
            Point = db.Set<DecisionPoint>().Where(p => p.Id == study.DecisionPointId).Select(p => p.Key).FirstOrDefault(),
            Done = db.Set<StudyTrial>().Count(t => t.StudyId == study.Id && !t.IsLogged && (t.State == StudyTrialState.Measured || t.State == StudyTrialState.Failed)),
            Logged = db.Set<StudyTrial>().Count(t => t.StudyId == study.Id && t.IsLogged && (t.State == StudyTrialState.Measured || t.State == StudyTrialState.Failed)),
        };

    private static StudyView View(Row row) => View(row, StudyJson.ReadPlan(row.Study.Plan));

    private static StudyView View(Row row, StudyPlan plan) => new()
    {
        Id = row.Study.Id, Name = row.Study.Name, DecisionPoint = row.Point, State = row.Study.State, Plan = plan, Reason = row.Study.Reason,
        CreatedAt = row.Study.CreatedAt, CreatedBy = row.Study.CreatedBy, StartedAt = row.Study.StartedAt, EndedAt = row.Study.EndedAt,
        TrialsDone = row.Done + (plan.Source == TrialSource.Logged ? row.Logged : 0), UpdatedAt = row.Study.EndedAt ?? row.Study.ReadAt ?? row.Study.StartedAt ?? row.Study.CreatedAt, Revision = row.Study.Revision,
    };
}
