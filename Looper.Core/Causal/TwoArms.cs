using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Causal;

/// <summary>Units of two arms, their features before assignment, and what came of them.</summary>
public sealed class TwoArms
{
    /// <param name="units">One row per unit: features before assignment, the outcome as label; not copied.</param>
    /// <param name="treated">Whether the unit got the treatment rather than the control; not copied.</param>
    /// <param name="propensity">Probability of treatment given what is known of the unit, inside (0, 1), as logged; null when unknown, then it is
    /// estimated and the effects rest on the features holding every common cause of assignment and outcome.</param>
    /// <param name="seed">Deals units to folds, each arm evenly.</param>
    /// <param name="folds">Folds, at least 2.</param>
    /// <exception cref="ArgumentException">Lengths differ, an arm has fewer units than folds, or a propensity lies outside (0, 1).</exception>
    public TwoArms(DataSet units, bool[] treated, double[]? propensity, long seed, int folds = 5)
    {
        if (treated.Length != units.Rows) throw new ArgumentException("Give one arm per unit.", nameof(treated));
        if (propensity is not null && (propensity.Length != units.Rows || propensity.Any(e => e is not (> 0 and < 1))))
            throw new ArgumentException("Give one propensity inside (0, 1) per unit.", nameof(propensity));
        var count = treated.Count(t => t);
        if (folds < 2 || Math.Min(count, treated.Length - count) < folds) throw new ArgumentException("Each arm needs a unit in every fold.", nameof(treated));
        (Units, Treated, Propensity, Seed, FoldCount) = (units, treated, propensity, seed, folds);
        Folds = new int[treated.Length];
        foreach (var arm in new[] { false, true })
        {
            int[] rows = [.. Enumerable.Range(0, treated.Length).Where(i => treated[i] == arm)];
            new Philox(seed, "causal-folds", arm ? 1 : 0).Shuffle<int>(rows);
            for (var k = 0; k < rows.Length; k++) Folds[rows[k]] = k % folds;
        }
    }

    /// <summary>Features, and the outcome as label.</summary>
    public DataSet Units { get; }

    /// <summary>Treatment rather than control.</summary>
    public bool[] Treated { get; }

    /// <summary>Known probability of treatment; null when it must be estimated.</summary>
    public double[]? Propensity { get; }

    /// <summary>Fold of each unit, from 0.</summary>
    public int[] Folds { get; }

    /// <summary>How many folds.</summary>
    public int FoldCount { get; }

    /// <summary>What dealt the folds.</summary>
    public long Seed { get; }

    /// <summary>The outcome.</summary>
    public double[] Outcomes => Units.Labels;

    /// <summary>Number of units.</summary>
    public int Count => Treated.Length;

    /// <summary>Some of the units, dealt to folds anew.</summary>
    /// <param name="rows">Which, in the order wanted.</param>
    /// <param name="folds">How many.</param>
    public TwoArms Take(int[] rows, int folds) => new(Units.Take(rows), Array.ConvertAll(rows, i => Treated[i]),
        Propensity is { } e ? Array.ConvertAll(rows, i => e[i]) : null, Seed, folds);

    /// <summary>The same units with other labels and weights.</summary>
    internal DataSet Labelled(double[] labels, double[]? weights = null) => new(Units.Columns, Units.Values, labels, weights);
}
