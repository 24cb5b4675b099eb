using System.Globalization;
using Looper.Core.Statistics;

namespace Looper.Core.Monitoring;

/// <summary>Decisions whose window was over within one day, one per unit.</summary>
/// <param name="Joined">Of them, those that something was reported for.</param>
public readonly record struct JoinDay(int Closed, int Joined)
{
    public double Rate => (double)Joined / Closed;
}

/// <summary>How long an outcome was reported too seldom: what happened in it is not usual.</summary>
/// <param name="Until">Null while it is.</param>
public readonly record struct AlarmedSpan(DateTimeOffset From, DateTimeOffset? Until);

/// <summary>How often an outcome is reported, against the days before: an application that stops reporting is seen by nothing else until models have learned from its silence.</summary>
/// <param name="Closed">Units whose window was over within the last day.</param>
/// <param name="Now">Share of them that something was reported for.</param>
/// <param name="Usual">Median of the days before; NaN with too little data.</param>
/// <param name="Condition">The condition that is crossed; null when it is not.</param>
/// <remarks>Both large and certain: below 80 % of the usual, and five standard errors below the mean of the days before. The error is that of as many units, and how the days
/// differ among themselves (method of moments): a Sunday is no alarm where Sundays differ. The exact chance of so few has to be that of five standard errors too.</remarks>
public sealed record JoinRate(string Outcome, int Closed, double Now, double Usual, string? Condition)
{
    public const string Low = "join.low";

    /// <summary>Days before the last one that say what is usual, none of them alarmed; as many of them must be there as <see cref="FewestDays"/>.</summary>
    public const int Days = 14;

    public const int FewestDays = 7;

    /// <summary>Units of the last day, and of one of the days before, that it takes.</summary>
    public const int FewestUnits = Drift.FewestUnits, FewestOfDay = 50;

    /// <summary>What has been so for four weeks is usual, and its days count again.</summary>
    public static readonly TimeSpan LongestAlarm = TimeSpan.FromDays(28);

    private const double Matters = 0.8, Errors = 5;

    // Of five standard errors, where the rate is normal. With few units it is not: 124 of 200, where 80 % were usual, may be chance fourteen times as often.
    private static readonly double s_chance = TailProbability.Normal(Errors);

    /// <summary>The rate below which it alarms, if it is certain.</summary>
    public double Limit => Matters * Usual;

    public AlertWeight Weight => Now < Usual / 2 ? AlertWeight.Urgent : AlertWeight.Warn;

    public string Sentence => Condition is null
        ? Text($"`{Outcome}` was reported for {Now:0.0%} of decisions whose window closed in the last day.")
        : Text($"`{Outcome}` was reported for {Now:0.0%} of {Closed:N0} units whose window closed in the last day; {Usual:0.0%} are usual. Check that your app still reports it, with the id of the decision.");

    /// <param name="now">The last day.</param>
    /// <param name="before">The days before it, each as it was known when it ended.</param>
    public static JoinRate Of(string outcome, JoinDay now, IReadOnlyList<JoinDay> before)
    {
        ArgumentNullException.ThrowIfNull(before);
        JoinDay[] days = [.. before.Where(d => d.Closed >= FewestOfDay)];
        if (now.Closed < FewestUnits || days.Length < FewestDays || days.Sum(d => (long)d.Joined) == 0)
            return new(outcome, now.Closed, now.Closed == 0 ? double.NaN : now.Rate, double.NaN, null);
        double[] rates = [.. days.Select(d => d.Rate)];
        var (moments, chance) = (Moments.Of(rates), 0.0);
        foreach (var day in days) chance += Variance(moments.Mean, day.Closed) / days.Length;
        var between = Math.Max(0, moments.Variance - chance); // how much days differ by more than chance
        var error = Math.Sqrt(between + Variance(moments.Mean, now.Closed) + ((between + chance) / days.Length));
        Array.Sort(rates);
        var usual = Quantile.OfSorted(rates, 0.5);
        var isLow = now.Rate < Matters * usual && moments.Mean - now.Rate > Errors * error && Chance(now, days) < s_chance;
        return new(outcome, now.Closed, now.Rate, usual, isLow ? Low : null);
    }

    /// <summary>How many days ago those days end, newest first, that say what is usual.</summary>
    /// <param name="alarmed">From when each alarm before this look fired until it cleared. The day before is left out too: it made the alarm.</param>
    public static IEnumerable<int> DaysBefore(DateTimeOffset now, IReadOnlyCollection<AlarmedSpan> alarmed)
    {
        AlarmedSpan[] unusual = [.. alarmed.Where(s => (s.Until ?? now) - s.From <= LongestAlarm)];
        return Enumerable.Range(1, int.MaxValue).Where(ago => !Array.Exists(unusual, s => s.From.AddDays(-1) < now.AddDays(-ago) && (s.Until ?? now) > now.AddDays(-ago - 1))).Take(Days);
    }

    // That so few of as many units are reported for where nothing has changed since: the beta-binomial tail.
    private static double Chance(JoinDay now, JoinDay[] days)
    {
        double closed = days.Sum(d => (double)d.Closed), joined = days.Sum(d => (double)d.Joined);
        return BetaBinomial.Exceeds(joined + 1, closed - joined + 1, now.Joined + 1, now.Closed - now.Joined);
    }

    // Of a share of n units. One of all units is taken for a little less: what was always reported may once be late.
    private static double Variance(double rate, int n)
    {
        var share = Math.Min(rate, (n - 0.5) / n);
        return share * (1 - share) / n;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
