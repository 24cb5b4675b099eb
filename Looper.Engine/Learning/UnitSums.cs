namespace Looper.Core.Learning;

/// <summary>Rows of one bin added up by unit, for the variance of their mean.</summary>
/// <param name="units">Numbers that units have, from 0.</param>
internal sealed class UnitSums(int units)
{
    private readonly List<int> _touched = [];
    private readonly double[] _sums = new double[units];
    private readonly int[] _rows = new int[units];

    public void Add(int unit, double value)
    {
        if (_rows[unit]++ == 0) _touched.Add(unit);
        _sums[unit] += value;
    }

    /// <summary>Of the mean of what was added, and forgets it: G/(G − 1)·Σ_g (Σ_{i∈g} (x_i − x̄))²/n². NaN below two units.</summary>
    /// <param name="mean">Of all rows.</param>
    /// <param name="rows">How many, each as often as its unit counts.</param>
    /// <param name="times">How often each unit counts, as so many units; null for once.</param>
    public double TakeVariance(double mean, double rows, int[]? times)
    {
        double groups = 0, squares = 0;
        foreach (var unit in _touched)
        {
            var (count, off) = (times?[unit] ?? 1, _sums[unit] - _rows[unit] * mean);
            (groups, squares) = (groups + count, squares + count * off * off);
            (_sums[unit], _rows[unit]) = (0, 0);
        }
        _touched.Clear();
        return groups < 2 ? double.NaN : groups / (groups - 1) * squares / (rows * rows);
    }
}
