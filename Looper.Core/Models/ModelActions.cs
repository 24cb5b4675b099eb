using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Models;

/// <summary>What people do to models. Each announces the change, so that serving takes it up at once.</summary>
public sealed class ModelActions(IDbContextFactory<LooperDb> databases, JobRequests requests, ChangeFeed changes, TimeProvider clock)
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
        if (point.IsArchived) return new Refusal("decision-point.archived", $"'{key}' is archived. Restore it, then train.");
        var input = new TrainingInput("asked by hand", provisional);
        return await requests.EnqueueAsync(caller, JobKinds.TrainModel, point.Id, key, input.Write(), cancel);
    }

    /// <summary>Makes a candidate, or an older model, live for its outcome; the one before is retired and stays at hand.</summary>
    public Task<Refusal?> PromoteAsync(Caller caller, string key, int number, string? reason, CancellationToken cancel) =>
        ChangeAsync(caller, Right.Publish, key, number, "model.promoted", reason, async (db, model, at) =>
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
        ChangeAsync(caller, Right.Stop, key, number, "model.retired", reason, (_, model, at) => Task.FromResult(model.Retire(at)), cancel);

    /// <summary>Makes the model that was live before live again; its number comes back.</summary>
    public async Task<Answered<int>> GoBackAsync(Caller caller, string key, string outcome, string? reason, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Stop) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return ModelQueries.UnknownPoint(key);
        var before = await db.Set<Model>()
            .Where(m => m.DecisionPointId == point.Id && m.Outcome == outcome && m.State == ModelState.Retired && m.PromotedAt != null)
            .OrderByDescending(m => m.RetiredAt).FirstOrDefaultAsync(cancel);
        if (before is null) return new Refusal("model.nothing-before", $"No model for `{outcome}` was live before on '{key}', so there is none to go back to. Retire the live one instead.");
        var at = clock.GetUtcNow();
        var live = await db.Set<Model>().SingleOrDefaultAsync(m => m.DecisionPointId == point.Id && m.Outcome == outcome && m.State == ModelState.Live, cancel);
        live?.Retire(at);
        before.Promote(at);
        db.Add(AuditEntry.Of(caller, "model.rolled-back", $"{key}/{before.Number}", at, live is null ? null : $"{key}/{live.Number}", $"{key}/{before.Number}", reason));
        if (await SaveAsync(db, cancel) is { } refusal) return refusal;
        changes.Announce(ChangeKind.Model, before.Id);
        return before.Number;
    }

    private async Task<Refusal?> ChangeAsync(
        Caller caller, Right right, string key, int number, string action, string? reason,
        Func<LooperDb, Model, DateTimeOffset, Task<Refusal?>> change, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(right) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel);
        if (point is null) return ModelQueries.UnknownPoint(key);
        var model = await db.Set<Model>().SingleOrDefaultAsync(m => m.DecisionPointId == point.Id && m.Number == number, cancel);
        if (model is null) return ModelQueries.Unknown(key, number);
        var before = model.State;
        var at = clock.GetUtcNow();
        if (await change(db, model, at) is { } refusal) return refusal;
        db.Add(AuditEntry.Of(caller, action, $"{key}/{number}", at, before.ToString(), model.State.ToString(), reason));
        if (await SaveAsync(db, cancel) is { } conflict) return conflict;
        changes.Announce(ChangeKind.Model, model.Id);
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
