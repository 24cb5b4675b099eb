using System.Text.Json.Serialization;

namespace Looper.Core.Events;

/// <summary>Decisions, and observations of them, a day.</summary>
public readonly record struct EventRate(double Decisions, double Observations);

/// <summary>What the journal takes on disk, and how fast it grows.</summary>
/// <param name="FileBytes">Of <c>events.db</c>.</param>
/// <param name="UnusedBytes">Inside it: freed by removals, and given back to the file system step by step.</param>
/// <param name="LogBytes">Of the write-ahead log beside it.</param>
/// <param name="EventsPerDay">Decisions and observations a day over the last seven days, or since the first event; NaN before an hour has passed.</param>
/// <param name="OldestDecisionAt">Null without decisions.</param>
public sealed record EventStorage(
    long FileBytes, long UnusedBytes, long LogBytes, long Decisions, long Observations, double EventsPerDay, DateTimeOffset? OldestDecisionAt)
{
    /// <summary>The rate by decision point; empty while it is unknown.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<Guid, EventRate> Rates { get; init; } = new Dictionary<Guid, EventRate>();

    /// <summary>Share of the observations that name a unit and no decision: whatever they are of, they are kept as long as anything is.</summary>
    [JsonIgnore]
    public double ByUnitShare { get; init; }

    public long Events => Decisions + Observations;

    public long UsedBytes => FileBytes - UnusedBytes;

    /// <summary>What an event takes with its share of the indexes; NaN without events.</summary>
    public double BytesPerEvent => Events == 0 ? double.NaN : (double)UsedBytes / Events;
}

/// <summary>Where the size of the journal is going.</summary>
/// <param name="BytesPerDay">New bytes a day; NaN while the rate is unknown.</param>
/// <param name="LevelsOffAtBytes">Its size once as much is removed a day as comes in; NaN while the rate is unknown.</param>
/// <param name="FullInDays">Days until the disk is full at this rate; null where retention keeps that from happening, and while the rate is unknown.</param>
public sealed record GrowthForecast(double BytesPerDay, double LevelsOffAtBytes, double? FullInDays)
{
    /// <param name="freeBytes">Free on the disk.</param>
    /// <param name="longestDays">Days that events of no decision point are kept, and of those that <paramref name="keepDays"/> does not name.</param>
    /// <param name="keepDays">Days that events of a decision point are kept.</param>
    public static GrowthForecast Of(EventStorage storage, long freeBytes, int longestDays, IReadOnlyDictionary<Guid, int> keepDays)
    {
        var perDay = storage.EventsPerDay * storage.BytesPerEvent;
        var levelsOff = perDay * longestDays;
        foreach (var (point, rate) in storage.Rates)
        {
            var goesEarlier = rate.Decisions + (rate.Observations * (1 - storage.ByUnitShare));
            levelsOff -= goesEarlier * storage.BytesPerEvent * (longestDays - keepDays.GetValueOrDefault(point, longestDays));
        }
        double? full = perDay > 0 && levelsOff - storage.UsedBytes > freeBytes ? freeBytes / perDay : null;
        return new(perDay, levelsOff, full);
    }
}
