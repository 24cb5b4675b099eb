using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Monitoring;

/// <summary>Holds what is served now, and what comes of it, against where each live model learned and what it predicted, and looks after what is reported, trained and guarded: fires
/// and clears alerts, and asks for a training where the blueprint says so. A look that is made twice changes nothing.</summary>
public sealed partial class DriftCheck(
    IDbContextFactory<LooperDb> databases, DriftFigures figures, LiveQualityFigures quality, JoinRateFigures joins, ExampleReader examples, TrainingCounts counts, JobRequests requests, Ids ids, ChangeFeed changes, TimeProvider clock, ILogger<DriftCheck> log)
{
    /// <summary>A drift that a training has just answered does not ask for another at once.</summary>
    public static readonly TimeSpan BetweenTrainings = TimeSpan.FromHours(6);

    /// <summary>Cleared alerts are kept this long.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(180);

    /// <summary>The current version of a decision point cannot be read, so nothing else of it can be looked at: other alerts of it stay as they are. Gone with the first look that can be made.</summary>
    public const string UnreadableVersion = "version.unreadable";

    /// <returns>How many alerts fired.</returns>
    /// <exception cref="AggregateException">Some decision points could not be looked at; all others were.</exception>
    public async Task<int> CheckAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().Where(p => !p.IsArchived && p.CurrentVersion > 0).Select(p => p.Id).ToListAsync(cancel);
        var old = clock.GetUtcNow() - KeptFor;
        db.RemoveRange(await db.Set<Alert>().Where(a => a.ClearedAt < old).ToListAsync(cancel));
        await db.SaveChangesAsync(cancel);
        await ClearUnwatchedAsync(db, points, cancel);
        var fired = 0;
        var failed = new List<Exception>();
        foreach (var id in points)
        {
            try
            {
                fired += await CheckAsync(id, cancel);
            }
            catch (UnreadableVersionException unreadable)
            {
                fired += await TellAsync(id, unreadable, cancel);
            }
            catch (Exception fault) when (fault is not OperationCanceledException) // the others are looked at
            {
                NotLooked(log, id, fault);
                failed.Add(fault);
            }
        }
        return failed.Count == 0 ? fired : throw new AggregateException($"{failed.Count} of {points.Count} decision points could not be looked at; the log names them.", failed);
    }

    /// <summary>Of decision points that are not looked at any more.</summary>
    private async Task ClearUnwatchedAsync(LooperDb db, List<Guid> watched, CancellationToken cancel)
    {
        var left = await db.Set<Alert>().Where(a => a.ClearedAt == null && Watched.Conditions.Contains(a.Condition) && !watched.Contains(a.DecisionPointId)).ToListAsync(cancel);
        if (left.Count == 0) return;
        var keys = await db.Set<DecisionPoint>().AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.Key, cancel);
        var now = clock.GetUtcNow();
        foreach (var alert in left) Clear(db, keys.GetValueOrDefault(alert.DecisionPointId, $"{alert.DecisionPointId}"), alert, now);
        await db.SaveChangesAsync(cancel);
        foreach (var point in left.Select(a => a.DecisionPointId).Distinct()) changes.Announce(ChangeKind.DecisionPoint, point);
    }

    private async Task<int> CheckAsync(Guid id, CancellationToken cancel)
    {
        using var counted = WorkMeter.For(id);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var now = clock.GetUtcNow(); // before it looks: what another look found meanwhile is newer
        if (await LivePoint.FindAsync(db, id, cancel) is not { } point) return 0;
        var look = await figures.LookAsync(point, cancel);
        Watched[] watched =
        [
            .. look.Models.SelectMany(m => m.Figures.Select(f => Watched.Of(m.Number, f))), .. (await quality.LookAsync(db, id, [], cancel)).Select(Watched.Of),
            .. (await joins.LookAsync(db, point, now, cancel)).Select(Watched.Of), .. (await StaleModel.LookAsync(db, point, examples, now, cancel)).Select(Watched.Of),
            .. (await HarmedGuardrail.LookAsync(db, id, cancel)).Select(Watched.Of),
        ];
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("alerts", cancel); // two looks at once would fire twice
        var active = await db.Set<Alert>().Where(a => a.DecisionPointId == id && a.ClearedAt == null && Watched.Conditions.Contains(a.Condition)).ToListAsync(cancel);
        var crossed = watched.Where(w => w.Condition is not null).DistinctBy(w => (w.Condition, w.Subject)).ToList();
        var gone = active.FindAll(a => a.SeenAt <= now && (watched.Any(w => w.Judges(a)) || !IsWatched(a) || IsReplaced(a)) && !crossed.Exists(c => (c.Condition, c.Subject) == (a.Condition, a.Subject)));
        foreach (var alert in gone) Clear(db, look.Key, alert, now);
        var fresh = new List<Alert>();
        foreach (var one in crossed)
        {
            var known = active.Find(a => (a.Condition, a.Subject) == (one.Condition, one.Subject));
            if (known is null) fresh.Add(known = Fire(db, look.Key, id, one, now));
            if (known.SeenAt > now) continue;
            (known.ModelNumber, known.Weight, known.Sentence, known.SeenAt, known.Value, known.Limit) = (one.Number, one.Weight, one.Sentence, now, Known(one.Value), Known(one.Limit));
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        // what no live model learned from, or is for, any more, and what is not asked for or guarded: nothing would ever answer its alert
        bool IsWatched(Alert alert) => watched.Any(w => w.IsAbout(alert)) || (Watched.Learned.Contains(alert.Condition) && look.Models.Any(m => m.Outcome == alert.Subject));

        // what its model learned and foretold is not served any more, however little is known of the one that is
        bool IsReplaced(Alert alert) => Watched.Learned.Contains(alert.Condition) && alert.ModelNumber is { } number && !point.Live.Contains(number);

        foreach (var alert in fresh) Fired(log, look.Key, alert.Condition, alert.Subject, alert.Sentence);
        if (fresh.Count + gone.Count > 0) changes.Announce(ChangeKind.DecisionPoint, id);
        if (look.Plan is { IsOn: true, RetrainOnDrift: true }) await TrainAsync(db, id, look.Key, [.. fresh, .. active.Where(a => a.ClearedAt is null)], now, cancel);
        return fresh.Count;
    }

    private async Task<int> TellAsync(Guid id, UnreadableVersionException unreadable, CancellationToken cancel)
    {
        var (now, subject) = (clock.GetUtcNow(), string.Create(CultureInfo.InvariantCulture, $"version {unreadable.Version}"));
        await using var db = await databases.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.LockAsync("alerts", cancel);
        var active = await db.Set<Alert>().Where(a => a.DecisionPointId == id && a.Condition == UnreadableVersion && a.ClearedAt == null).ToListAsync(cancel);
        foreach (var gone in active.Where(a => a.Subject != subject)) Clear(db, unreadable.Key, gone, now);
        var known = active.Find(a => a.Subject == subject);
        if (known is not null) known.SeenAt = now;
        else
        {
            known = Fire(db, unreadable.Key, id, new(null, subject, [UnreadableVersion], UnreadableVersion, AlertWeight.Urgent, unreadable.Refusal.Reason, double.NaN, double.NaN), now);
            (known.Weight, known.Sentence) = (AlertWeight.Urgent, unreadable.Refusal.Reason);
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        if (known.FiredAt != now) return 0;
        Fired(log, unreadable.Key, UnreadableVersion, subject, known.Sentence);
        changes.Announce(ChangeKind.DecisionPoint, id);
        return 1;
    }

    /// <summary>For alerts that no training has been asked for since; one that failed is none. One that comes soon after a training waits for its time.</summary>
    private async Task TrainAsync(LooperDb db, Guid id, string key, List<Alert> active, DateTimeOffset now, CancellationToken cancel)
    {
        active.RemoveAll(a => !Watched.Learned.Contains(a.Condition)); // no training mends the others
        if (active.Count == 0 || await TrainingPipeline.IsImportingAsync(db, id, cancel)) return;
        var trainings = db.Set<JobRun>().AsNoTracking().Where(r => r.DecisionPointId == id && r.Kind == JobKinds.TrainModel).OrderByDescending(r => r.RequestedAt);
        var last = await trainings.Select(r => (DateTimeOffset?)r.RequestedAt).FirstOrDefaultAsync(cancel);
        if (last is { } at && now - at < BetweenTrainings) return;
        var answered = await trainings.Where(r => r.State != JobState.Failed).Select(r => (DateTimeOffset?)r.RequestedAt).FirstOrDefaultAsync(cancel);
        var open = active.FindAll(a => answered is null || a.FiredAt > answered);
        if (open.Count == 0) return;
        var why = $"{(open.TrueForAll(a => a.Condition is LiveQuality.Calibration or LiveQuality.WorseThanAverage) ? "wrong predictions" : "drift")} of {string.Join(", ", open.Select(a => a.Subject).Distinct())}";
        await requests.EnqueueAsync(Caller.System, JobKinds.TrainModel, id, key, (await counts.CountAsync(db, id, new(why), cancel)).Write(), cancel); // an open training answers it as well
    }

    private Alert Fire(LooperDb db, string key, Guid point, Watched crossed, DateTimeOffset now)
    {
        var alert = new Alert { Id = ids.Next(), DecisionPointId = point, Condition = crossed.Condition!, Subject = crossed.Subject, FiredAt = now, SeenAt = now };
        db.Add(alert);
        db.Add(AuditEntry.Of(Caller.System, "alert.fired", $"{key}/{crossed.Subject}", now, after: new { condition = crossed.Condition, value = Known(crossed.Value) is { } value ? Math.Round(value, 4) : (double?)null }));
        return alert;
    }

    private static double? Known(double value) => double.IsFinite(value) ? value : null;

    private void Clear(LooperDb db, string key, Alert alert, DateTimeOffset now)
    {
        alert.ClearedAt = now;
        db.Add(AuditEntry.Of(Caller.System, "alert.cleared", $"{key}/{alert.Subject}", now, before: new { condition = alert.Condition }));
        Cleared(log, key, alert.Condition, alert.Subject);
    }

    [LoggerMessage(1620, LogLevel.Warning, "alert.fired: {Key}: {Condition} of {Subject}. {Sentence}")]
    private static partial void Fired(ILogger log, string key, string condition, string subject, string sentence);

    [LoggerMessage(1622, LogLevel.Error, "alert.not-looked: decision point {Point} could not be looked at")]
    private static partial void NotLooked(ILogger log, Guid point, Exception cause);

    [LoggerMessage(1621, LogLevel.Information, "alert.cleared: {Key}: {Condition} of {Subject}")]
    private static partial void Cleared(ILogger log, string key, string condition, string subject);
}
