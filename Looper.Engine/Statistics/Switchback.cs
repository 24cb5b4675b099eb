namespace Looper.Core.Statistics;

/// <summary>A time slice of one region in which everybody had the same arm.</summary>
/// <param name="Region">Number of the region, from 0.</param>
/// <param name="Slot">Number of the kind of time it is, from 0: day of week × hour, inside which arms were balanced.</param>
/// <param name="Treated">Whether the slice had treatment.</param>
/// <param name="Units">Units (or decisions) in it after the burn-in, positive.</param>
/// <param name="Sum">Sum of the outcome over them.</param>
public readonly record struct TimeBlock(int Region, int Slot, bool Treated, double Units, double Sum);

/// <summary>Effect of an arm that was switched on and off over time, for outcomes where units compete with each other.</summary>
/// <remarks>Blocks are the sample. Design and carry-over: Bojinov, Simchi-Levi and Zhao 2023, Management Science 69:3759. Assumes that a burn-in
/// was cut off the start of each block and that blocks do not influence each other otherwise: <see cref="CarryOver"/> looks for it.</remarks>
public static class Switchback
{
    /// <summary>Name and version in stored reports.</summary>
    public const string Method = "switchback-1";

    /// <summary>Treatment − control in the outcome's unit, with what regions and times of week explain removed.</summary>
    /// <param name="blocks">All blocks; not written to.</param>
    /// <returns>Absolute effect; its units are blocks. <see cref="Cause.EmptyArm"/> where an arm has no block,
    /// <see cref="Cause.TooFewUnits"/> where blocks are no more than the effects to estimate, <see cref="Cause.Singular"/> where region and
    /// slot decide the arm, <see cref="Cause.ZeroVariance"/> where nothing is left to vary.</returns>
    /// <remarks>Least squares of the block mean on arm + region + slot, weighted by units; the two sets of effects are swept out by alternating
    /// projections (Frisch and Waugh 1933). se² = n/(n−k)·Σ w²d̃²e²/(Σ w·d̃²)² (HC1 by block), n − k degrees of freedom. O(sweeps · blocks).</remarks>
    public static Effect Between(ReadOnlySpan<TimeBlock> blocks)
    {
        var values = new double[blocks.Length];
        for (var i = 0; i < blocks.Length; i++) values[i] = blocks[i].Sum / blocks[i].Units;
        return Regress(blocks, values);
    }

    /// <summary>How much the effect changes from the first to the second half of a block, in the outcome's unit: away from zero when one block
    /// spills into the next and the burn-in is too short.</summary>
    /// <param name="firstHalves">The first half of every block.</param>
    /// <param name="secondHalves">The second half of the same blocks in the same order.</param>
    /// <returns>As <see cref="Between"/>, for the difference of the halves' means.</returns>
    public static Effect CarryOver(ReadOnlySpan<TimeBlock> firstHalves, ReadOnlySpan<TimeBlock> secondHalves)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secondHalves.Length, firstHalves.Length);
        var values = new double[firstHalves.Length];
        var whole = new TimeBlock[firstHalves.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = secondHalves[i].Sum / secondHalves[i].Units - firstHalves[i].Sum / firstHalves[i].Units;
            whole[i] = firstHalves[i] with { Units = firstHalves[i].Units + secondHalves[i].Units };
        }

        return Regress(whole, values);
    }

    private static Effect Regress(ReadOnlySpan<TimeBlock> blocks, double[] values)
    {
        var n = blocks.Length;
        int[] regions = Dense(blocks, b => b.Region, out var regionCount), slots = Dense(blocks, b => b.Slot, out var slotCount);
        var (arm, weights) = (new double[n], new double[n]);
        var treated = 0;
        for (var i = 0; i < n; i++)
        {
            (arm[i], weights[i]) = (blocks[i].Treated ? 1 : 0, blocks[i].Units);
            if (blocks[i].Treated) treated++;
        }

        var degrees = n - (regionCount + slotCount); // arm + constant + (regions − 1) + (slots − 1)
        if (treated == 0 || treated == n) return Effect.Undefined(Scale.Absolute, Method, Cause.EmptyArm, n);
        if (degrees < 1) return Effect.Undefined(Scale.Absolute, Method, Cause.TooFewUnits, n);
        var settled = Sweep(arm, weights, regions, regionCount, slots, slotCount) & Sweep(values, weights, regions, regionCount, slots, slotCount);
        double square = 0, product = 0;
        for (var i = 0; i < n; i++) (square, product) = (square + weights[i] * arm[i] * arm[i], product + weights[i] * arm[i] * values[i]);
        if (!settled) return Effect.Undefined(Scale.Absolute, Method, Cause.NotConverged, n);
        if (square <= 1e-9 * weights.Sum()) return Effect.Undefined(Scale.Absolute, Method, Cause.Singular, n);
        double estimate = product / square, meat = 0;
        for (var i = 0; i < n; i++)
        {
            var term = weights[i] * arm[i] * (values[i] - estimate * arm[i]);
            meat += term * term;
        }

        var error = Math.Sqrt(meat * n / degrees) / square;
        var why = MetricSummary.WhyNot(estimate, error * error);
        return why == Cause.None
            ? new(Scale.Absolute, estimate, error, degrees, n, Method)
            : Effect.Undefined(Scale.Absolute, Method, why, n);
    }

    // Takes region means and slot means out in turn until neither moves anything; false when it does not settle.
    private static bool Sweep(double[] values, double[] weights, int[] regions, int regionCount, int[] slots, int slotCount)
    {
        var size = values.Max(Math.Abs);
        for (var sweep = 0; sweep < 10_000; sweep++)
        {
            var moved = Centre(values, weights, regions, regionCount) + Centre(values, weights, slots, slotCount);
            if (moved <= 1e-13 * size) return true;
        }

        return false;
    }

    private static double Centre(double[] values, double[] weights, int[] groups, int count)
    {
        var (sums, totals) = (new double[count], new double[count]);
        for (var i = 0; i < values.Length; i++) (sums[groups[i]], totals[groups[i]]) = (sums[groups[i]] + weights[i] * values[i], totals[groups[i]] + weights[i]);
        var largest = 0.0;
        for (var g = 0; g < count; g++) largest = Math.Max(largest, Math.Abs(sums[g] /= totals[g]));
        for (var i = 0; i < values.Length; i++) values[i] -= sums[groups[i]];
        return largest;
    }

    private static int[] Dense(ReadOnlySpan<TimeBlock> blocks, Func<TimeBlock, int> key, out int count)
    {
        var (numbers, dense) = (new Dictionary<int, int>(), new int[blocks.Length]);
        for (var i = 0; i < blocks.Length; i++)
        {
            var value = key(blocks[i]);
            if (!numbers.TryGetValue(value, out dense[i])) numbers[value] = dense[i] = numbers.Count;
        }

        count = numbers.Count;
        return dense;
    }
}
