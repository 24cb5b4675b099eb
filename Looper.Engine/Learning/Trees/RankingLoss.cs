using Looper.Core.Numerics;

namespace Looper.Core.Learning.Trees;

/// <summary>LambdaMART (Burges 2010): for each pair of one query where i is the more relevant, σ(f_j − f_i)·|ΔNDCG@k| pulls them apart.</summary>
/// <remarks>Gain 2^relevance − 1, discount 1/log2(1 + rank), lambdas of a query scaled by log2(1 + Σ|λ|)/Σ|λ|. Row weights multiply the
/// lambdas of the pairs in which the row is the more relevant one: the inverse propensities of clicks (Joachims, Swaminathan &amp; Schnabel 2017).</remarks>
internal sealed class RankingLoss : Loss
{
    private readonly int[] _starts;
    private readonly int _depth;
    private readonly double[] _lambda, _curvature;

    public RankingLoss(double[] labels, double[]? weights, int[] groups, int depth) : base(labels, weights)
    {
        _starts = [.. Enumerable.Range(0, groups.Length).Where(i => i == 0 || groups[i] != groups[i - 1]), groups.Length];
        (_depth, _lambda, _curvature) = (depth, new double[labels.Length], new double[labels.Length]);
    }

    public override double[] Start() => [0];

    public override void BeginRound(double[][] scores, Workers workers) => workers.Each(_starts.Length - 1, q => Query(scores[0], q));

    public override void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to)
    {
        _lambda.AsSpan(from, to - from).CopyTo(g.AsSpan(from));
        _curvature.AsSpan(from, to - from).CopyTo(h.AsSpan(from));
    }

    /// <summary>Sum of 1 − NDCG@k of the queries that start in the stretch; divided by the rows' weight it falls as the order improves.</summary>
    public override double Sum(double[][] scores, int from, int to)
    {
        var sum = 0.0;
        for (var q = 0; q < _starts.Length - 1; q++)
        {
            if (_starts[q] < from || _starts[q] >= to) continue;
            var (start, count) = (_starts[q], _starts[q + 1] - _starts[q]);
            var ndcg = RankingMetrics.Ndcg(Labels.AsSpan(start, count), scores[0].AsSpan(start, count), _depth);
            if (!double.IsNaN(ndcg)) sum += (1 - ndcg) * count;
        }
        return sum;
    }

    private void Query(double[] scores, int query)
    {
        var (start, count) = (_starts[query], _starts[query + 1] - _starts[query]);
        var lambda = _lambda.AsSpan(start, count);
        var curvature = _curvature.AsSpan(start, count);
        lambda.Clear();
        curvature.Clear();
        var ideal = RankingMetrics.IdealDcg(Labels.AsSpan(start, count), _depth);
        if (!(ideal > 0)) return;
        var order = RankingMetrics.Order(scores.AsSpan(start, count));
        var sum = 0.0;
        for (var a = 0; a < count; a++)
        {
            for (var b = a + 1; b < count && a < _depth; b++)
            {
                if (Labels[start + order[a]] == Labels[start + order[b]]) continue;
                var (better, worse) = Labels[start + order[a]] > Labels[start + order[b]] ? (order[a], order[b]) : (order[b], order[a]);
                var delta = Math.Abs((RankingMetrics.Gain(Labels[start + better]) - RankingMetrics.Gain(Labels[start + worse]))
                    * (RankingMetrics.Discount(a, _depth) - RankingMetrics.Discount(b, _depth))) / ideal;
                var p = Elementary.Sigmoid(scores[start + worse] - scores[start + better]);
                var (pull, bend) = (Weight(start + better) * p * delta, Weight(start + better) * p * (1 - p) * delta);
                lambda[better] -= pull;
                lambda[worse] += pull;
                curvature[better] += bend;
                curvature[worse] += bend;
                sum += 2 * pull;
            }
        }
        if (!(sum > 0)) return;
        var scale = Elementary.Log(1 + sum) / Elementary.Log(2) / sum;
        for (var i = 0; i < count; i++) (lambda[i], curvature[i]) = (lambda[i] * scale, curvature[i] * scale);
    }
}
