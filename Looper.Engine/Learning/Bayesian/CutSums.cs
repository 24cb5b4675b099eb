using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>What one source's ranks say of the rows of a node: how much each cut of it would gain.</summary>
internal sealed class CutSums
{
    private const double Negligible = 40; // e⁻⁴⁰ of the most likely: beyond what a double tells beside it

    private readonly Vector128<double>[] _below = new Vector128<double>[257];
    private readonly double[] _chances = new double[256], _scales = new double[256];
    private int _cuts;
    private double _total;

    /// <summary>All rows.</summary>
    public LeafSums Whole { get; private set; }

    /// <summary>Takes the sums of every rank.</summary>
    /// <param name="ranks">Σr and rows of ranks 0 to one more than there are cuts.</param>
    /// <param name="cuts">Of the source: 1 to this.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // see TreeSums.Add
    public void Take(ReadOnlySpan<Vector128<double>> ranks, int cuts)
    {
        var sum = Vector128<double>.Zero;
        for (var b = 0; b <= cuts + 1; b++) _below[b] = sum += ranks[b];
        (_cuts, Whole) = (cuts, new(sum));
    }

    /// <summary>Log mean over the cuts of the density of the rows split so over that of the rows together; −∞ where no cut leaves enough rows on both sides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double LogMean(double spread, double variance)
    {
        var (best, share, half) = (double.NegativeInfinity, spread / variance, spread / variance / variance / 2);
        var (all, former) = (Whole, double.NaN); // where no row lies between two cuts, as of most where a node has few, they split alike
        for (var cut = 1; cut <= _cuts; cut++) // LeafSums.Evidence of both sides, without its logarithm
        {
            var (sum, rows) = (_below[cut][0], _below[cut][1]);
            if (rows == former)
            {
                (_chances[cut], _scales[cut]) = (_chances[cut - 1], _scales[cut - 1]);
                continue;
            }
            former = rows;
            var others = all.Sum - sum;
            double insideLeft = 1 + share * rows, insideRight = 1 + share * (all.Rows - rows);
            _scales[cut] = insideLeft * insideRight;
            var isLarge = Math.Min(rows, all.Rows - rows) >= ForestPrior.LeastRows;
            _chances[cut] = isLarge ? half * (sum * sum / insideLeft + others * others / insideRight) : double.NegativeInfinity;
            best = Math.Max(best, _chances[cut]);
        }
        _total = 0;
        if (best == double.NegativeInfinity) return best;
        former = double.NaN;
        for (var cut = 1; cut <= _cuts; cut++)
        {
            if (_below[cut][1] == former) _chances[cut] = _chances[cut - 1];
            else _chances[cut] = _chances[cut] > best - Negligible ? Math.Exp(_chances[cut] - best) / Math.Sqrt(_scales[cut]) : 0;
            former = _below[cut][1];
            _total += _chances[cut];
        }
        return best + Math.Log(_total / _cuts) - Whole.Evidence(spread, variance);
    }

    /// <summary>A cut, each as likely as the rows make it.</summary>
    public int Draw(Philox random)
    {
        var (u, last) = (random.Uniform() * _total, 0);
        for (var cut = 1; cut <= _cuts; cut++)
        {
            if (_chances[cut] == 0) continue;
            last = cut;
            if ((u -= _chances[cut]) <= 0) break;
        }
        return last;
    }

    /// <summary>Rows at most a cut, and the others.</summary>
    public (LeafSums Left, LeafSums Right) At(int cut)
    {
        LeafSums left = new(_below[cut]);
        return (left, Whole - left);
    }
}
