using Looper.Core.Blueprints;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>Whether an arm does harm by a yes or no of which one is too rare for means to be compared: may be looked at any time, and says nothing of safe.</summary>
/// <remarks>Where the rates are alike, each rare answer falls to an arm with the arm's share of the units, whatever fell before. The Bayes factors of
/// <see cref="SampleRatio.AlwaysValidP"/> are martingales of these draws, which exceed 1/α at some look with probability at most α (Ville 1939; Lindon and Malek
/// 2022). Only where the arm has more (or fewer) of them than its share it is harm: a rate on the other side makes that less likely still. The units that
/// came stand for the shares; they vary with the lot, which takes a fraction of the rare answers' own size from the variance.</remarks>
internal static class RareAnswers
{
    /// <summary>p of a metric in one arm being no worse than in the baseline; NaN where too few units came or single units are not the sample.</summary>
    public static double HarmP(MetricSums sums, int arm)
    {
        Moments a = sums.Arms[0].Values, b = sums.Arms[arm].Values;
        if (sums.Outcome.Kind != OutcomeKind.Boolean || sums.Samples is not null || !sums.Epochs.IsEmpty) return double.NaN;
        if (Math.Min(a.Count, b.Count) < Needs.ForEffects || !MetricSums.IsYesNo(a) || !MetricSums.IsYesNo(b)) return double.NaN;
        double yesA = Math.Round(a.Sum), yesB = Math.Round(b.Sum);
        return yesA + yesB <= (a.Count + b.Count) / 2
            ? HarmP(yesA, yesB, a.Count, b.Count, moreIsHarm: sums.Outcome.Better == Direction.Lower)
            : HarmP(a.Count - yesA, b.Count - yesB, a.Count, b.Count, moreIsHarm: sums.Outcome.Better == Direction.Higher);
    }

    /// <param name="control">Rare answers in the baseline.</param>
    /// <param name="arm">Rare answers in the arm.</param>
    /// <param name="controlShare">Share that the baseline has of them where there is no harm, in any scale.</param>
    /// <param name="armShare">Share of the arm, in the same scale.</param>
    public static double HarmP(double control, double arm, double controlShare, double armShare, bool moreIsHarm)
    {
        var isMore = arm * controlShare > control * armShare;
        return control + arm == 0 || isMore != moreIsHarm ? 1 : SampleRatio.AlwaysValidP([control, arm], [controlShare, armShare]);
    }
}
