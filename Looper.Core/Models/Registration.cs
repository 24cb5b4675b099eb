using System.Collections.Immutable;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Learning;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Looper.Core.Models;

/// <param name="Verdict">What became of it, and why.</param>
public sealed record Registered(Model Model, string Verdict);

/// <param name="SecondsEach">Time spent on each model.</param>
/// <param name="Refused">Why outcomes got no model.</param>
public sealed record TrainingResult(
    Guid DecisionPointId, string Key, int BlueprintVersion, Guid RunId, DateTimeOffset At, double SecondsEach,
    ImmutableArray<Trained> Trained, ImmutableArray<string> Refused);

/// <summary>Numbers and stores trained candidates, and gives each its place by the rule: live where nothing is, else into the shadow of what is live.</summary>
public sealed class Registration(Ids ids)
{
    private const string Turn = "models";

    /// <summary>Adds the candidates. Does not save. Call it in a transaction: it takes its turn there.</summary>
    public async Task<ImmutableArray<Registered>> RegisterAsync(LooperDb db, TrainingResult result, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(result);
        await db.LockAsync(Turn, cancel);
        var now = await CurrentAsync(db, result.DecisionPointId, cancel);
        var number = await db.Set<Model>().Where(m => m.DecisionPointId == result.DecisionPointId).MaxAsync(m => (int?)m.Number, cancel) ?? 0;
        var made = ImmutableArray.CreateBuilder<Registered>();
        for (var i = 0; i < result.Trained.Length; i++)
        {
            var model = ModelOf(result, i, ++number);
            db.Add(model);
            var own = await db.Set<Model>().Where(m => m.DecisionPointId == result.DecisionPointId && m.Outcome == model.Outcome
                && (m.State == ModelState.Live || m.State == ModelState.Shadow)).ToListAsync(cancel);
            var live = own.Find(m => m.State == ModelState.Live);
            var (verdict, evidence) = Place(db, now, result, result.Trained[i], model, live, [.. own.Where(m => m.State == ModelState.Shadow)]);
            model.Evidence = JsonSerializer.Serialize(evidence, ModelJson.Options);
            db.Add(DecisionOf(ids, model, live?.Number, result.At, GateStage.Training, verdict, "rule", null, evidence));
            made.Add(new(model, evidence.Verdict));
        }
        return made.ToImmutable();
    }

