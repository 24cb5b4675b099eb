using System.Collections.Immutable;

namespace Looper.Core.Experiments;

/// <summary>For how many units a change is told.</summary>
public enum ImpactPer
{
    Units,
    Day,
    Year,
}

/// <summary>How many units come, told from those that came into the experiment.</summary>
/// <param name="UnitsPerDay">New units a day in the experiment; NaN when undefined.</param>
/// <param name="Share">Fraction of the decision point's units that the experiment took over its time, in (0, 1].</param>
/// <param name="Days">Over how many days they came.</param>
/// <param name="Why">Why it cannot be said; null when it can.</param>
public sealed record TrafficFigures(double UnitsPerDay, double Share, double Days, string? Why)
{
    /// <summary>Fraction of the time in which units count: what the burn-in of slots leaves; 1 where there is none, and in reports made before it was
    /// kept.</summary>
    public double Kept { get; init; } = 1;

    /// <summary>Units a day if all of them took part.</summary>
    public double AllPerDay => UnitsPerDay / (Share * Kept);
}

/// <summary>One comparison of a report for many units.</summary>
/// <param name="Factor">What the change per unit is multiplied by: a metric that takes only some units is told for those; NaN when not known.</param>
/// <param name="Estimate">Change of the metric's sum, in its unit; NaN when undefined, likewise the limits.</param>
/// <param name="Why">Why it is undefined; null when it is not.</param>
public sealed record ImpactRow(string Outcome, string Arm, double Factor, double Estimate, double Low, double High, string? Why);

/// <param name="Factor">What a change per unit is multiplied by where a metric takes every unit; NaN when not known.</param>
/// <param name="Reading">The reading that decides, whose interval it is.</param>
/// <param name="Assumption">What it takes for granted, in words.</param>
public sealed record ImpactFigures(ImpactPer Per, double Factor, ReadingKind Reading, string Assumption, ImmutableArray<ImpactRow> Rows);

/// <summary>What an arm would change for many units at once: the change per unit, times how many units there are.</summary>
public static class ScaledImpact
{
    /// <summary>Units that a change is told for where no traffic is.</summary>
    public const double Units = 1_000;

    private const double DaysInYear = 365, LeastDays = 1;

    /// <summary>How many units come, from a report's settings and the units of all its arms.</summary>
    /// <param name="first">When the first of them came.</param>
    internal static TrafficFigures TrafficOf(ReportSettings settings, long units, DateTimeOffset? first)
    {
        TrafficFigures No(string why) => new(double.NaN, double.NaN, double.NaN, why);
        if (settings.IsImported) return No("Units of an import came at times that say nothing of traffic.");
        if (first is not { } from || units == 0) return No("Nobody has entered yet.");
        var until = settings.StoppedAt is { } stopped && stopped < settings.DataUntil ? stopped : settings.DataUntil;
        if (settings.StartedAt is { } start && start < from) from = start;
        var days = (until - from).TotalDays;
        if (days < LeastDays) return No("It has run less than a day, which says nothing of a day yet.");
        var kept = settings.Plan.Switchback is { } slots ? 1 - slots.BurnInMinutes / (double)slots.SlotMinutes : 1;
        return settings.Share is > 0 and <= 1 ? new(units / days, settings.Share, days, null) { Kept = kept } : No("What share of all units it took is not known.");
    }

    /// <summary>What a metric's change per unit is multiplied by: a day and a year have no more of its units than their share. NaN when not known.</summary>
    public static double Factor(ReportContent report, MetricFigures metric, ImpactPer per) => Factor(report.Traffic, per) * (per == ImpactPer.Units ? 1 : Taken(report, metric));

    /// <summary>Fraction of the units whose change a metric tells: those that pass its filters, times those of them whose value is known once their window
    /// has closed. NaN while none has.</summary>
    private static double Taken(ReportContent report, MetricFigures metric)
    {
        double known = metric.Arms.Sum(a => a.Units), closed = known + metric.Arms.Sum(a => a.Unknown);
        return (closed + metric.Arms.Sum(a => a.Open)) / report.Arms.Sum(a => a.Units) * (known / closed);
    }

    private static double Factor(TrafficFigures? traffic, ImpactPer per) => per switch
    {
        ImpactPer.Units => Units,
        ImpactPer.Day => traffic?.AllPerDay ?? double.NaN,
        _ => DaysInYear * (traffic?.AllPerDay ?? double.NaN),
    };

