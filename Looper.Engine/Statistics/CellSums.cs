namespace Looper.Core.Statistics;

/// <summary>What one unit has in one cell.</summary>
/// <param name="Cell">Number of the cell.</param>
/// <param name="Count">How many values.</param>
/// <param name="Value">Their sum.</param>
public readonly record struct CellSum(int Cell, double Count, double Value);

/// <summary>What <see cref="CellSums"/> holds, to be stored.</summary>
/// <param name="Sums">Two a cell: number of values, their sum.</param>
/// <param name="Products">By time in which units were told apart, the newest last.</param>
/// <param name="Units">Likewise, by cell.</param>
/// <param name="Merged">How many times the oldest stands for.</param>
public sealed record StoredCellSums(double[] Sums, double[][] Products, long[][] Units, int Merged);

/// <summary>Numbers and sums of values by cell (a group in a stretch of time), with the products of a unit's own between any two cells: what the variance of every
/// smooth function of these sums needs where values of one unit depend on each other, however many it has and in however many cells.</summary>
/// <remarks>Sums about zero: add values less something near their mean where that is far from zero against their spread. Mutable while it is filled; not safe for concurrent writers.
/// Memory 4·cells², O(cells of the unit) a value.</remarks>
public sealed class CellSums
{
    private const int MostTimes = 32;

    private readonly double[] _sums;
    private readonly List<(double[] Products, long[] Units)> _earlier = [];
    private long[] _units;
    private double[] _products;
    private int _merged = 1;

    /// <param name="cells">At least 1.</param>
    public CellSums(int cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        (_sums, _products, _units) = (new double[2 * cells], new double[4 * cells * cells], new long[cells]);
    }

    /// <summary>As it was stored.</summary>
    public static CellSums Of(StoredCellSums stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var sums = new CellSums(stored.Units[^1].Length) { _products = [.. stored.Products[^1]], _units = [.. stored.Units[^1]], _merged = stored.Merged };
        stored.Sums.CopyTo(sums._sums, 0);
        for (var i = 0; i < stored.Products.Length - 1; i++) sums._earlier.Add(([.. stored.Products[i]], [.. stored.Units[i]]));
        return sums;
    }

    /// <summary>A copy to be stored.</summary>
    public StoredCellSums Store() => new([.. _sums], [.. _earlier.Select(e => (double[])[.. e.Products]), [.. _products]], [.. _earlier.Select(e => (long[])[.. e.Units]), [.. _units]], _merged);

    /// <summary>From here on a unit may be one that was there before, and nobody knows which: what it has from now on is told apart from what it had. Of many such times the two oldest
    /// become one: of k times, (√a₁ + … + √aₖ)² is at most k(a₁ + … + aₖ).</summary>
    public void Close()
    {
        if (_products.Any(p => p != 0)) _earlier.Add((_products, _units));
        (_products, _units) = (new double[_products.Length], new long[_units.Length]);
        if (_earlier.Count <= MostTimes) return;
        var (oldest, next, times) = (_earlier[0], _earlier[1], ++_merged);
        for (var i = 0; i < next.Products.Length; i++) next.Products[i] = times * ((oldest.Products[i] / (times - 1)) + next.Products[i]);
        for (var i = 0; i < next.Units.Length; i++) next.Units[i] = Math.Max(oldest.Units[i], next.Units[i]);
        _earlier.RemoveAt(0);
    }

    /// <summary>Number of cells.</summary>
    public int Cells => _units.Length;

    /// <summary>Values in a cell.</summary>
    public double Count(int cell) => _sums[2 * cell];

    /// <summary>Their sum.</summary>
    public double Value(int cell) => _sums[(2 * cell) + 1];

    /// <summary>Units with a value in it, at least: those of the time (<see cref="Close"/>) that has the most.</summary>
    public long Units(int cell)
    {
        var most = _units[cell];
        foreach (var (_, units) in _earlier) most = Math.Max(most, units[cell]);
        return most;
    }

