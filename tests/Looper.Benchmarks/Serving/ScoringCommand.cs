using System.Globalization;
using Looper.Core.Learning;

namespace Looper.Benchmarks.Serving;

/// <summary><c>scoring</c>: one row at a time through the same trees, Looper's layout beside the well-known ones; a table in Markdown.</summary>
internal static class ScoringCommand
{
    private const int Rows = 16_384, Rounds = 5;

    public static int Run()
    {
        Console.WriteLine("| Trees × leaves | node objects | flat arrays | QuickScorer | Looper | Looper, 3 options |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var (trees, leaves) in new[] { (1, 31), (10, 31), (100, 31), (200, 63), (1_000, 63) })
        {
            var trained = BenchPoint.Train(trees, leaves);
            var medians = Measure((TreeEnsemble)trained.Predictor);
            Console.WriteLine($"| {trees} × {leaves} | {string.Join(" | ", medians.Select(m => (m * 1e6).ToString("F2", CultureInfo.InvariantCulture)))} |");
        }
        return 0;
    }

    private static double[] Measure(TreeEnsemble ensemble)
    {
        var raw = Enumerable.Range(0, Rows).Select(i => { var row = BenchPoint.Row(i); row[^1] = i % 3; return row; }).ToArray();
        var levelled = raw.Select(row => row.Select((value, j) => ensemble.LevelOf(j, value)).ToArray()).ToArray();
        IOtherScorer[] others = [new NodeObjects(ensemble), new FlatArrays(ensemble), new QuickScorer(ensemble)];
        Span<double> score = [0];
        for (var i = 0; i < Rows; i++)
        {
            ensemble.Scores(raw[i], score);
            foreach (var other in others)
            {
                if (Math.Abs(other.Score(levelled[i]) - score[0]) > 1e-9) throw new InvalidOperationException($"{other.GetType().Name} and Looper differ on row {i}.");
            }
        }
        var sum = 0.0;
        var contenders = others.Select(other => (Action<int>)(calls =>
        {
            for (var i = 0; i < calls; i++) sum += other.Score(levelled[i % Rows]);
        })).ToList();
        contenders.Add(calls =>
        {
            Span<double> one = [0];
            for (var i = 0; i < calls; i++)
            {
                ensemble.Scores(raw[i % Rows], one);
                sum += one[0];
            }
        });
        var compiled = new CompiledTrees(ensemble, BenchPoint.Features, [0, 1, 2]);
        contenders.Add(calls =>
        {
            Span<double> three = [0, 0, 0];
            for (var i = 0; i < calls; i++)
            {
                compiled.Predict(raw[i % Rows], three);
                sum += three[2];
            }
        });
        var medians = Stopclock.Medians(Rounds, [.. contenders]);
        return double.IsFinite(sum) ? medians : throw new InvalidOperationException("A score is not finite.");
    }
}
