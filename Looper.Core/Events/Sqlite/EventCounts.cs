using System.Runtime.InteropServices;
using Looper.Core.Serving;

namespace Looper.Core.Events.Sqlite;

/// <summary>What a point has gained, by number of the point.</summary>
internal record struct PointGain(long Decisions, long FirstDecision, long LastDecision, long Outcomes, long FirstOutcome, long LastOutcome)
{
    public static PointGain None { get; } = new(0, long.MaxValue, long.MinValue, 0, long.MaxValue, long.MinValue);

    public readonly PointGain Plus(PointGain more) => new(
        Decisions + more.Decisions, Math.Min(FirstDecision, more.FirstDecision), Math.Max(LastDecision, more.LastDecision),
        Outcomes + more.Outcomes, Math.Min(FirstOutcome, more.FirstOutcome), Math.Max(LastOutcome, more.LastOutcome));
}

/// <summary>What decisions are counted by.</summary>
/// <param name="Point">The decision point's number.</param>
/// <param name="Hour">Ticks over the ticks of an hour.</param>
/// <param name="Version">Of the blueprint that decided: what an option's index means depends on it.</param>
internal readonly record struct DecisionHour(long Point, long Hour, int Version, int Option, Reason Reason)
{
    // one for every decision: the framework's own would cost more than the count
    public override int GetHashCode() => unchecked((int)((((Point * 31 + Hour) * 64 + Version) * 64 + Option) * 64 + (int)Reason));
}

/// <summary>Events counted but not yet written to the count tables: of one group, or of all groups since the last heartbeat.</summary>
internal sealed class EventCounts
{
    public Dictionary<long, PointGain> Points { get; } = [];
    public Dictionary<DecisionHour, long> Decisions { get; } = [];
    public Dictionary<(long Point, long Hour, string Outcome), (long Observations, double Total)> Outcomes { get; } = [];

    /// <param name="sign">1 for a decision that came, −1 for one that was removed.</param>
    public void Add(long point, long ticks, int version, int option, Reason reason, int sign = 1)
    {
        Add(Decisions, new(point, ticks / TimeSpan.TicksPerHour, version, option, reason), sign);
        Gain(point, sign > 0 ? PointGain.None with { Decisions = 1, FirstDecision = ticks, LastDecision = ticks } : PointGain.None with { Decisions = -1 });
    }

    /// <inheritdoc cref="Add(long, long, int, int, Reason, int)"/>
    public void Add(long point, long receivedTicks, string outcome, double value, int sign = 1)
    {
        Add(Outcomes, (point, receivedTicks / TimeSpan.TicksPerHour, outcome), (sign, sign * value));
        Gain(point, sign > 0 ? PointGain.None with { Outcomes = 1, FirstOutcome = receivedTicks, LastOutcome = receivedTicks } : PointGain.None with { Outcomes = -1 });
    }

    public void Add(EventCounts more)
    {
        foreach (var (point, gain) in more.Points) Gain(point, gain);
        foreach (var (key, count) in more.Decisions) Add(Decisions, key, count);
        foreach (var (key, count) in more.Outcomes) Add(Outcomes, key, count);
    }

    public void Clear()
    {
        Points.Clear();
        Decisions.Clear();
        Outcomes.Clear();
    }

    public void Forget(long point)
    {
        Points.Remove(point);
        foreach (var key in Decisions.Keys.Where(k => k.Point == point).ToList()) Decisions.Remove(key);
        foreach (var key in Outcomes.Keys.Where(k => k.Point == point).ToList()) Outcomes.Remove(key);
    }

    private void Gain(long point, PointGain gain)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(Points, point, out var isThere);
        sum = isThere ? sum.Plus(gain) : gain;
    }

    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key, long more) where TKey : notnull =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _) += more;

    private static void Add<TKey>(Dictionary<TKey, (long Count, double Total)> counts, TKey key, (long Count, double Total) more) where TKey : notnull
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        sum = (sum.Count + more.Count, sum.Total + more.Total);
    }
}
