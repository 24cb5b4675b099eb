using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Models;

/// <summary>What people do to models. Each announces the change, so that serving takes it up at once.</summary>
public sealed class ModelActions(
    IDbContextFactory<LooperDb> databases, JobRequests requests, TrainingCounts counts, ChangeFeed changes, Ids ids, TimeProvider clock, ILogger<ModelActions> log)
{
    /// <summary>Queues a training run; its id comes back.</summary>
    /// <param name="provisional">Also learn from decisions whose outcome has arrived although its window is still open.</param>
    public async Task<Answered<Guid>> TrainAsync(Caller caller, string key, bool provisional, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Train) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return ModelQueries.UnknownPoint(key);
        if (point.CurrentVersion == 0) return new Refusal("model.nothing-published", $"'{key}' has no published blueprint yet. Publish one, then train.");
        if (point.IsArchived) return TrainingPipeline.Archived(key);
        if (await TrainingPipeline.IsImportingAsync(db, point.Id, cancel)) return TrainingPipeline.ImportOpen(key);
        var input = await counts.CountAsync(db, point.Id, new("asked by hand", provisional), cancel);
        return await requests.EnqueueAsync(caller, JobKinds.TrainModel, point.Id, key, input.Write(), cancel);
    }

    /// <summary>Queues a run that trains a model again from its lineage and says whether the same bytes come out; its id comes back.</summary>
    public async Task<Answered<Guid>> TrainAgainAsync(Caller caller, string key, int number, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Train) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return ModelQueries.UnknownPoint(key);
        var settings = await db.Set<Model>().Where(m => m.DecisionPointId == point.Id && m.Number == number).Select(m => m.Settings).SingleOrDefaultAsync(cancel);
        if (settings is null) return ModelQueries.Unknown(key, number);
        if (ModelJson.Read<Lineage>(settings)?.ReadAt is null) return RepeatedTraining.NotKept(number);
        return await requests.EnqueueAsync(caller, JobKinds.RepeatTraining, point.Id, key, new RepeatedTrainingInput(number).Write(), cancel);
    }

    /// <summary>Makes a candidate, or an older model, live for its outcome; the one before is retired and stays at hand.</summary>
    public Task<Refusal?> PromoteAsync(Caller caller, string key, int number, string? reason, CancellationToken cancel) =>
        ChangeAsync(caller, Right.Publish, key, number, "model.promoted", GateVerdict.Promoted, reason, async (db, model, at) =>
        {
            if (Learning.Artefact.Read(model.Artefact).Refusal is { } unreadable)
                return new Refusal("model.unreadable", $"Model {number} cannot be promoted: {unreadable.Reason}");
            if (model.Promote(at) is { } refusal) return refusal;
            var before = await db.Set<Model>().Where(m => m.DecisionPointId == model.DecisionPointId && m.Outcome == model.Outcome
                && m.State == ModelState.Live && m.Id != model.Id).ToListAsync(cancel);
            foreach (var other in before) other.Retire(at);
            return null;
        }, cancel);

    /// <summary>Takes a model out of service; without another live one, the default answers.</summary>
    public Task<Refusal?> RetireAsync(Caller caller, string key, int number, string? reason, CancellationToken cancel) =>
        ChangeAsync(caller, Right.Stop, key, number, "model.retired", GateVerdict.Retired, reason, (_, model, at) => Task.FromResult(model.Retire(at)), cancel);

    /// <summary>Makes the model that was live before live again; its number comes back.</summary>
    /// <param name="from">The live model that is to be replaced, as far as whoever asks knows; null replaces whichever is.</param>
    /// <param name="to">The model that is to go live, as far as whoever asks knows; null takes whichever was live before.</param>
    public async Task<Answered<int>> GoBackAsync(Caller caller, string key, string outcome, string? reason, CancellationToken cancel, int? from = null, int? to = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Stop) is { } denied) return denied;
        if (TooLong(reason) is { } tooLong) return tooLong;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var turn = await Registration.TakeTurnAsync(db, cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return ModelQueries.UnknownPoint(key);
        var before = await Registration.BeforeAsync(db, point.Id, outcome, cancel);
        if (before is null) return new Refusal("model.nothing-before", $"No model for `{outcome}` that can still be read was live before on '{key}', so there is none to go back to. Retire the live one instead.");
        var at = clock.GetUtcNow();
        var live = await db.Set<Model>().SingleOrDefaultAsync(m => m.DecisionPointId == point.Id && m.Outcome == outcome && m.State == ModelState.Live, cancel);
        if (from is { } number && live?.Number != number)
            return new Refusal("model.changed-meanwhile", $"{(live is null ? "No model" : $"Model {live.Number}")} is live for `{outcome}` by now, not model {number}: somebody has changed it. Look again before you go back.");
        if (to is { } promised && before.Number != promised)
            return new Refusal("model.changed-meanwhile", $"Model {before.Number} would go live for `{outcome}` by now, not model {promised}: it was live last of those that can be read. Look again before you go back.");
        live?.Retire(at);
        before.Promote(at);
        db.Add(AuditEntry.Of(caller, "model.rolled-back", $"{key}/{before.Number}", at, live is null ? null : $"{key}/{live.Number}", $"{key}/{before.Number}", reason));
        db.Add(Registration.DecisionOf(ids, before, live?.Number, at, GateStage.Person, GateVerdict.RolledBack, caller.Name, reason, EvidenceOf(before)));
        if (await SaveAsync(db, cancel) is { } refusal) return refusal;
        await turn.CommitAsync(cancel);
        changes.Announce(ChangeKind.Model, before.Id);
        ModelEvents.RolledBack(log, key, before.Number, caller.Name);
        return before.Number;
    }

    // What a server's column does not hold would be a fault there.
    private static Refusal? TooLong(string? reason) => reason?.Length > GateDecision.MostReason
        ? new("model.invalid", $"Reason: {reason.Length} characters are more than the {GateDecision.MostReason} there is room for. Shorten it.", "reason") : null;

    private static Evidence EvidenceOf(Model model) => ModelJson.Read<Evidence>(model.Evidence) ?? Evidence.None;

    private async Task<Refusal?> ChangeAsync(
        Caller caller, Right right, string key, int number, string action, GateVerdict verdict, string? reason,
        Func<LooperDb, Model, DateTimeOffset, Task<Refusal?>> change, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(right) is { } denied) return denied;
        if (TooLong(reason) is { } tooLong) return tooLong;
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var turn = await Registration.TakeTurnAsync(db, cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return ModelQueries.UnknownPoint(key);
        var model = await db.Set<Model>().SingleOrDefaultAsync(m => m.DecisionPointId == point.Id && m.Number == number, cancel);
        if (model is null) return ModelQueries.Unknown(key, number);
        var before = model.State;
        var at = clock.GetUtcNow();
        var live = await db.Set<Model>().Where(m => m.DecisionPointId == point.Id && m.Outcome == model.Outcome && m.State == ModelState.Live)
            .Select(m => (int?)m.Number).FirstOrDefaultAsync(cancel);
        if (await change(db, model, at) is { } refusal) return refusal;
        db.Add(Registration.DecisionOf(ids, model, live, at, GateStage.Person, verdict, caller.Name, reason, EvidenceOf(model)));
        db.Add(AuditEntry.Of(caller, action, $"{key}/{number}", at, before.ToString(), model.State.ToString(), reason));
        if (await SaveAsync(db, cancel) is { } conflict) return conflict;
        await turn.CommitAsync(cancel);
        changes.Announce(ChangeKind.Model, model.Id);
        if (verdict == GateVerdict.Promoted) ModelEvents.Promoted(log, key, number, caller.Name);
        return null;
    }

    private static async Task<Refusal?> SaveAsync(LooperDb db, CancellationToken cancel)
    {
        try
        {
            await db.SaveChangesAsync(cancel);
            return null;
        }
        catch (DbUpdateConcurrencyException)
        {
            return new("model.changed-meanwhile", "Somebody promoted or retired a model of this outcome a moment ago. Look again, then decide.");
        }
    }
}
