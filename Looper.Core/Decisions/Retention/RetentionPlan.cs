using System.Collections.Immutable;
using Looper.Core.Events;

namespace Looper.Core.Decisions.Retention;

/// <summary>How long decisions and observations are kept: by the installation, and by decision points that say otherwise.</summary>
/// <param name="Days">Of the installation.</param>
public sealed record RetentionPlan(int Days, ImmutableArray<PointRetention> Points)
{
    public const int PresetDays = 400, LeastDays = 1, MostDays = 3_650;

    /// <summary>The longest that anything is kept.</summary>
    public int LongestDays => Points.Aggregate(Days, (days, p) => Math.Max(days, p.EffectiveDays(Days)));

    public PurgeOrder OrderAt(DateTimeOffset now) => new(
        Points.ToDictionary(p => p.Id, p => now - TimeSpan.FromDays(p.EffectiveDays(Days))), now - TimeSpan.FromDays(LongestDays));
}

/// <param name="OwnDays">Null follows the installation.</param>
/// <param name="LeastDays">What its longest window needs, in which something that was decided by it may still be reported: younger decisions are never removed.</param>
public sealed record PointRetention(Guid Id, string Key, string Name, int? OwnDays, int LeastDays)
{
    public int EffectiveDays(int installationDays) => Math.Max(OwnDays ?? installationDays, LeastDays);
}
