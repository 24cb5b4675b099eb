using Looper.Core.Policies;

namespace Looper.Core.Ledger;

/// <summary>What is carried, and its course.</summary>
internal sealed record Carried(CarriedGain Gain, System.Collections.Immutable.ImmutableArray<GainPoint> Course);

/// <summary>Keeps the gain of decisions that retention has removed since.</summary>
internal static class CarriedGains
{
    private const int MostPoints = 240;

    /// <summary>What an earlier measurement says of the time that can no longer be read; null where all can be, or where it was another goal.</summary>
    /// <param name="keptSince">Every decision from here on can be read.</param>
    /// <param name="firstDecision">Of the decision point, by its counts, which outlast retention and not a clearing.</param>
    public static Carried? Of(Gain before, Gain now, DateTimeOffset keptSince, DateTimeOffset? firstDecision)
    {
        if ((before.Carried?.Since ?? before.Since) is not { } since || since >= keptSince || !(firstDecision <= since + TimeSpan.FromHours(1))) return null;
        if ((before.Goal, before.IsWeighted, before.UnitOfMeasure, before.IsRate, before.LowerIsBetter) != (now.Goal, now.IsWeighted, now.UnitOfMeasure, now.IsRate, now.LowerIsBetter)) return null;
        var at = before.Course.FirstOrDefault(p => p.Until >= keptSince) ?? before.Course.LastOrDefault();
        return at is null ? null : new(new(since, at.Until, at.Total, at.Decisions, at.Unmeasured), [.. before.Course.Where(p => p.Until <= at.Until)]);
    }

    /// <summary>Both together. Units are in both parts, and nobody knows any more which: the errors are added up, which is more than they can come to.</summary>
    public static Gain Add(Carried carried, Gain gain)
    {
        var (before, whyNot) = (carried.Gain, double.IsNaN(carried.Gain.Total.Value) ? gain.WhyNot : null);
        var points = carried.Course.Concat(gain.Course.Select(p => p with { Total = Sum(before.Total, p.Total), Decisions = p.Decisions + before.Decisions, Unmeasured = p.Unmeasured + before.Unmeasured })).ToList();
        while (points.Count > MostPoints) GainCount.Thin(points);
        var (total, decisions) = (Sum(before.Total, gain.Total), gain.Decisions + before.Decisions);
        return gain with
        {
            Carried = before,
            Total = total,
            PerDecision = new(total.Value / decisions, total.StandardError / decisions, total.Low / decisions, total.High / decisions),
            Decisions = decisions,
            Unmeasured = gain.Unmeasured + before.Unmeasured,
            WhyNot = whyNot,
            Course = [.. points],
        };
    }

    private static Estimated Sum(Estimated one, Estimated other) =>
        double.IsNaN(one.Value) ? other : double.IsNaN(other.Value) ? one : new(one.Value + other.Value, one.StandardError + other.StandardError, one.Low + other.Low, one.High + other.High);
}
