using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>Candidate conditions of an if/else rule, and the rank of every unit's value among them.</summary>
internal sealed class TreeCuts
{
    private readonly double[][] _cuts;
    private readonly bool[] _category;

    public TreeCuts(DataSet units, int most)
    {
        _category = [.. units.Columns.Select(c => c.Kind == ColumnKind.Category)];
        _cuts = [.. units.Values.Select((v, j) => _category[j] ? Levels(v) : Quantiles(v, most))];
        Ranks = [.. units.Values.Select((v, j) => Array.ConvertAll(v, x => Rank(j, x)))];
    }

    public int Columns => _cuts.Length;

    /// <summary>Per column and unit: the first candidate cut at or above the value; for a category the candidate that equals it. The number of
    /// candidates where no condition holds.</summary>
    public int[][] Ranks { get; }

    public bool IsCategory(int column) => _category[column];

    public int Width(int column) => _cuts[column].Length;

    public IEnumerable<int> Candidates(int column) => Enumerable.Range(0, _cuts[column].Length);

    public double Cut(int column, int candidate) => _cuts[column][candidate];

    public bool Holds(int column, int unit, int candidate) =>
        _category[column] ? Ranks[column][unit] == candidate : Ranks[column][unit] <= candidate;

    private int Rank(int column, double value)
    {
        var cuts = _cuts[column];
        if (double.IsNaN(value)) return cuts.Length;
        var at = Array.BinarySearch(cuts, value);
        return at >= 0 ? at : _category[column] ? cuts.Length : ~at;
    }

    private static double[] Levels(double[] values) => [.. values.Where(double.IsFinite).Distinct().Order()];

    // the greatest value splits nothing off, unless some are missing
    private static double[] Quantiles(double[] values, int most)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()], distinct = [.. sorted.Distinct()];
        if (distinct.Length <= most) return sorted.Length < values.Length ? distinct : distinct[..Math.Max(0, distinct.Length - 1)];
        return [.. Enumerable.Range(1, most).Select(k => sorted[(int)((long)k * (sorted.Length - 1) / (most + 1))]).Distinct()];
    }
}

/// <summary>Sums of the arms' scores by column and candidate, of the units on one side of a condition.</summary>
internal sealed class TreeSums(TreeCuts cuts, int arms)
{
    private readonly double[][] _sums = [.. Enumerable.Range(0, cuts.Columns).Select(j => new double[(cuts.Width(j) + 1) * arms])];
    private readonly int[][] _counts = [.. Enumerable.Range(0, cuts.Columns).Select(j => new int[cuts.Width(j) + 1])];
    private readonly double[] _total = new double[arms], _yes = new double[arms];

    public int Count { get; private set; }

    public void Add(int unit, double[][] scores, int sign)
    {
        Count += sign;
        for (var a = 0; a < arms; a++) _total[a] += sign * scores[a][unit];
        for (var j = 0; j < _sums.Length; j++)
        {
            var rank = cuts.Ranks[j][unit];
            _counts[j][rank] += sign;
            for (var a = 0; a < arms; a++) _sums[j][rank * arms + a] += sign * scores[a][unit];
        }
    }

    /// <summary>The best single condition, or the best arm for all.</summary>
    public Found Best(int minLeaf)
    {
        var arm = Greatest(_total);
        var best = new Found(-1, 0, arm, arm, _total[arm]);
        for (var j = 0; j < _sums.Length; j++)
        {
            var count = 0;
            Array.Clear(_yes);
            for (var c = 0; c < cuts.Width(j); c++)
            {
                if (cuts.IsCategory(j))
                {
                    count = 0;
                    Array.Clear(_yes);
                }
                count += _counts[j][c];
                for (var a = 0; a < arms; a++) _yes[a] += _sums[j][c * arms + a];
                if (count < minLeaf || Count - count < minLeaf) continue;
                int yes = Greatest(_yes), no = 0;
                for (var a = 1; a < arms; a++) if (_total[a] - _yes[a] > _total[no] - _yes[no]) no = a;
                var value = _yes[yes] + _total[no] - _yes[no];
                if (value > best.Value) best = new(j, c, yes, no, value);
            }
        }
        return best;
    }

    private static int Greatest(double[] sums)
    {
        var at = 0;
        for (var a = 1; a < sums.Length; a++) if (sums[a] > sums[at]) at = a;
        return at;
    }

    internal readonly record struct Found(int Column, int Candidate, int Yes, int No, double Value)
    {
        public PolicyTree Tree(TreeCuts cuts) =>
            Column < 0 ? new(Yes) : new(-1, Column, cuts.Cut(Column, Candidate), new PolicyTree(Yes), new PolicyTree(No));
    }
}
