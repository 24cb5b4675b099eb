using Looper.Core.Experiments;

namespace Looper.Web.Console.Experiments;

/// <summary>How a stored report is looked at; the address holds it. What was computed stays the same.</summary>
/// <param name="Kind"><c>relative</c>, <c>absolute</c>, or for many units: <c>scaled</c> (per 1,000), <c>day</c> or <c>year</c>.</param>
/// <param name="Adjusted">With what the plan's variance reduction takes out.</param>
/// <param name="Corrected">p-values allow for how many were read.</param>
/// <param name="Baseline">Arm that the others are compared with where it is not the planned one; else null.</param>
public sealed record ReportLook(string Kind, ReadingKind Reading, bool Adjusted, bool Corrected, string? Baseline)
{
    public bool IsRelative => Kind == "relative";

    /// <summary>The report that is looked at.</summary>
    public required ReportContent Report { get; init; }

    /// <summary>For how many units a change is told; null for one.</summary>
    public ImpactPer? Per => Kind switch { "scaled" => ImpactPer.Units, "day" => ImpactPer.Day, "year" => ImpactPer.Year, _ => null };

    /// <summary>Said behind such a change.</summary>
    public string PerWords => Per switch { ImpactPer.Units => " per 1,000 units", ImpactPer.Day => " a day", ImpactPer.Year => " a year", _ => "" };

    /// <summary>What an absolute effect on a metric is multiplied by; NaN where that is not known.</summary>
    public double ScaleOf(MetricFigures metric) => Per is { } per ? ScaledImpact.Factor(Report, metric, per) : 1;

    /// <summary>The reading shown of a metric: where this look takes the deciding one, that which judges the metric.</summary>
    public ReadingKind ReadingOf(MetricFigures metric) => Reading == Report.Decides ? Report.DecidesOn(metric) : Reading;

    /// <summary>Why a comparison shows nothing, in a sentence; null when it shows a number.</summary>
    public string? WhyNot(MetricFigures metric, Comparison comparison) =>
        (Per is { } per ? ScaledImpact.WhyNot(Report.Traffic, metric, per) : null) ?? Core.Statistics.Causes.SentenceOf(Of(comparison).WhyNot(ReadingOf(metric)));

    /// <summary>The interval of a comparison that this look shows: at the level of its family where p is corrected for that too.</summary>
    public IntervalFigures IntervalOf(MetricFigures metric, Comparison comparison) =>
        IsCorrected(comparison) ? Of(comparison).Deciding(ReadingOf(metric)) : Of(comparison).Of(ReadingOf(metric));

    /// <summary>The figures of a comparison that this look shows.</summary>
    public EffectFigures Of(Comparison comparison) => IsRelative
        ? (Adjusted ? comparison.Relative : comparison.UnadjustedRelative ?? comparison.Relative)
        : (Adjusted ? comparison.Absolute : comparison.UnadjustedAbsolute ?? comparison.Absolute);

    /// <summary>p as this look shows it: adjusted for many questions only where it is the planned reading's own.</summary>
    public double P(MetricFigures metric, Comparison comparison) => Reading == ReadingKind.Bayesian ? Of(comparison).Bayesian.ChanceToWin
        : IsCorrected(comparison) ? comparison.AdjustedP
        : (Adjusted ? comparison.Absolute : comparison.UnadjustedAbsolute ?? comparison.Absolute).Of(ReadingOf(metric)).P;

    public bool IsCorrected(Comparison comparison) => Corrected && Adjusted && Reading == Report.Decides && comparison.Correction is not null;

    /// <summary>What differs from the plan, in words; null when nothing does.</summary>
    public string? Explored(ReadingKind planned)
    {
        List<string> parts = [];
        if (Reading != planned) parts.Add($"the {Reading.ToString().ToLowerInvariant()} reading");
        if (Baseline is not null) parts.Add($"{Baseline} as the baseline");
        if (!Adjusted) parts.Add("no variance reduction");
        if (!Corrected) parts.Add("no correction for many comparisons");
        return parts.Count == 0 ? null : string.Join(", ", parts);
    }
}
