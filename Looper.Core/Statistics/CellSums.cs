namespace Looper.Core.Statistics;

/// <summary>What one unit has in one cell.</summary>
/// <param name="Cell">Number of the cell.</param>
/// <param name="Count">How many values.</param>
/// <param name="Value">Their sum.</param>
public readonly record struct CellSum(int Cell, double Count, double Value);

/// <summary>Numbers and sums of values by cell (a group in a stretch of time), with the products of a unit's own between any two cells: what the variance of every
/// smooth function of these sums needs where values of one unit depend on each other, however many it has and in however many cells.</summary>
/// <remarks>Sums about zero: add values less something near their mean where that is far from zero against their spread. Mutable while it is filled; not safe for concurrent writers.
/// Memory 4·cells², O(cells of the unit) a value.</remarks>
public sealed class CellSums
{
    private readonly double[] _sums;
    private readonly double[] _products;
    private readonly long[] _units;

    /// <param name="cells">At least 1.</param>
    public CellSums(int cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        (_sums, _products, _units) = (new double[2 * cells], new double[4 * cells * cells], new long[cells]);
    }

    /// <summary>Number of cells.</summary>
    public int Cells => _units.Length;

    /// <summary>Values in a cell.</summary>
    public double Count(int cell) => _sums[2 * cell];

    /// <summary>Their sum.</summary>
    public double Value(int cell) => _sums[(2 * cell) + 1];

    /// <summary>Units with a value in it.</summary>
    public long Units(int cell) => _units[cell];

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
        for (var i = 0; i < _products.Length; i++) _products[i] += other._products[i];
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
        for (var i = 0; i < _sums.Length; i++) _products.AsSpan(i * _sums.Length, _sums.Length).CopyTo(wide._products.AsSpan(i * wide._sums.Length));
        return wide;
    }

    /// <summary>Σ over units of (Σ over cells of a·count + b·value)².</summary>
    /// <param name="weights">Two a cell: of the count, of the value.</param>
    public double Form(ReadOnlySpan<double> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, _sums.Length);
        var form = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            for (var j = 0; j < weights.Length; j++) form += weights[i] * weights[j] * _products[(i * weights.Length) + j];
        }

        return Math.Max(0, form); // rounding may leave a little less than nothing
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
