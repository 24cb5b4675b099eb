using System.Globalization;
using Looper.Core.Files;
using Looper.Core.Numerics;

namespace Looper.Testing.Bandits;

/// <summary>Rows that come in any order, and how likely each option is to be rewarded on each.</summary>
/// <param name="Rows">Standardised numbers over √d after a constant 1.</param>
/// <param name="Rates">P(reward 1) by row and option.</param>
/// <param name="Rounds">How long a run is.</param>
public sealed record BanditProblem(string Name, double[][] Rows, double[][] Rates, int Rounds)
{
    public int Options => Rates[0].Length;

    /// <summary>Labelled sets turned into bandits: the option that is the label is rewarded.</summary>
    public static BanditProblem Digits => Labelled("digits", 10, 3);

    /// <inheritdoc cref="Digits"/>
    public static BanditProblem Satellite => Labelled("satellite", 6, 2);

    /// <summary>Made-up ones, on which defaults may be chosen.</summary>
    public static IEnumerable<BanditProblem> MadeUp => [Linear, Clusters, Steps, Rates3, Seldom];

    // Each option's rate is logistic in the row.
    private static BanditProblem Linear => Made("linear", 6, 12, (random, k, d) =>
    {
        var weights = Normals(random, k * (d + 1));
        return x => [.. Enumerable.Range(0, k).Select(a => Elementary.Sigmoid(1.5 * (Vectors.Dot(x, weights.AsSpan(a * (d + 1), d)) / Math.Sqrt(d) * 2 + weights[a * (d + 1) + d] - 0.5)))];
    });

    // Classes are two clouds each; the option of the nearest cloud is rewarded.
    private static BanditProblem Clusters => Made("clusters", 8, 16, (random, k, d) =>
    {
        var centres = Enumerable.Range(0, 2 * k).Select(_ => Normals(random, d)).ToArray();
        return x =>
        {
            var near = Enumerable.Range(0, centres.Length).MinBy(c => centres[c].Zip(x, (m, v) => (m - v) * (m - v)).Sum());
            return [.. Enumerable.Range(0, k).Select(a => near % k == a ? 0.95 : 0.05)];
        };
    });

    // A tree of three questions decides.
    private static BanditProblem Steps => Made("steps", 4, 8, (random, k, _) =>
    {
        var leaves = Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, k).Select(_ => random.Uniform()).ToArray()).ToArray();
        return x => leaves[(x[0] > 0 ? 1 : 0) + (x[1] > 0.3 ? 2 : 0) + (x[2] > -0.3 ? 4 : 0)];
    });

    // The row says nothing.
    private static BanditProblem Rates3 => Made("rates", 5, 6, (random, k, _) =>
    {
        var rates = Enumerable.Range(0, k).Select(_ => 0.2 + 0.4 * random.Uniform()).ToArray();
        return _ => rates;
    });

    // Rewards are rare, as clicks are.
    private static BanditProblem Seldom => Made("seldom", 4, 10, (random, k, d) =>
    {
        var weights = Normals(random, k * d);
        return x => [.. Enumerable.Range(0, k).Select(a => 0.05 * Elementary.Exp(Vectors.Dot(x, weights.AsSpan(a * d, d)) / Math.Sqrt(d))).Select(p => Math.Min(p, 1))];
    });

    private static BanditProblem Made(string name, int options, int width, Func<Philox, int, int, Func<double[], double[]>> make)
    {
        const int Count = 3_000;
        var random = new Philox(Sizes.Seed, "bandit-problem-" + name);
        var rates = make(random, options, width);
        var raw = Enumerable.Range(0, Count).Select(_ => Normals(random, width)).ToArray();
        return new(name, Standardised(raw), Array.ConvertAll(raw, x => rates(x)), Count);
    }

    private static BanditProblem Labelled(string name, int options, int passes)
    {
        using var file = CsvFile.Open(SharedData.File("ope", "multiclass", name + "_log.csv.gz"));
        int label = file.Header.IndexOf("label"), first = file.Header.IndexOf("x0");
        List<double[]> rows = [], rates = [];
        while (file.Read() is { } cells)
        {
            rows.Add([.. cells.Skip(first).Select(c => double.Parse(c, CultureInfo.InvariantCulture))]);
            rates.Add([.. Enumerable.Range(0, options).Select(a => a == int.Parse(cells[label], CultureInfo.InvariantCulture) ? 1.0 : 0)]);
        }
        return new(name, Standardised([.. rows]), [.. rates], passes * rows.Count);
    }

    private static double[][] Standardised(double[][] raw)
    {
        var d = raw[0].Length;
        var means = Enumerable.Range(0, d).Select(j => raw.Average(r => r[j])).ToArray();
        var deviations = Enumerable.Range(0, d).Select(j => Math.Sqrt(raw.Average(r => (r[j] - means[j]) * (r[j] - means[j])))).ToArray();
        return Array.ConvertAll(raw, r => (double[])[1, .. Enumerable.Range(0, d).Select(j => deviations[j] > 0 ? (r[j] - means[j]) / deviations[j] / Math.Sqrt(d) : 0)]);
    }

    private static double[] Normals(Philox random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Normal())];
}
