namespace Looper.Core.Statistics;

/// <summary>Whether an effect changes with the time since a unit first met its arm: a first reaction to something new fades, what has to be learned
/// grows.</summary>
/// <remarks>All stages of time are measured on the same units, so that a change is not one of who was measured, and a unit's values of different
/// stages are taken for as dependent as they are.</remarks>
public static class Novelty
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "novelty-1";

    /// <summary>Effect in one stage of time, treatment − control, in the metric's unit.</summary>
    /// <param name="control">One value a unit and stage, in order of time.</param>
    /// <param name="treatment">The same of the treatment arm.</param>
    /// <param name="stage">Number of the stage, from 0.</param>
    /// <returns>Undefined where either arm's values of that stage are (none, one unit, all alike).</returns>
    public static Effect At(JointMoments control, JointMoments treatment, int stage) =>
        MeanDifference.Between(MetricSummary.OfMean(control.Of(stage)), MetricSummary.OfMean(treatment.Of(stage)));

    /// <summary>Change of the effect from one stage to the next: slope of the least-squares line through the stages' effects.</summary>
    /// <param name="control">One value a unit and stage, in order of time; stages are equally long.</param>
    /// <param name="treatment">The same of the treatment arm, same width.</param>
    /// <returns>In the metric's unit per stage; undefined below two stages (<see cref="Cause.Singular"/>), or where either arm's slope is.</returns>
    /// <remarks>A unit's own slope is Σ(k − k̄)y_k / Σ(k − k̄)²; the mean difference of these between arms is the slope of the differences, and
    /// its variance holds how a unit's stages go together (Laird and Ware 1982, Biometrics 38:963: the two-stage view of a balanced
    /// panel). Welch on those slopes. O(stages²).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The arms have different numbers of stages.</exception>
    public static Effect Trend(JointMoments control, JointMoments treatment)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(treatment.Width, control.Width);
        if (control.Width < 2) return Effect.Undefined(Scale.Absolute, Method, Cause.Singular, control.Count + treatment.Count);
        double middle = (control.Width - 1) / 2.0, square = 0;
        Span<double> weights = stackalloc double[control.Width];
        for (var k = 0; k < weights.Length; k++) square += (k - middle) * (k - middle);
        for (var k = 0; k < weights.Length; k++) weights[k] = (k - middle) / square;
        return MeanDifference.Between(Slope(control, weights), Slope(treatment, weights)) with { Method = Method };
    }

    private static MetricSummary Slope(JointMoments moments, ReadOnlySpan<double> weights) => MetricSummary.OfMean(moments.Combine(weights, [0]).Of(0));
}
