using Looper.Core.Serving;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Effects where clusters or slots of time are the sample.</summary>
internal static class SampleEffects
{
    /// <summary>Samples an arm below which no effect is shown.</summary>
    public const int LeastClusters = 5, LeastSlots = 10;

    private const int FullWeeks = 14;

    /// <summary>Work a randomisation test may take: draws times samples.</summary>
    private const long MostSteps = 30_000_000;

    public static EffectPair Of(ReportSettings settings, MetricSums sums, int arm, Readings readings)
    {
        var (control, treatment) = (sums.Samples!.Clusters(0), sums.Samples.Clusters(arm));
        var baseline = ClusterDifference.Summary(control);
        EffectFigures absolute, relative;
        if (settings.Plan.Slots is { } slots)
        {
            var effect = Switchback.Between(sums.Samples.Blocks(arm, CellOf(slots, sums.Samples)));
            absolute = readings.Absolute(effect, baseline.Value, null);
            relative = readings.Adjusted(LiftOf(effect, baseline.Value), baseline);
        }
        else
        {
            absolute = readings.Absolute(ClusterDifference.Between(control, treatment), baseline.Value, null);
            relative = readings.Relative(baseline, ClusterDifference.Summary(treatment)) is var lift ? lift with { Method = $"{ClusterDifference.Method}+{lift.Method}" } : lift;
        }

        return new(absolute, relative, absolute, relative, double.NaN, IsAdjusted: false);
    }

    /// <summary>How many samples each side has, and what their re-drawing says.</summary>
    public static SampleFigures Figures(ReportSettings settings, MetricSums sums, int arm, bool isEnough)
    {
        var (control, treatment) = (sums.Samples!.Clusters(0), sums.Samples.Clusters(arm));
        var slots = settings.Plan.Slots;
        var few = slots is not null || Math.Min(control.Length, treatment.Length) < ClusterDifference.FewClusters;
        var figures = new SampleFigures { Of = slots is null ? $"clusters by {settings.Plan.Cluster}" : settings.Plan.Switchback!.Region is { } region ? $"slots by {region}" : "slots", Baseline = control.Length, Arm = treatment.Length };
        if (!isEnough) return figures;
        if (few)
        {
            var draws = (int)Math.Clamp(MostSteps / Math.Max(1, control.Length + treatment.Length), 1_000, RandomisationTest.Draws);
            var strata = slots is { } own ? StrataOf(sums.Samples.Blocks(arm, CellOf(own, sums.Samples))) : [];
            bool[] treated = [.. Enumerable.Repeat(false, control.Length), .. Enumerable.Repeat(true, treatment.Length)];
            figures = figures with { RandomisationP = RandomisationTest.P([.. control, .. treatment], treated, strata, seed: 1, draws), RandomisationMethod = RandomisationTest.Method };
        }

        if (slots is not { } halved) return figures;
        var (first, second) = sums.Samples.Halves(arm, CellOf(halved, sums.Samples));
        var carried = Switchback.CarryOver(first, second);
        var reading = Reading.Fixed(carried, settings.Plan.Level);
        return carried.IsDefined ? figures with { CarryOver = new(carried.Value, reading.Interval.Low, reading.Interval.High, reading.P, Switchback.Method) } : figures;
    }

    /// <summary>Kinds of time that are compared with themselves: times of the week once there are two weeks of them, times of the day before.</summary>
    private static Func<long, int> CellOf(TimeSlots slots, SampleSums sums)
    {
        var (first, last) = sums.Span();
        var days = (last - first + 1) / (double)slots.PerDay;
        var cells = days >= FullWeeks ? slots.PerWeek : days >= 2 ? slots.PerDay : 1;
        return slot => (int)(slot % cells);
    }

    private static int[] StrataOf(TimeBlock[] blocks)
    {
        var numbers = new Dictionary<(int, int), int>();
        return [.. blocks.Select(b =>
        {
            if (!numbers.TryGetValue((b.Region, b.Slot), out var number)) numbers.Add((b.Region, b.Slot), number = numbers.Count);
            return number;
        })];
    }

    // The baseline's mean is taken as known: what it adds to the error is smaller by the square of the lift.
    private static Effect LiftOf(Effect effect, double baseline) =>
        !effect.IsDefined ? Effect.Undefined(Scale.Relative, effect.Method, effect.Why, effect.Units)
        : !(Math.Abs(baseline) > 0) ? Effect.Undefined(Scale.Relative, effect.Method, Cause.BaselineZero, effect.Units)
        : new(Scale.Relative, effect.Value / Math.Abs(baseline), effect.StandardError / Math.Abs(baseline), effect.DegreesOfFreedom, effect.Units, effect.Method);
}
