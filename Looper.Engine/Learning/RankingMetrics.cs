namespace Looper.Core.Learning;

/// <summary>How good an order is, given the relevance of what was ordered.</summary>
public static class RankingMetrics
{
    /// <summary>Normalised discounted cumulative gain of one query at depth k: 1 for the best order. NaN where nothing is relevant.</summary>
    /// <param name="relevance">≥ 0 per item; gain 2^relevance − 1.</param>
    /// <param name="scores">Per item; higher comes first, ties in the order given.</param>
    /// <param name="depth">Positions that count.</param>
    /// <remarks>Järvelin &amp; Kekäläinen 2002 with the discount 1/log2(1 + rank) of Burges 2010.</remarks>
    public static double Ndcg(ReadOnlySpan<double> relevance, ReadOnlySpan<double> scores, int depth)
    {
        var ideal = IdealDcg(relevance, depth);
        if (!(ideal > 0)) return double.NaN;
        var order = Order(scores);
        var sum = 0.0;
        for (var position = 0; position < Math.Min(depth, order.Length); position++)
            sum += Gain(relevance[order[position]]) * Discount(position, depth);
        return sum / ideal;
    }

    /// <summary>Mean NDCG over the queries in which something is relevant, with its 95 % interval: the query is the sample, not the row.</summary>
    /// <param name="relevance">≥ 0 per row.</param>
    /// <param name="scores">Per row; higher comes first.</param>
    /// <param name="groups">Query of every row, rows of one query side by side.</param>
    /// <param name="depth">Positions that count.</param>
    public static Spread MeanNdcg(ReadOnlySpan<double> relevance, ReadOnlySpan<double> scores, ReadOnlySpan<int> groups, int depth)
    {
        var found = new List<double>();
        foreach (var (from, to) in Queries(groups.ToArray()))
        {
            var ndcg = Ndcg(relevance[from..to], scores[from..to], depth);
            if (!double.IsNaN(ndcg)) found.Add(ndcg);
        }
        return Spread.Of([.. found]);
    }

    internal static IEnumerable<(int From, int To)> Queries(int[]? groups)
    {
        for (int from = 0, to; from < groups?.Length; from = to)
        {
            for (to = from + 1; to < groups.Length && groups[to] == groups[from]; to++) { }
            yield return (from, to);
        }
    }

    /// <summary>Mean over the queries of 1/rank of the first relevant item; a query without one counts 0.</summary>
    /// <param name="relevance">Relevant where above 0.</param>
    /// <param name="scores">Higher comes first.</param>
    /// <param name="groups">Query of every row, rows of one query side by side.</param>
    public static double MeanReciprocalRank(ReadOnlySpan<double> relevance, ReadOnlySpan<double> scores, ReadOnlySpan<int> groups)
    {
        double sum = 0;
        int queries = 0, end;
        for (var start = 0; start < groups.Length; start = end)
        {
            for (end = start + 1; end < groups.Length && groups[end] == groups[start]; end++) { }
            queries++;
            var order = Order(scores[start..end]);
            for (var position = 0; position < order.Length; position++)
            {
                if (!(relevance[start + order[position]] > 0)) continue;
                sum += 1.0 / (position + 1);
                break;
            }
        }
        return queries == 0 ? double.NaN : sum / queries;
    }

    /// <summary>Items by descending score, ties in the order given.</summary>
    /// <param name="scores">One per item.</param>
    public static int[] Order(ReadOnlySpan<double> scores)
    {
        var keys = scores.ToArray();
        return [.. Enumerable.Range(0, keys.Length).OrderByDescending(i => keys[i])];
    }

    /// <summary>2^relevance − 1.</summary>
    /// <param name="relevance">≥ 0.</param>
    public static double Gain(double relevance) => Math.Pow(2, relevance) - 1;

    /// <summary>1/log2(1 + rank) inside the depth, 0 below.</summary>
    /// <param name="position">Rank − 1.</param>
    /// <param name="depth">Positions that count.</param>
    public static double Discount(int position, int depth) => position < depth ? 1 / Math.Log2(position + 2) : 0;

    /// <summary>The greatest discounted cumulative gain that any order reaches.</summary>
    /// <param name="relevance">≥ 0 per item.</param>
    /// <param name="depth">Positions that count.</param>
    public static double IdealDcg(ReadOnlySpan<double> relevance, int depth)
    {
        var sorted = relevance.ToArray();
        Array.Sort(sorted);
        var sum = 0.0;
        for (var position = 0; position < Math.Min(depth, sorted.Length); position++) sum += Gain(sorted[^(position + 1)]) * Discount(position, depth);
        return sum;
    }
}
