using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Events;

namespace Looper.Core.Decisions.Retention;

/// <summary>How long decisions and observations are kept: by the installation, and by decision points that say otherwise.</summary>
/// <param name="Days">Of the installation.</param>
public sealed record RetentionPlan(int Days, ImmutableArray<PointRetention> Points)
{
    public const int PresetDays = 400, LeastDays = 1, MostDays = 3_650;

    /// <summary>The longest that anything is kept.</summary>
    public int LongestDays => Points.Aggregate(Days, (days, p) => Math.Max(days, p.EffectiveDays(Days)));

    public IReadOnlyDictionary<Guid, int> DaysByPoint => Points.ToDictionary(p => p.Id, p => p.EffectiveDays(Days));

    /// <summary>What becomes of decisions as old as these; null where all of them are kept.</summary>
    /// <param name="point">They are of this decision point.</param>
    /// <param name="first">The oldest.</param>
    public string? Losing(Guid point, DateTimeOffset first, DateTimeOffset now)
    {
        if (Points.FirstOrDefault(p => p.Id == point) is not { } own) return null;
        var days = own.EffectiveDays(Days);
        return now - first <= TimeSpan.FromDays(days) ? null : string.Create(CultureInfo.InvariantCulture,
            $"The oldest row is of {first.UtcDateTime:yyyy-MM-dd}, and events of `{own.Key}` are kept for {days:N0} days: what is older is removed within a day. Keep them for longer under Settings, Data, and import the file again.");
    }

    public PurgeOrder OrderAt(DateTimeOffset now) => new(
        Points.ToDictionary(p => p.Id, p => now - TimeSpan.FromDays(p.EffectiveDays(Days))), now - TimeSpan.FromDays(LongestDays));
}

/// <param name="OwnDays">Null follows the installation.</param>
/// <param name="LeastDays">What its longest window needs, in which something that was decided by it may still be reported, and what an experiment on it still counts: younger decisions
/// are never removed.</param>
public sealed record PointRetention(Guid Id, string Key, string Name, int? OwnDays, int LeastDays)
{
    /// <summary>The experiment that <see cref="LeastDays"/> is for; null where it is for a window.</summary>
    public CountedFrom? Counted { get; init; }

    /// <summary>What the least days are for, as a sentence about the decision point.</summary>
    public string Why => Counted is { } counted
        ? string.Create(CultureInfo.InvariantCulture, $"The experiment `{counted.Key}` counts what happened since {counted.From.UtcDateTime:yyyy-MM-dd}, until the windows of its last decisions are over.")
        : string.Create(CultureInfo.InvariantCulture, $"The longest window of its outcomes and histories, of earlier versions too while theirs are open, is over after {LeastDays} days.");

    /// <summary>Why its events are kept for longer than somebody set; null where they are not.</summary>
    public string? WhyLonger(int installationDays) => LeastDays > (OwnDays ?? installationDays) ? Why : null;

    public int EffectiveDays(int installationDays) => Math.Max(OwnDays ?? installationDays, LeastDays);
}
