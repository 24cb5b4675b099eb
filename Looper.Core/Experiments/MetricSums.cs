using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <param name="Values">Moments of the outcome itself.</param>
/// <param name="Joint">The outcome and its covariates; empty without covariates.</param>
internal sealed record ArmSums(Moments Values, JointMoments Joint, long Open, long Unknown, long Capped);

/// <param name="Cap">Where values were cut; NaN when nothing was.</param>
/// <param name="Days">The same units by day of exposure.</param>
internal sealed record MetricSums(Outcome Outcome, ImmutableArray<ArmSums> Arms, double Cap, DayMoments Days)
{
    /// <summary>Values kept per unit: the outcome and its covariates.</summary>
    public int Width => Arms[0].Joint.Width;

    /// <summary>As if only some days had been, for one arm and the baseline.</summary>
    public MetricSums With(int arm, DayCell control, DayCell treatment) => this with
    {
        Arms = Arms.SetItem(0, Arms[0] with { Values = control.Values, Joint = control.Joint })
            .SetItem(arm, Arms[arm] with { Values = treatment.Values, Joint = treatment.Joint }),
    };

    public MetricSummary Summary(int arm) =>
        Outcome.Kind == OutcomeKind.Boolean && IsYesNo(Arms[arm].Values) ? MetricSummary.OfConversion(Arms[arm].Values) : MetricSummary.OfMean(Arms[arm].Values);

    public ArmValue Value(string key, int arm, Shortage? shortage)
    {
        var sums = Arms[arm];
        return new(key, (long)sums.Values.Count, sums.Open, sums.Unknown, sums.Values.Sum,
            shortage is null && sums.Values.Count > 0 ? sums.Values.Mean : double.NaN, Math.Sqrt(sums.Values.Variance), sums.Capped, shortage);
    }

    /// <summary>A yes/no outcome folded by its mean has values between 0 and 1: then it is a mean like any other.</summary>
    public static bool IsYesNo(in Moments moments) =>
        Math.Abs(moments.M2 - moments.Count * moments.Mean * (1 - moments.Mean)) <= 1e-9 * Math.Max(1, moments.M2);
}
