namespace Looper.Core.Experiments;

/// <summary>Whether every day of the week had the same say.</summary>
internal static class WeeksCheck
{
    public const string Name = "whole-weeks";

    private const int Week = 7;

    /// <summary>Not one week is whole, so some days of the week are not in the numbers at all; false where times say nothing.</summary>
    public static bool IsShort(ReportSettings settings, DateTimeOffset? first, DateTimeOffset? last) => !settings.IsImported && DaysOf(first, last) is < Week;

    /// <param name="first">When the first of the units that are compared entered: their windows are closed, others say nothing yet.</param>
    /// <param name="last">When the last of them did.</param>
    /// <param name="compared">How many of them there are.</param>
    /// <param name="entered">How many units there are in all.</param>
    /// <returns>Null where nobody has entered, or times are those of an import.</returns>
    public static HealthCheck? Of(ReportSettings settings, DateTimeOffset? first, DateTimeOffset? last, long compared, long entered)
    {
        const string title = "Whole weeks", method = "whole-weeks-1";
        if (settings.IsImported || entered == 0) return null;
        if (compared < Needs.ForSampleRatio || first is not { } from || last is not { } until)
            return new(Name, title, HealthState.Unknown, FormattableString.Invariant($"Not enough data: {compared:N0} of {Needs.ForSampleRatio} units."), null, double.NaN, method);
        var days = DaysOf(from, until)!.Value;
        var (weeks, rest) = (days / Week, days % Week);
        var running = settings.State == ExperimentState.Running;
        if (weeks == 0)
        {
            return new(Name, title, HealthState.Amber, $"The units that are compared entered over {(days == 0 ? "less than a day" : Days(days))}, which is less than a week: on the other days of the week the arms may do otherwise.",
                running ? $"Let it run for whole weeks: {Days(Week - days)} more to the first." : "Plan the next experiment for whole weeks.", double.NaN, method);
        }

        if (rest == 0) return new(Name, title, HealthState.Green, $"The units that are compared entered over {Weeks(weeks)}: every day of the week counts alike.", null, double.NaN, method);
        var sentence = $"The units that are compared entered over {Weeks(weeks)} and {Days(rest)}: {(rest == 1 ? "one day of the week counts" : $"{rest} days of the week count")} once more than the others.";
        return running
            ? new(Name, title, HealthState.Green, $"{sentence} It is whole again in {Days(Week - rest)}.", null, double.NaN, method)
            : new(Name, title, HealthState.Amber, sentence, "Look at the effect by day of the week before you act on it, and stop the next experiment after whole weeks.", double.NaN, method);
    }

    private static int? DaysOf(DateTimeOffset? first, DateTimeOffset? last) => last - first is { } span ? (int)Math.Round(span.TotalDays) : null;

    private static string Days(int days) => days == 1 ? "1 day" : FormattableString.Invariant($"{days} days");

    private static string Weeks(int weeks) => weeks == 1 ? "1 week" : FormattableString.Invariant($"{weeks} weeks");
}
