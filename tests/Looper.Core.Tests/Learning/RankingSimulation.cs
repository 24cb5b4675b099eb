using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

/// <summary>Queries whose documents have a known relevance; query-wide noise hurts a pointwise fit, not an order within the query.</summary>
internal static class RankingSimulation
{
    private const int Width = 5;

    public static DataSet Graded(int queries, int documents, long seed)
    {
        var random = new Philox(seed, "queries");
        var rows = queries * documents;
        var values = Enumerable.Range(0, Width).Select(_ => new double[rows]).ToArray();
        var (labels, groups) = (new double[rows], new int[rows]);
        for (var q = 0; q < queries; q++)
        {
            var level = 3 * random.Normal();
            for (var d = 0; d < documents; d++)
            {
                var i = q * documents + d;
                groups[i] = q;
                for (var j = 0; j < Width; j++) values[j][i] = random.Normal();
                var merit = Math.Sin(2 * values[0][i]) + values[1][i] * values[2][i] + 0.3 * random.Normal();
                labels[i] = Math.Clamp(Math.Round(1.2 + merit + 0.3 * level), 0, 4);
            }
        }
        return new([.. Enumerable.Range(0, Width).Select(j => new Column($"x{j}", ColumnKind.Number, []))], values, labels) { Groups = groups };
    }

    public static double MeanNdcg(DataSet data, double[] scores, int depth)
    {
        var all = new List<double>();
        for (int start = 0, end; start < data.Rows; start = end)
        {
            for (end = start + 1; end < data.Rows && data.Groups![end] == data.Groups[start]; end++) { }
            var ndcg = RankingMetrics.Ndcg(data.Labels.AsSpan(start, end - start), scores.AsSpan(start, end - start), depth);
            if (!double.IsNaN(ndcg)) all.Add(ndcg);
        }
        return all.Average();
    }
}