    /// <summary>Adds one value of a unit.</summary>
    /// <param name="had">What the unit has had so far, one entry a cell.</param>
    /// <param name="value">Finite.</param>
    public void Add(ReadOnlySpan<CellSum> had, int cell, double value)
    {
        double count = 0, sum = 0;
        foreach (var other in had)
        {
            if (other.Cell == cell) (count, sum) = (other.Count, other.Value);
            else AddBoth(other, cell, value);
        }

        if (count == 0) _units[cell]++;
        _sums[2 * cell]++;
        _sums[(2 * cell) + 1] += value;
        Product(cell, cell, 0, 0) += (2 * count) + 1;
        var mixed = (count * value) + sum + value;
        Product(cell, cell, 0, 1) += mixed;
        Product(cell, cell, 1, 0) += mixed;
        Product(cell, cell, 1, 1) += value * ((2 * sum) + value);
    }

    /// <summary>Adds the units of another, none of which are in this one.</summary>
    public void Add(CellSums other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Cells, Cells);
        for (var i = 0; i < _sums.Length; i++) _sums[i] += other._sums[i];
        Add(_products, other._products);
        _merged = Math.Max(_merged, other._merged);
        for (var i = 0; i < other._earlier.Count; i++)
        {
            if (i == _earlier.Count) _earlier.Add((new double[_products.Length], new long[_units.Length]));
            Add(_earlier[i].Products, other._earlier[i].Products);
            for (var j = 0; j < _units.Length; j++) _earlier[i].Units[j] += other._earlier[i].Units[j];
        }
        for (var i = 0; i < _units.Length; i++) _units[i] += other._units[i];
    }

    /// <summary>A copy with so many cells, of which the first are these.</summary>
    /// <param name="cells">Not fewer than there are.</param>
    public CellSums Widened(int cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, Cells);
        var wide = new CellSums(cells);
        _sums.CopyTo(wide._sums, 0);
        _units.CopyTo(wide._units, 0);
        wide._products = Widened(_products, wide._sums.Length);
        wide._merged = _merged;
        foreach (var (products, units) in _earlier)
        {
            var more = new long[cells];
            units.CopyTo(more, 0);
            wide._earlier.Add((Widened(products, wide._sums.Length), more));
        }
        return wide;
    }

    /// <summary>Σ over units of (Σ over cells of a·count + b·value)². Where units were told apart in several times (<see cref="Close"/>) the most it can be: the square of the sum of the
    /// times' roots (Minkowski's inequality), which it is where each unit has the same part in all of them.</summary>
    /// <param name="weights">Two a cell: of the count, of the value.</param>
    public double Form(ReadOnlySpan<double> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, _sums.Length);
        var form = Form(_products, weights);
        if (_earlier.Count == 0) return form;
        var root = Math.Sqrt(form);
        foreach (var (products, _) in _earlier) root += Math.Sqrt(Form(products, weights));
        return root * root;
    }

    private static double Form(double[] products, ReadOnlySpan<double> weights)
    {
        var form = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            for (var j = 0; j < weights.Length; j++) form += weights[i] * weights[j] * products[(i * weights.Length) + j];
        }

        return Math.Max(0, form); // rounding may leave a little less than nothing
    }

    private static double[] Widened(double[] products, int size)
    {
        var (wide, had) = (new double[size * size], (int)Math.Sqrt(products.Length));
        for (var i = 0; i < had; i++) products.AsSpan(i * had, had).CopyTo(wide.AsSpan(i * size));
        return wide;
    }

    private static void Add(double[] to, double[] more)
    {
        for (var i = 0; i < to.Length; i++) to[i] += more[i];
    }

    private void AddBoth(in CellSum other, int cell, double value)
    {
        Product(other.Cell, cell, 0, 0) += other.Count;
        Product(cell, other.Cell, 0, 0) += other.Count;
        Product(other.Cell, cell, 0, 1) += other.Count * value;
        Product(cell, other.Cell, 1, 0) += other.Count * value;
        Product(other.Cell, cell, 1, 0) += other.Value;
        Product(cell, other.Cell, 0, 1) += other.Value;
        Product(other.Cell, cell, 1, 1) += other.Value * value;
        Product(cell, other.Cell, 1, 1) += other.Value * value;
    }

    private ref double Product(int cell, int other, int part, int otherPart) => ref _products[(((2 * cell) + part) * _sums.Length) + (2 * other) + otherPart];
}