    /// <summary>What the decision point decides by now, which may not be what was trained for; null where it is archived.</summary>
    private static async Task<BlueprintContent?> CurrentAsync(LooperDb db, Guid id, CancellationToken cancel)
    {
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == id, cancel);
        return point.IsArchived ? null : await StoredVersions.ServedAsync(db, id, point.CurrentVersion, cancel);
    }

    /// <summary>Keeps everyone else who makes a model live waiting until the transaction ends. Where none is live yet, two who did so at once would change no row in
    /// common, and both models would be.</summary>
    internal static async Task<IDbContextTransaction> TakeTurnAsync(LooperDb db, CancellationToken cancel)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync(Turn, cancel);
        return transaction;
    }

    /// <summary>The model of an outcome that going back makes live: the one that was live last and can be read; what cannot be read is passed over.</summary>
    internal static async Task<Model?> BeforeAsync(LooperDb db, Guid point, string outcome, CancellationToken cancel)
    {
        var earlier = db.Set<Model>().Where(m => m.DecisionPointId == point && m.Outcome == outcome && m.State == ModelState.Retired && m.PromotedAt != null)
            .OrderByDescending(m => m.RetiredAt).AsAsyncEnumerable();
        await foreach (var model in earlier.WithCancellation(cancel))
        {
            if (Artefact.Read(model.Artefact).Refusal is null) return model;
        }
        return null;
    }

    internal static GateDecision DecisionOf(
        Ids ids, Model model, int? live, DateTimeOffset at, GateStage stage, GateVerdict verdict, string by, string? reason, Evidence evidence) => new()
        {
            Id = ids.Next(),
            DecisionPointId = model.DecisionPointId,
            Outcome = model.Outcome,
            ModelNumber = model.Number,
            LiveNumber = live,
            At = at,
            Stage = stage,
            Verdict = verdict,
            DecidedBy = by,
            Reason = reason,
            Evidence = JsonSerializer.Serialize(evidence, ModelJson.Options),
        };

    /// <summary>Makes <paramref name="model"/> live by the rule and retires what was.</summary>
    internal static Evidence Promote(LooperDb db, string key, Model model, Model? live, DateTimeOffset at, Evidence evidence)
    {
        live?.Retire(at);
        model.Promote(at);
        db.Add(AuditEntry.Of(Caller.System, "model.promoted", $"{key}/{model.Number}", at, live is null ? null : $"{key}/{live.Number}", $"{key}/{model.Number}", "by rule"));
        return evidence with { Verdict = Gate.Text($"Promoted by rule at {at:d MMM yyyy HH:mm} UTC.") };
    }

    private static (GateVerdict Verdict, Evidence Evidence) Place(
        LooperDb db, BlueprintContent? now, TrainingResult result, Trained trained, Model model, Model? live, ImmutableArray<Model> shadows)
    {
        var evidence = trained.Evidence;
        var beside = live is null ? null : TrainingPipeline.LiveOf(live);
        if (!evidence.Holds) return (GateVerdict.Kept, evidence with { Verdict = $"Not promoted. {evidence.Verdict}" });
        if (now is null)
            return (GateVerdict.Kept, evidence with { Holds = false, Verdict = "Not promoted: the decision point was archived while this model was trained. Restore it, then promote by hand." });
        if (!VersionTable.Shares(now, trained.Outcome))
            return (GateVerdict.Kept, evidence with { Holds = false, Verdict = $"Not promoted: a version that defines `{trained.Outcome.Name}` otherwise was published while this model was trained. Train again." });
        if (beside?.Number != trained.ComparedWith)
            return (GateVerdict.Kept, evidence with { Holds = false, Verdict = "Not promoted: the live model changed while this one was trained. Train again, or promote it by hand." });
        var decisions = trained.Lineage.Plan.Gate.ShadowDecisions;
        if (beside is not null && decisions > 0)
        {
            foreach (var older in shadows) older.Retire(result.At); // the newer one knows more
            model.BeginShadow(result.At);
            return (GateVerdict.Shadowed, evidence with { Verdict = Gate.Text($"The rule holds. It scores the next {decisions:N0} live decisions beside model {beside.Number} before it may take its place.") });
        }
        if (!now.Training.PromoteAutomatically) return (GateVerdict.LeftToPerson, evidence with { Verdict = "The rule holds. The blueprint leaves promoting to a person." });
        return (GateVerdict.Promoted, Promote(db, result.Key, model, live, result.At, evidence));
    }

    private Model ModelOf(TrainingResult result, int index, int number)
    {
        var trained = result.Trained[index];
        return new Model
        {
            Id = ids.Next(),
            DecisionPointId = result.DecisionPointId,
            Number = number,
            Outcome = trained.Outcome.Name,
            State = ModelState.Candidate,
            BlueprintVersion = result.BlueprintVersion,
            Family = FamilyOf(trained.Predictor.Predictor),
            Seed = TrainingPipeline.SeedOf(result.RunId, index),
            DataFrom = trained.Data.From,
            DataUntil = trained.Data.Until,
            Rows = trained.Data.Rows,
            TrainedAt = result.At,
            TrainSeconds = result.SecondsEach,
            JobRunId = result.RunId,
            Metrics = JsonSerializer.Serialize(trained.Quality, ModelJson.Options),
            Importance = JsonSerializer.Serialize(trained.Importance, ModelJson.Options),
            Behaviour = JsonSerializer.Serialize(trained.Behaviour, ModelJson.Options),
            Data = JsonSerializer.Serialize(trained.Data, ModelJson.Options),
            Preparation = JsonSerializer.Serialize(trained.Preparation, ModelJson.Options),
            Profile = JsonSerializer.Serialize(trained.Profile, ModelJson.Options),
            Settings = JsonSerializer.Serialize(trained.Lineage, ModelJson.Options),
            Artefact = trained.Artefact,
        };
    }

    private static string FamilyOf(IPredictor predictor) => predictor switch
    {
        TreeEnsemble => "trees",
        Learning.Linear.LinearPredictor => "linear",
        _ => "network",
    };
}
