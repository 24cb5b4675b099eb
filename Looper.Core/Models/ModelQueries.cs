using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Learning;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>The registry of models, as people read it.</summary>
public sealed class ModelQueries(IDbContextFactory<LooperDb> databases, JobRunQueries runs)
{
    private const int Most = 500;

    /// <summary>Newest first, at most 500; of one decision point, or of all when <paramref name="key"/> is null.</summary>
    public async Task<Answered<IReadOnlyList<ModelView>>> ListAsync(Caller caller, string? key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (key is not null && !await db.Set<DecisionPoint>().AnyAsync(p => p.Key == key, cancel)) return UnknownPoint(key);
        var rows = await db.Set<Model>().AsNoTracking()
            .Join(db.Set<DecisionPoint>(), m => m.DecisionPointId, p => p.Id, (m, p) => new { m, p.Key })
            .Where(r => key == null || r.Key == key)
            .OrderByDescending(r => r.m.TrainedAt).ThenByDescending(r => r.m.Number).Take(Most)
            .Select(r => new Row(
                new Model
                {
                    Id = r.m.Id, DecisionPointId = r.m.DecisionPointId, Number = r.m.Number, Outcome = r.m.Outcome, State = r.m.State,
                    BlueprintVersion = r.m.BlueprintVersion, Family = r.m.Family, DataFrom = r.m.DataFrom, DataUntil = r.m.DataUntil, Rows = r.m.Rows,
                    TrainedAt = r.m.TrainedAt, TrainSeconds = r.m.TrainSeconds, JobRunId = r.m.JobRunId, Metrics = r.m.Metrics, Evidence = r.m.Evidence,
                    PromotedAt = r.m.PromotedAt, RetiredAt = r.m.RetiredAt, ShadowedAt = r.m.ShadowedAt,
                }, r.Key)) // all but the artefact
            .ToListAsync(cancel);
        return rows.ConvertAll(r => ViewOf(r.Model, r.Key));
    }

    public async Task<Answered<ModelDetailView>> FindAsync(Caller caller, string key, int number, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        var (model, refusal) = await LoadAsync(key, number, cancel);
        if (model is null) return refusal!;
        var artefact = Artefact.Read(model.Artefact);
        return new ModelDetailView(
            ViewOf(model, key), model.Seed, model.Importance is "" or "[]" ? [] : ModelJson.Read<FeatureImportance[]>(model.Importance)!.ToImmutableArray(),
            ModelJson.Read<Lineage>(model.Settings), ModelJson.Read<Evidence>(model.Evidence) ?? Evidence.None,
            artefact.Value?.Columns ?? [], model.Artefact.Length, artefact.Refusal?.Reason, ModelJson.Read<DataSnapshot>(model.Data),
            ModelJson.Read<Preparation>(model.Preparation) ?? Preparation.None, ModelJson.Read<ShadowComparison>(model.Shadow),
            await DecisionsAsync(model.DecisionPointId, number, cancel));
    }

    /// <summary>Every decision about a model's place, newest first, at most 500; of one model, or of all of a decision point.</summary>
    public async Task<Answered<IReadOnlyList<GateDecisionView>>> DecisionsAsync(Caller caller, string key, int? number, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return UnknownPoint(key);
        if (number is { } n && !await db.Set<Model>().AnyAsync(m => m.DecisionPointId == point.Id && m.Number == n, cancel)) return Unknown(key, n);
        return (await DecisionsAsync(point.Id, number, cancel)).ToList();
    }

    private async Task<ImmutableArray<GateDecisionView>> DecisionsAsync(Guid point, int? number, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var rows = await db.Set<GateDecision>().AsNoTracking().Where(d => d.DecisionPointId == point && (number == null || d.ModelNumber == number))
            .OrderByDescending(d => d.At).ThenByDescending(d => d.Id).Take(Most).ToListAsync(cancel);
        return [.. rows.Select(d => new GateDecisionView(
            d.Id, d.Outcome, d.ModelNumber, d.LiveNumber, d.At, d.Stage, d.Verdict, d.DecidedBy, d.Reason, ModelJson.Read<Evidence>(d.Evidence) ?? Evidence.None))];
    }

    public async Task<Answered<ModelComparisonView>> CompareAsync(Caller caller, string key, int a, int b, CancellationToken cancel)
    {
        var one = await FindAsync(caller, key, a, cancel);
        if (one.Refusal is { } noA) return noA;
        var other = await FindAsync(caller, key, b, cancel);
        if (other.Refusal is { } noB) return noB;
        var names = one.Value!.Model.Quality?.Metrics.Select(m => m.Name) ?? [];
        return new ModelComparisonView(one.Value, other.Value!, [
            .. names.Select(n => new MetricComparison(n, one.Value.Model.Quality!.Of(n)!.Value, other.Value!.Model.Quality?.Of(n)?.Value ?? double.NaN)),
        ]);
    }

    public async Task<Answered<TrainingView>> TrainingAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return UnknownPoint(key);
        var content = await db.Set<Blueprint>().Where(b => b.DecisionPointId == point.Id && b.Version == point.CurrentVersion).Select(b => b.Content).SingleOrDefaultAsync(cancel);
        var last = await runs.ListAsync(caller, new JobRunFilter(point.Id, JobKinds.TrainModel, Take: 1), cancel);
        return new TrainingView(content is null ? 0 : BlueprintJson.Stored(content).Training.FirstModelAt, last.Value is [var run, ..] ? run : null);
    }

    /// <summary>The artefact's bytes, as stored.</summary>
    public async Task<Answered<byte[]>> ArtefactAsync(Caller caller, string key, int number, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        var (model, refusal) = await LoadAsync(key, number, cancel);
        return model is null ? refusal! : model.Artefact;
    }

    /// <summary>Scores one row that somebody typed, and says what each value does to the prediction.</summary>
    /// <param name="values">By column name; what is left out is missing. <c>@option</c> names the option.</param>
    public async Task<Answered<ExplanationView>> ExplainAsync(
        Caller caller, string key, int number, IReadOnlyDictionary<string, string> values, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        var (model, refusal) = await LoadAsync(key, number, cancel);
        if (model is null) return refusal!;
        var artefact = Artefact.Read(model.Artefact);
        return artefact.Refusal is { } fault ? fault : Explanation.Of(artefact.Value!, values);
    }

    internal static Refusal UnknownPoint(string key) => new("decision-point.unknown", $"There is no decision point '{key}'.");

    internal static Refusal Unknown(string key, int number) => new("model.unknown", $"'{key}' has no model {number}; look in its list of models.");

    private async Task<(Model?, Refusal?)> LoadAsync(string key, int number, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return (null, UnknownPoint(key));
        var model = await db.Set<Model>().AsNoTracking().SingleOrDefaultAsync(m => m.DecisionPointId == point.Id && m.Number == number, cancel);
        return (model, model is null ? Unknown(key, number) : null);
    }

    private static ModelView ViewOf(Model m, string key) => new(
        m.Id, m.DecisionPointId, key, m.Number, m.Outcome, m.State, m.BlueprintVersion, m.Family, m.DataFrom, m.DataUntil, m.Rows, m.TrainedAt,
        m.TrainSeconds, m.JobRunId, ModelJson.Read<ModelQuality>(m.Metrics), ModelJson.Read<Evidence>(m.Evidence)?.Verdict ?? "", m.PromotedAt, m.RetiredAt);

    private sealed record Row(Model Model, string Key);
}
