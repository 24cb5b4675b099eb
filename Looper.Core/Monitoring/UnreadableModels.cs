using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Monitoring;

/// <param name="ServedBy">Number of the model that goes on serving in its place; null when there is none.</param>
public sealed record UnreadableModel(Guid DecisionPointId, string Key, string Outcome, int Number, string Why, int? ServedBy);

/// <summary>Alerts about live models whose artefact cannot be read.</summary>
public sealed partial class UnreadableModels(IDbContextFactory<LooperDb> databases, Ids ids, ChangeFeed changes, TimeProvider clock, ILogger<UnreadableModels> log)
{
    public const string Condition = "model.unreadable";

    /// <summary>Fires for each that has no alert yet, and clears those that are gone.</summary>
    public async Task ReportAsync(IReadOnlyCollection<UnreadableModel> found, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(found);
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("alerts", cancel);
        var active = await db.Set<Alert>().Where(a => a.Condition == Condition && a.ClearedAt == null).ToListAsync(cancel);
        var now = clock.GetUtcNow();
        var gone = active.FindAll(a => found.All(f => (f.DecisionPointId, f.Outcome, (int?)f.Number) != (a.DecisionPointId, a.Subject, a.ModelNumber)));
        var keys = gone.Count == 0 ? [] : await db.Set<DecisionPoint>().AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.Key, cancel);
        foreach (var alert in gone)
        {
            alert.ClearedAt = now;
            var key = keys.GetValueOrDefault(alert.DecisionPointId, $"{alert.DecisionPointId}");
            db.Add(AuditEntry.Of(Caller.System, "alert.cleared", $"{key}/{alert.Subject}", now, before: new { condition = Condition, model = alert.ModelNumber }));
            Cleared(log, key, alert.Subject);
        }
        var fresh = found.Where(f => active.TrueForAll(a => (f.DecisionPointId, f.Outcome, (int?)f.Number) != (a.DecisionPointId, a.Subject, a.ModelNumber))).ToList();
        foreach (var model in fresh)
        {
            var alert = new Alert
            {
                Id = ids.Next(),
                DecisionPointId = model.DecisionPointId,
                Condition = Condition,
                Subject = model.Outcome,
                ModelNumber = model.Number,
                Weight = AlertWeight.Urgent,
                Sentence = $"Model {model.Number} for `{model.Outcome}` cannot be read: {model.Why} {(model.ServedBy is { } other ? $"Model {other} as last read goes on serving." : "The default answers.")} Go back to an earlier model, or train again.",
                FiredAt = now,
                SeenAt = now,
            };
            db.Add(alert);
            Fired(log, model.Key, model.Outcome, alert.Sentence);
            db.Add(AuditEntry.Of(Caller.System, "alert.fired", $"{model.Key}/{model.Outcome}", now, after: new { condition = Condition, model = model.Number }));
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        foreach (var point in gone.Select(a => a.DecisionPointId).Concat(fresh.Select(f => f.DecisionPointId)).Distinct()) changes.Announce(ChangeKind.DecisionPoint, point);
    }

    [LoggerMessage(1623, LogLevel.Warning, "alert.fired: {Key}: model.unreadable of {Subject}. {Sentence}")]
    private static partial void Fired(ILogger log, string key, string subject, string sentence);

    [LoggerMessage(1624, LogLevel.Information, "alert.cleared: {Key}: model.unreadable of {Subject}")]
    private static partial void Cleared(ILogger log, string key, string subject);
}
