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

    /// <summary>What the filter lets through, newest first, at most 500, and how many there are in all.</summary>
    public async Task<Answered<ModelListView>> ListAsync(Caller caller, ModelFilter filter, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(filter);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (filter.Key is { } key && !await db.Set<DecisionPoint>().AnyAsync(p => p.Key == key, cancel)) return UnknownPoint(key);
        var matching = filter.Of(db.Set<Model>().AsNoTracking(), db.Set<DecisionPoint>());
        var rows = await matching
            .OrderByDescending(r => r.Model.TrainedAt).ThenByDescending(r => r.Model.Number).Take(Most)
            .Select(r => new
            {
                Model = new Model
                {
                    Id = r.Model.Id, DecisionPointId = r.Model.DecisionPointId, Number = r.Model.Number, Outcome = r.Model.Outcome, State = r.Model.State,
                    BlueprintVersion = r.Model.BlueprintVersion, Family = r.Model.Family, DataFrom = r.Model.DataFrom, DataUntil = r.Model.DataUntil,
                    Rows = r.Model.Rows, TrainedAt = r.Model.TrainedAt, TrainSeconds = r.Model.TrainSeconds, JobRunId = r.Model.JobRunId,
                    Metrics = r.Model.Metrics, Evidence = r.Model.Evidence, PromotedAt = r.Model.PromotedAt, RetiredAt = r.Model.RetiredAt,
                    ShadowedAt = r.Model.ShadowedAt,
                },
                r.Key,
                r.Model.Artefact.Length,
            }) // all but the artefact, and what only the model's own page shows
            .ToListAsync(cancel);
        var total = rows.Count < Most ? rows.Count : await matching.CountAsync(cancel);
        return new ModelListView(rows.ConvertAll(r => ViewOf(r.Model, r.Key, r.Length)), total);
    }

    /// <summary>The model that was live first, of decision points that the simulator does not drive; null before any was.</summary>
    public async Task<FirstModel?> FirstLiveAsync(Caller caller, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is not null) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Model>().Where(m => m.PromotedAt != null).Join(db.Set<DecisionPoint>().Where(p => !p.IsSimulated), m => m.DecisionPointId, p => p.Id, (m, p) => new { m.Number, p.Key, m.PromotedAt })
            .OrderBy(m => m.PromotedAt).Select(m => new FirstModel(m.Key, m.Number, m.PromotedAt!.Value)).FirstOrDefaultAsync(cancel);
    }

    public async Task<Answered<ModelDetailView>> FindAsync(Caller caller, string key, int number, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        var (model, refusal) = await LoadAsync(key, number, cancel);
        if (model is null) return refusal!;
        return DetailOf(model, key, await DecisionsAsync(model.DecisionPointId, number, cancel), await PersonalAsync(model, cancel));
    }

    /// <summary>Of each outcome with a live model the one that going back makes live: the last that was, of those that can be read.</summary>
    public async Task<IReadOnlyList<ModelView>> BeforeAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is not null) return [];
        await using var db = await databases.CreateDbContextAsync(cancel);
        var outcomes = await db.Set<Model>().Where(m => m.State == ModelState.Live && db.Set<DecisionPoint>().Any(p => p.Id == m.DecisionPointId && p.Key == key))
            .OrderBy(m => m.Outcome).Select(m => new { m.DecisionPointId, m.Outcome }).ToListAsync(cancel);
        List<ModelView> before = [];
        foreach (var of in outcomes) if (await Registration.BeforeAsync(db, of.DecisionPointId, of.Outcome, cancel) is { } model) before.Add(ViewOf(model, key, model.Artefact.Length));
        return before;
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
        return ModelComparisonView.Of(one.Value!, other.Value!);
    }

    public async Task<Answered<TrainingView>> TrainingAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return UnknownPoint(key);
        var plan = point.CurrentVersion == 0 ? null : (await StoredVersions.ServedAsync(db, point.Id, point.CurrentVersion, cancel)).Training;
        var last = await runs.ListAsync(caller, new JobRunFilter(point.Id, JobKinds.TrainModel, Take: 1), cancel);
        return new TrainingView(plan, last.Value is [var run, ..] ? run : null);
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
    /// <param name="values">By feature; what is left out is missing. <c>@option</c> names the option.</param>
    public async Task<Answered<ExplanationView>> ExplainAsync(
        Caller caller, string key, int number, IReadOnlyDictionary<string, string> values, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        var (model, refusal) = await LoadAsync(key, number, cancel);
        if (model is null) return refusal!;
        var artefact = Artefact.Read(model.Artefact);
        if (artefact.Refusal is { } fault) return new Refusal("model.unreadable", fault.Reason);
        var typical = BehaviourOf(model).Typical.ToDictionary(t => t.Feature, t => t.Value);
        return Explanation.Of(artefact.Value!, values, typical);
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

    /// <summary>Features marked personal when the model was made, or now.</summary>
    private async Task<ImmutableArray<string>> PersonalAsync(Model model, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var current = await db.Set<DecisionPoint>().Where(p => p.Id == model.DecisionPointId).Select(p => p.CurrentVersion).SingleAsync(cancel);
        var stored = await StoredVersions.ReadAsync(db, model.DecisionPointId, cancel);
        int[] versions = [model.BlueprintVersion, current];
        foreach (var version in versions) stored.Need(version); // without it nobody can tell what is personal
        return [.. versions.SelectMany(v => stored.Contents.GetValueOrDefault(v)?.AllFeatures ?? []).Where(f => f.IsPersonal).Select(f => f.Name).Distinct().Order(StringComparer.Ordinal)];
    }

    private static Behaviour BehaviourOf(Model model) => ModelJson.Read<Behaviour>(model.Behaviour) ?? Behaviour.None;

    private static ModelDetailView DetailOf(Model model, string key, ImmutableArray<GateDecisionView> decisions, ImmutableArray<string> personal)
    {
        var artefact = Artefact.Read(model.Artefact);
        var view = ViewOf(model, key, model.Artefact.Length);
        var lineage = ModelJson.Read<Lineage>(model.Settings);
        var importance = model.Importance is "" or "[]" ? [] : ModelJson.Read<FeatureImportance[]>(model.Importance)!.ToImmutableArray();
        var behaviour = BehaviourOf(model);
        var task = view.Quality?.Task ?? PredictionTask.Number;
        var features = importance.Select(i =>
        {
            var dependence = behaviour.Dependence.FirstOrDefault(d => Column.FeatureOf(d.Feature) == i.Feature);
            return new FeatureView(i.Feature, FeatureWords.Of(i, dependence, task), dependence);
        });
        var calibration = behaviour.Uncalibrated.IsEmpty ? null : new CalibrationView(lineage?.Calibration ?? "", behaviour.UncalibratedError, behaviour.Uncalibrated);
        return new(
            view, model.Seed, importance, [.. features], calibration, behaviour.Typical, lineage, ModelJson.Read<Evidence>(model.Evidence) ?? Evidence.None,
            [.. (artefact.Value?.Columns ?? []).Where(c => Column.FeatureOf(c.Name) == c.Name || !personal.Contains(Column.FeatureOf(c.Name))).Select(c => personal.Contains(c.Name) ? c with { Categories = [] } : c)], personal, artefact.Refusal?.Reason, ModelJson.Read<DataSnapshot>(model.Data),
            ModelJson.Read<Preparation>(model.Preparation) ?? Preparation.None, ModelJson.Read<ShadowComparison>(model.Shadow), decisions) { Typed = TypedRow.Features(artefact.Value?.Columns ?? []) };
    }

    private static ModelView ViewOf(Model m, string key, int bytes) => new(
        m.Id, m.DecisionPointId, key, m.Number, m.Outcome, m.State, m.BlueprintVersion, m.Family, m.DataFrom, m.DataUntil, m.Rows, m.TrainedAt,
        m.TrainSeconds, m.JobRunId, ModelJson.Read<ModelQuality>(m.Metrics), ModelJson.Read<Evidence>(m.Evidence)?.Verdict ?? "", m.PromotedAt, m.RetiredAt, bytes);
}

public sealed record FirstModel(string DecisionPointKey, int Number, DateTimeOffset PromotedAt);
