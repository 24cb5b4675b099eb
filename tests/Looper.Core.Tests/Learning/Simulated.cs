using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

/// <summary>Examples with a known law: numbers, a category in every fourth column, a share missing.</summary>
internal static class Simulated
{
    public static DataSet Binary(int rows, int columns = 8, long seed = 1, double missing = 0.1) => Of(rows, columns, seed, missing, (signal, random) =>
        random.Uniform() < 1 / (1 + Math.Exp(-signal)) ? 1 : 0);

    public static DataSet Value(int rows, int columns = 8, long seed = 1, double missing = 0.1) => Of(rows, columns, seed, missing, (signal, random) =>
        10 + 3 * signal + random.Normal());

    public static DataSet Count(int rows, long seed = 1) => Of(rows, 8, seed, 0.1, (signal, random) => random.PoissonCount(Math.Exp(0.3 * signal)));

    public static DataSet Of(int rows, int columns, long seed, double missing, Func<double, Philox, double> label)
    {
        var random = new Philox(seed, "simulated");
        var described = Enumerable.Range(0, columns).Select(j => j % 4 == 3
            ? new Column($"c{j}", ColumnKind.Category, [.. Enumerable.Range(0, 6).Select(k => $"level {k}")])
            : new Column($"x{j}", ColumnKind.Number, [])).ToImmutableArray();
        var values = described.Select(_ => new double[rows]).ToArray();
        var labels = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            var signal = 0.0;
            for (var j = 0; j < columns; j++)
            {
                var category = described[j].Kind == ColumnKind.Category;
                var x = category ? random.Below(6) : random.Normal();
                signal += category ? (x % 3 - 1) * 0.5 : j % 2 == 0 ? Math.Sin(2 * x) : 0.5 * x;
                values[j][i] = random.Uniform() < missing ? double.NaN : x;
            }
            labels[i] = label(signal, random);
        }
        return new(described, values, labels);
    }

    public static int[] Range(int from, int to) => [.. Enumerable.Range(from, to - from)];

    public static TreeEnsemble Boost(DataSet data, LearnerSettings settings, long seed = 1) =>
        (TreeEnsemble)new GradientBoosting().Fit(data, null, settings, seed, null, default);
}
