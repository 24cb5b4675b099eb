using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>Grows the conditions of segments: each cut separates the estimates as far as one cut can.</summary>
internal sealed class SegmentTree(DataSet units, double[] estimated)
{
    private const double LeastShare = 0.05, LeastGain = 0.05;
    private readonly TreeCuts _cuts = new(units, 32);
    private readonly double[] _apart = Array.ConvertAll(estimated, e => e - estimated[0]); // all 0 where they are alike: of what rounding leaves of a mean no cut is made
    private readonly int _least = Math.Max(50, (int)(LeastShare * units.Rows));

    public void Grow(int depth, List<List<SegmentCondition>> leaves)
    {
        int[] all = [.. Enumerable.Range(0, units.Rows)];
        Grow(all, depth, [], leaves, Spread(all) * LeastGain);
    }

    private void Grow(int[] rows, int depth, List<SegmentCondition> path, List<List<SegmentCondition>> leaves, double leastGain)
    {
        var (column, candidate, gain) = depth == 0 ? (-1, 0, 0) : Best(rows);
        if (column < 0 || gain <= leastGain)
        {
            leaves.Add(path);
            return;
        }
        foreach (var holds in new[] { true, false })
        {
            int[] side = [.. rows.Where(i => _cuts.Holds(column, i, candidate) == holds)];
            Grow(side, depth - 1, [.. path, new(column, _cuts.Cut(column, candidate), holds)], leaves, leastGain);
        }
    }

    private double Spread(int[] rows)
    {
        var mean = rows.Average(i => _apart[i]);
        return rows.Sum(i => (_apart[i] - mean) * (_apart[i] - mean));
    }

    // the cut that takes most of the sum of squares
    private (int Column, int Candidate, double Gain) Best(int[] rows)
    {
        var (total, best) = (rows.Sum(i => _apart[i]), (-1, 0, 0.0));
        for (var j = 0; j < _cuts.Columns; j++)
        {
            var (sums, counts) = (new double[_cuts.Width(j) + 1], new int[_cuts.Width(j) + 1]);
            foreach (var i in rows)
            {
                sums[_cuts.Ranks[j][i]] += _apart[i];
                counts[_cuts.Ranks[j][i]]++;
            }
            var (sum, count) = (0.0, 0);
            foreach (var c in _cuts.Candidates(j))
            {
                (sum, count) = _cuts.IsCategory(j) ? (sums[c], counts[c]) : (sum + sums[c], count + counts[c]);
                if (count < _least || rows.Length - count < _least) continue;
                var gain = sum * sum / count + (total - sum) * (total - sum) / (rows.Length - count) - total * total / rows.Length;
                if (gain > best.Item3) best = (j, c, gain);
            }
        }
        return best;
    }
}