    /// <summary>Why a metric's change cannot be told for many units; null when it can.</summary>
    public static string? WhyNot(TrafficFigures? traffic, MetricFigures metric, ImpactPer per) => metric.Measures switch
    {
        MetricKind.Ratio => "A ratio of two sums does not add up over units.",
        MetricKind.Quantile => "A percentile does not add up over units.",
        _ when per == ImpactPer.Units => null,
        _ when traffic is null => "This report was stored before traffic was kept with it. Update it.",
        _ => traffic.Why,
    };

    /// <summary>What it takes for granted, in words.</summary>
    public static string Assumption(ReportContent report, ImpactPer per)
    {
        var units = report.Settings.Plan.Switchback is null ? "units" : "units in a slot";
        if (per == ImpactPer.Units) return FormattableString.Invariant($"The change per unit times {Units:N0} {units}.") + Partly(report, FormattableString.Invariant($"{Units:N0} of those"));
        if (report.Traffic is not { Why: null } traffic) return report.Traffic?.Why ?? "This report was stored before traffic was kept with it. Update it.";
        var audience = report.Settings.Plan.Audience.IsDefaultOrEmpty ? "" : " in its audience";
        var (left, alike) = traffic.Kept < 1 ? (FormattableString.Invariant($", in the {100 * traffic.Kept:0.##}% of time that the burn-in of slots leaves"), ", as many in the burn-in as at other times") : ("", "");
        var times = per == ImpactPer.Day ? "" : FormattableString.Invariant($", {DaysInYear} days");
        return FormattableString.Invariant($"If everyone{audience} had it: {Pace(traffic.UnitsPerDay)} new {units} a day came into the experiment over {traffic.Days:0.#} days, {100 * traffic.Share:0.##}% of all{audience}{left}, so {Pace(traffic.AllPerDay)} a day{times}, times the change per unit.") + Partly(report, "those alone")
            + $" Taken for granted: new {units} go on coming at this pace{alike}, each counted once however often it returns, and the change stays what it was. The interval is that of the change; the pace counts as known.";
    }

    /// <summary>Every comparison of a report for many units, by the reading that decides.</summary>
    public static ImpactFigures Of(ReportContent report, ImpactPer per)
    {
        var (factor, reading) = (Factor(report.Traffic, per), report.Decides);
        return new(per, factor, reading, Assumption(report, per), [.. report.Metrics.SelectMany(m => m.Comparisons.Select(c => Row(m, c)))]);

        ImpactRow Row(MetricFigures metric, Comparison comparison)
        {
            var judged = report.DecidesOn(metric);
            var why = WhyNot(report.Traffic, metric, per) ?? Missing(comparison, judged);
            if (why is not null) return new(metric.Outcome, comparison.Arm, double.NaN, double.NaN, double.NaN, double.NaN, why);
            var (times, limits) = (Factor(report, metric, per), comparison.Absolute.Deciding(judged));
            return new(metric.Outcome, comparison.Arm, times, times * (judged == ReadingKind.Bayesian ? comparison.Absolute.Bayesian.Mean : comparison.Absolute.Estimate), times * limits.Low, times * limits.High, null);
        }
    }

    // Which metrics are not told for all units, and for which they are.
    private static string Partly(ReportContent report, string told)
    {
        List<string> some = [.. report.Metrics.Where(m => WhyNot(null, m, ImpactPer.Units) is null).Select(m => (m.Outcome, Share: Taken(report, m))).Where(m => m.Share < 1)
            .Select(m => FormattableString.Invariant($"{100 * m.Share:0.##}% in {m.Outcome}"))];
        return some.Count == 0 ? "" : $" Some metrics take only units that pass their filters and whose value is known ({string.Join(", ", some)}): each is told for {told}.";
    }

    private static string? Missing(Comparison comparison, ReadingKind reading) => comparison.Shortage is { } shortage
        ? FormattableString.Invariant($"Not enough data: {shortage.Have:N0} of {shortage.Need:N0} {shortage.Of}.")
        : Statistics.Causes.SentenceOf(comparison.Absolute.WhyNot(reading));

    private static string Pace(double units) => FormattableString.Invariant($"{(units < 10 ? Math.Round(units, 1) : Math.Round(units)):#,0.#}");
}
