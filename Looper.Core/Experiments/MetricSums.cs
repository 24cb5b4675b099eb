using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <param name="Values">Moments of the metric itself; of a ratio or a quantile, the moments whose mean and variance are its value and one
/// unit's part in its uncertainty.</param>
/// <param name="Joint">The metric and its covariates; empty without covariates.</param>
internal sealed record ArmSums(Moments Values, JointMoments Joint, long Open, long Unknown, long Capped)
{
    /// <summary>Why the arm has no value although it has units.</summary>
    public Cause Why { get; init; }

    /// <summary>The largest size of one unit's value.</summary>
    public double Largest { get; init; }

    /// <summary>Sum of the values (of a ratio, of its numerator).</summary>
    public double Total { get; init; }

    public MetricSummary Summary(bool isConversion) =>
        Why != Cause.None ? new(Values.Count, Values.Mean, double.NaN, Why)
        : isConversion ? MetricSummary.OfConversion(Values)
        : MetricSummary.OfMean(Values);
}

/// <param name="Cap">Where values were cut; NaN when nothing was.</param>
/// <param name="Days">The same units by day of exposure.</param>
internal sealed record MetricSums(MetricSpec Spec, ImmutableArray<ArmSums> Arms, double Cap, DayMoments Days)
{
    /// <summary>Each arm (second) against each (first) under changing shares; empty where shares never changed.</summary>
    public ImmutableArray<AdaptiveEffect[]> Adaptive { get; init; } = [];

    /// <summary>By stretch and arm; empty where shares never changed.</summary>
    public ImmutableArray<Moments[]> Epochs { get; init; } = [];

    /// <summary>By feature, segment and arm; empty for quantiles.</summary>
    public Moments[][][] Segments { get; init; } = [];

    /// <summary>By arm, a value a unit and stage of time after its exposure, of units followed through all; empty where none are.</summary>
    public ImmutableArray<JointMoments> Stages { get; init; } = [];

    /// <summary>By cluster or slot of time; null where units are the sample.</summary>
    public SampleSums? Samples { get; init; }

    /// <summary>First units of whose values the cut is a quantile; 0 where it is of all.</summary>
    public long CapUnits { get; init; }

    /// <summary>Fraction of units, drawn by hash, whose observations a quantile was taken of; 1 for all.</summary>
    public double Sampled { get; init; } = 1;

    /// <summary>Columns of <see cref="ArmSums.Joint"/> that may be adjusted for.</summary>
    public ImmutableArray<int> Covariates { get; init; } = [];

    public Outcome Outcome => Spec.Outcome;

    /// <summary>As if only some days had been, for one arm and the baseline.</summary>
    public MetricSums With(int arm, DayCell control, DayCell treatment) => this with
    {
        Arms = Arms.SetItem(0, Of(Arms[0], control)).SetItem(arm, Of(Arms[arm], treatment)),
        Adaptive = [],
        Epochs = [],
    };

    /// <summary>The same with the arms in another order.</summary>
    /// <param name="order">Old place of each arm.</param>
    public MetricSums Rebased(int[] order) => this with
    {
        Arms = [.. order.Select(arm => Arms[arm])],
        Days = Days.Rebased(order),
        Adaptive = Adaptive.IsEmpty ? [] : [.. order.Select(control => order.Select(arm => Adaptive[control][arm]).ToArray())],
        Epochs = [.. Epochs.Select(e => Reordered(e, order))],
        Segments = [.. Segments.Select(f => f.Select(s => Reordered(s, order)).ToArray())],
        Samples = Samples?.Rebased(order),
        Stages = Stages.IsEmpty ? [] : [.. order.Select(arm => Stages[arm])],
    };

    public MetricSummary Summary(int arm) => Arms[arm].Summary(Outcome.Kind == OutcomeKind.Boolean && IsYesNo(Arms[arm].Values));

    public ArmValue Value(string key, int arm, Shortage? shortage)
    {
        var sums = Arms[arm];
        return new(key, (long)sums.Values.Count, sums.Open, sums.Unknown, sums.Total,
            shortage is null && sums.Values.Count > 0 ? sums.Values.Mean : double.NaN, Math.Sqrt(sums.Values.Variance), sums.Capped, shortage)
        {
            Balanced = Epochs.IsEmpty ? null : Balanced(arm),
        };
    }

    /// <summary>The part of the size of all values that one unit may hold at most; 0 where there is no such size.</summary>
    /// <remarks>Of values of one sign it is the unit's part of the sum. Gains and losses cancel in a sum, and any unit would seem to outweigh what is left of it:
    /// there Σ|y| is at least Σy²/max|y|, which every largest value allows.</remarks>
    public double LargestShare(int arm)
    {
        var (sums, size) = (Arms[arm], Math.Abs(Arms[arm].Total));
        var spread = Spec.IsRatio ? 0 : (sums.Values.M2 + sums.Values.Count * sums.Values.Mean * sums.Values.Mean) / sums.Largest;
        if (double.IsFinite(spread)) size = Math.Max(size, spread);
        return size > 0 ? sums.Largest / size : 0;
    }

    /// <summary>A yes/no outcome folded by its mean has values between 0 and 1: then it is a mean like any other.</summary>
    public static bool IsYesNo(in Moments moments) =>
        Math.Abs(moments.M2 - moments.Count * moments.Mean * (1 - moments.Mean)) <= 1e-9 * Math.Max(1, moments.M2);

    private BalancedMean Balanced(int arm)
    {
        var balanced = Statistics.Epochs.Balanced(Epochs, [.. Enumerable.Range(0, Arms.Length)])[arm];
        return new(balanced.Value, balanced.StandardError);
    }

    private static Moments[] Reordered(Moments[] arms, int[] order) => [.. order.Select(arm => arms[arm])];

    private static ArmSums Of(ArmSums whole, DayCell days)
    {
        var values = days.Values;
        return whole with { Values = values, Joint = days.Joint, Why = days.Why };
    }
}
