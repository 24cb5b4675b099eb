namespace Looper.Core.Statistics;

/// <summary>Whether the effect of one experiment depends on the arm a unit has in another.</summary>
public static class Interaction
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "interaction-1";

    /// <summary>Units that each of the four cells must have before an interaction is looked at.</summary>
    public const double UnitsPerCell = 1_000;

    /// <summary>Difference of differences, in the metric's unit: the effect of B inside treatment of A minus its effect inside control of A.</summary>
    /// <param name="neither">Units in control of both experiments.</param>
    /// <param name="onlyA">Treatment of A, control of B.</param>
    /// <param name="onlyB">Control of A, treatment of B.</param>
    /// <param name="both">Treatment of both.</param>
    /// <returns>Absolute effect with Satterthwaite degrees of freedom; undefined with the first cause that keeps a cell from being used.</returns>
    /// <remarks>Δ = ȳ₁₁ − ȳ₁₀ − ȳ₀₁ + ȳ₀₀, se² = Σ V/n over the four cells. Assumes independent units and independent assignments: test
    /// those with <see cref="IndependenceP"/> first. O(1).</remarks>
    public static Effect Between(in MetricSummary neither, in MetricSummary onlyA, in MetricSummary onlyB, in MetricSummary both)
    {
        ReadOnlySpan<MetricSummary> cells = [neither, onlyA, onlyB, both];
        double units = 0, variance = 0, fourth = 0;
        var why = Cause.None;
        foreach (var cell in cells)
        {
            units += cell.Units;
            if (why == Cause.None) why = cell.Why;
            var term = cell.Variance / cell.Units;
            variance += term;
            fourth += term * term / (cell.Units - 1);
        }

        return why != Cause.None
            ? Effect.Undefined(Scale.Absolute, Method, why, units)
            : new(Scale.Absolute, both.Value - onlyA.Value - onlyB.Value + neither.Value, Math.Sqrt(variance), variance * variance / fourth, units, Method);
    }

    /// <summary>p-value of the two assignments being independent of each other.</summary>
    /// <param name="units">k × l, row-major: units in arm i of A and arm j of B.</param>
    /// <param name="columns">l, arms of B, at least 2.</param>
    /// <returns>In [0, 1]; 1 without units or where a margin leaves nothing to compare. Below 0.001 the two experiments share a target or
    /// a hash, and their effects cannot be told apart.</returns>
    /// <remarks>Pearson's χ² of a contingency table with (k−1)(l−1) degrees of freedom over the margins that have units. O(kl).</remarks>
    public static double IndependenceP(ReadOnlySpan<double> units, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 2);
        var rows = units.Length / columns;
        var (down, across) = (new double[columns], new double[rows]);
        var total = 0.0;
        for (var i = 0; i < rows * columns; i++)
        {
            down[i % columns] += units[i];
            across[i / columns] += units[i];
            total += units[i];
        }

        if (total == 0) return 1;
        var statistic = 0.0;
        for (var i = 0; i < rows * columns; i++)
        {
            var expected = across[i / columns] * down[i % columns] / total;
            if (expected > 0) statistic += (units[i] - expected) * (units[i] - expected) / expected;
        }

        return TailProbability.ChiSquared(statistic, (across.Count(n => n > 0) - 1) * (down.Count(n => n > 0) - 1));
    }
}
