using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Looper.Core.Learning.Splines;

/// <summary>A term that others may multiply, and what its products with each column would take from what is left.</summary>
internal sealed class SplineParent
{
    private readonly SplineRows _data;
    private readonly int _index;
    private readonly int[] _rows;
    private readonly double[] _values, _left;
    private readonly SplineSquares[]?[] _squares;
    private readonly bool[] _isUsed, _hasLine;
    private readonly Vector128<double>[] _sums = new Vector128<double>[256];

    /// <param name="data">All rows.</param>
    /// <param name="index">Of the term.</param>
    /// <param name="values">Of the term in every row, times the root of the row's weight.</param>
    /// <param name="learn">How many rows are learned from: the first.</param>
    /// <param name="used">Columns that the term is made of.</param>
    public SplineParent(SplineRows data, int index, double[] values, int learn, int[] used)
    {
        (_data, _index, _values) = (data, index, values);
        _rows = [.. Enumerable.Range(0, learn).Where(i => values[i] != 0)];
        var columns = data.Columns.Count;
        (_left, _squares, _isUsed, _hasLine) = (new double[_rows.Length], new SplineSquares[]?[columns], new bool[columns], new bool[columns]);
        foreach (var j in used) _isUsed[j] = true;
    }

    /// <summary>The most that one of its products took when it was last asked; infinite before.</summary>
    public double Gain { get; private set; } = double.PositiveInfinity;

    /// <summary>The step at which it was last asked.</summary>
    public int Asked { get; private set; }

    /// <summary>Its product with the line of a column is a term now.</summary>
    public void HasLine(int column) => _hasLine[column] = true;

    /// <summary>Adds the best product with every column.</summary>
    /// <param name="residuals">What is left, times the root of the row's weight.</param>
    /// <param name="step">The present one.</param>
    /// <param name="into">Receives them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Propose(double[] residuals, int step, List<(double Gain, SplineTerm Term)> into)
    {
        (Gain, Asked) = (0, step);
        if (_rows.Length < BestProduct.LeastRows) return;
        for (var k = 0; k < _rows.Length; k++) _left[k] = _values[_rows[k]] * residuals[_rows[k]];
        for (var j = 0; j < _squares.Length; j++)
        {
            if (_isUsed[j]) continue;
            var squares = _squares[j] ??= SquaresOf(j);
            var (bins, x) = (_data.Bins[j], _data.Values[j]);
            var sums = _sums.AsSpan(0, squares.Length);
            sums.Clear();
            for (var k = 0; k < _rows.Length; k++) sums[bins[_rows[k]]] += Vector128.Create(_left[k], _left[k] * x[_rows[k]]);
            SplineSquares all = default;
            foreach (var s in squares) all += s;
            var best = new BestProduct(_index, j, all, _hasLine[j]);
            if (_data.Columns.IsCategory(j)) best.OfLevels(squares, sums);
            else best.OfNumber(squares, sums, _data.Columns.Knots[j]);
            if (best.Gain > 0) into.Add((best.Gain, best.Term));
            Gain = Math.Max(Gain, best.Gain);
        }
    }

    private SplineSquares[] SquaresOf(int j)
    {
        var (squares, bins, x) = (new SplineSquares[_data.Columns.BinsOf(j)], _data.Bins[j], _data.Values[j]);
        foreach (var i in _rows)
        {
            var square = _values[i] * _values[i];
            squares[bins[i]] += new SplineSquares(square, square * x[i], square * x[i] * x[i], 1);
        }
        return squares;
    }
}
