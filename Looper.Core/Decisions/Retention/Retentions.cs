using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Decisions.Retention;

/// <summary>Reads and changes how long events are kept.</summary>
public sealed class Retentions(IDbContextFactory<LooperDb> databases, TimeProvider clock, ChangeFeed changes)
{
    private const string Key = "retention.days", PointKey = Key + ":";

    public async Task<RetentionPlan> ReadAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await ReadAsync(db, clock.GetUtcNow(), cancel);
    }

    /// <param name="point">Key of a decision point, or null for the installation.</param>
    /// <param name="days">Null lets the decision point follow the installation.</param>
    public async Task<Refusal?> ChangeAsync(Caller caller, string? point, int? days, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Administer) is { } denied) return denied;
        if (days is < RetentionPlan.LeastDays or > RetentionPlan.MostDays || (days is null && point is null))
            return Invalid($"{days?.ToString(CultureInfo.InvariantCulture) ?? "nothing"} is not a number of days from {RetentionPlan.LeastDays} to {RetentionPlan.MostDays:N0}. Give one, for example {RetentionPlan.PresetDays}.");
        await using var db = await databases.CreateDbContextAsync(cancel);
        var plan = await ReadAsync(db, clock.GetUtcNow(), cancel);
        var own = plan.Points.FirstOrDefault(p => p.Key == point);
        if (point is not null && own is null) return DecisionPointActions.Unknown(point);
        if (TooShort(plan, own, days) is { } needs)
            return Invalid($"{days} days is shorter than `{needs.Key}` needs. {needs.Why} Give {needs.LeastDays} or more.");
        var key = own is null ? Key : PointKey + own.Id.ToString("N");
        var setting = await db.Set<Setting>().SingleOrDefaultAsync(s => s.Key == key, cancel);
        db.Add(AuditEntry.Of(caller, "retention.changed", point ?? "installation", clock.GetUtcNow(), before: Shown(setting?.Value, own), after: Shown(days?.ToString(CultureInfo.InvariantCulture), own)));
        if (days is null)
        {
            if (setting is not null) db.Remove(setting);
        }
        else if (setting is null)
        {
            db.Add(new Setting { Key = key, Value = days.Value.ToString(CultureInfo.InvariantCulture) });
        }
        else
        {
            setting.Value = days.Value.ToString(CultureInfo.InvariantCulture);
        }
        await db.SaveChangesAsync(cancel);
        if (own is not null) changes.Announce(ChangeKind.DecisionPoint, own.Id);
        return null;
    }

    private static PointRetention? TooShort(RetentionPlan plan, PointRetention? own, int? days) =>
        own is not null ? (days < own.LeastDays ? own : null) : plan.Points.FirstOrDefault(p => p.OwnDays is null && days < p.LeastDays);

    private static string Shown(string? days, PointRetention? own) => days is null ? (own is null ? $"{RetentionPlan.PresetDays} days" : "as the installation") : $"{days} days";

    private static Refusal Invalid(string text) => new("retention.invalid", $"Days: {text}", "days");

    private static async Task<RetentionPlan> ReadAsync(LooperDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var settings = await db.Set<Setting>().AsNoTracking().Where(s => s.Key.StartsWith(Key)).ToDictionaryAsync(s => s.Key, s => int.Parse(s.Value, CultureInfo.InvariantCulture), cancel);
        var points = await db.Set<DecisionPoint>().AsNoTracking().OrderBy(p => p.Key).ToListAsync(cancel);
        var windows = await OpenWindows.ReadAsync(db, now, cancel);
        var counted = await CountedEvents.ReadAsync(db, now, cancel);
        return new(
            settings.GetValueOrDefault(Key, RetentionPlan.PresetDays),
            [.. points.Select(p => Of(p, settings.TryGetValue(PointKey + p.Id.ToString("N"), out var own) ? own : null, windows.GetValueOrDefault(p.Id), counted.GetValueOrDefault(p.Id), now))]);
    }

    private static PointRetention Of(DecisionPoint point, int? ownDays, TimeSpan window, CountedFrom? counted, DateTimeOffset now)
    {
        var open = DaysOf(window);
        var needed = counted is null ? 0 : DaysOf(now - counted.From);
        return new(point.Id, point.Key, point.Name, ownDays, Math.Max(open, needed)) { Counted = needed > open ? counted : null };
    }

    private static int DaysOf(TimeSpan span) => 1 + (int)Math.Ceiling(span.TotalDays);
}
