using System.Globalization;
using Looper.Core.Causal;
using Looper.Core.Files;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

/// <summary>Units whose effects are known: simulations, and the reference data beside the repository.</summary>
internal static class HteData
{
    /// <summary>Units to learn from, units to judge by and the true effects of both.</summary>
    public sealed record Case(TwoArms Train, double[] TrainEffects, DataSet Test, double[] TestEffects);

    public static Case Ihdp(int simulation)
    {
        var table = Read("ihdp", $"ihdp_npci_{simulation}.csv.gz");
        var test = File.ReadLines(SharedData.File("hte", "ihdp", "test_rows.csv")).Skip(1).Select(l => int.Parse(l, CultureInfo.InvariantCulture)).ToHashSet();
        int[] learn = [.. Enumerable.Range(0, table.Rows).Where(i => !test.Contains(i))], judge = [.. test.Order()];
        var units = Units(table, "y_factual", name => name[0] == 'x');
        double[] treated = Column(table, "treatment"), mu0 = Column(table, "mu0"), mu1 = Column(table, "mu1");
        double[] Tau(int[] rows) => [.. rows.Select(i => mu1[i] - mu0[i])];
        return new(new(units.Take(learn), [.. learn.Select(i => treated[i] == 1)], null, 1), Tau(learn), units.Take(judge), Tau(judge));
    }

    public static (TwoArms Arms, double[] Effects, double Deviation) Acic(string name)
    {
        var (x, zy) = (Read("acic2016", "x.csv.gz"), Read("acic2016", $"zy_{name}.csv.gz"));
        var y = Column(zy, "y");
        var columns = Enumerable.Range(0, x.Header.Length).Select(j => x.Read(j)).ToArray();
        var units = new DataSet([.. columns.Select(c => c.Column)], [.. columns.Select(c => c.Values)], y);
        double[] mu0 = Column(zy, "mu0"), mu1 = Column(zy, "mu1");
        var mean = y.Average();
        return (new(units, [.. Column(zy, "z").Select(z => z == 1)], null, 1), [.. mu1.Select((m, i) => m - mu0[i])],
            Math.Sqrt(y.Sum(v => (v - mean) * (v - mean)) / (y.Length - 1)));
    }

    /// <summary>Customers sent one e-mail or none, of one part of the file.</summary>
    public static (DataSet Units, bool[] Treated) Hillstrom(string mail, string outcome, string part)
    {
        var table = Read("hillstrom", "hillstrom.csv.gz");
        var units = Units(table, outcome, name => name is "recency" or "history" or "mens" or "womens" or "newbie" or "zip_code" or "channel");
        var (arms, parts) = (table.Cells(table.Header.IndexOf("treatment")), table.Cells(table.Header.IndexOf("split")));
        int[] rows = [.. Enumerable.Range(0, table.Rows).Where(i => parts[i] == part && (arms[i] == mail || arms[i] == "No E-Mail"))];
        return (units.Take(rows), [.. rows.Select(i => arms[i] == mail)]);
    }

    /// <summary>Set-ups A to D of Nie and Wager 2021, section 6.1.</summary>
    public static Case NieWager(char setup, int n, double sigma, long seed, int d = 6)
    {
        var random = new Philox(seed, "nie-wager");
        var values = Enumerable.Range(0, d).Select(_ => new double[2 * n]).ToArray();
        var (y, treated, tau) = (new double[2 * n], new bool[2 * n], new double[2 * n]);
        for (var i = 0; i < 2 * n; i++)
        {
            double[] x = [.. Enumerable.Range(0, d).Select(_ => setup == 'A' ? random.Uniform() : random.Normal())];
            for (var j = 0; j < d; j++) values[j][i] = x[j];
            var (b, e, t) = setup switch
            {
                'A' => (Math.Sin(Math.PI * x[0] * x[1]) + 2 * (x[2] - 0.5) * (x[2] - 0.5) + x[3] + 0.5 * x[4],
                    Math.Clamp(Math.Sin(Math.PI * x[0] * x[1]), 0.1, 0.9), (x[0] + x[1]) / 2),
                'B' => (Math.Max(Math.Max(x[0] + x[1], x[2]), 0) + Math.Max(x[3] + x[4], 0), 0.5, x[0] + Math.Log(1 + Math.Exp(x[1]))),
                'C' => (2 * Math.Log(1 + Math.Exp(x[0] + x[1] + x[2])), 1 / (1 + Math.Exp(x[1] + x[2])), 1),
                _ => ((Math.Max(x[0] + x[1] + x[2], 0) + Math.Max(x[3] + x[4], 0)) / 2, 1 / (1 + Math.Exp(-x[0]) + Math.Exp(-x[1])),
                    Math.Max(x[0] + x[1] + x[2], 0) - Math.Max(x[3] + x[4], 0)),
            };
            treated[i] = random.Uniform() < e;
            (tau[i], y[i]) = (t, b + ((treated[i] ? 1 : 0) - 0.5) * t + sigma * random.Normal());
        }
        var units = new DataSet([.. Enumerable.Range(0, d).Select(j => new Column($"x{j + 1}", ColumnKind.Number, []))], values, y);
        int[] learn = [.. Enumerable.Range(0, n)], judge = [.. Enumerable.Range(n, n)];
        return new(new(units.Take(learn), treated[..n], null, seed), tau[..n], units.Take(judge), tau[n..]);
    }

    /// <summary>A randomised or confounded comparison with the effect τ(x) = <paramref name="slope"/>·x₁ + ½, its propensities, and whether they are told.</summary>
    public static (TwoArms Arms, double[] Effects, double[] Propensity) Simulated(int n, double slope, bool confounded, long seed, bool told = true)
    {
        var random = new Philox(seed, "hte");
        var values = Enumerable.Range(0, 5).Select(_ => new double[n]).ToArray();
        var (y, treated, tau, e) = (new double[n], new bool[n], new double[n], new double[n]);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < 5; j++) values[j][i] = random.Normal();
            e[i] = confounded ? 1 / (1 + Math.Exp(-0.7 * values[1][i])) : 0.5;
            treated[i] = random.Uniform() < e[i];
            tau[i] = 0.5 + slope * values[0][i];
            y[i] = values[1][i] + 0.5 * values[2][i] + (treated[i] ? tau[i] : 0) + random.Normal();
        }
        var units = new DataSet([.. Enumerable.Range(0, 5).Select(j => new Column($"x{j + 1}", ColumnKind.Number, []))], values, y);
        return (new(units, treated, told ? e : null, seed), tau, e);
    }

    public static double RootMeanSquare(IReadOnlyList<double> estimated, IReadOnlyList<double> truth) =>
        Math.Sqrt(estimated.Select((e, i) => (e - truth[i]) * (e - truth[i])).Average());

    public static double Deviation(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }

    private static Table Read(string set, string name)
    {
        Assert.SkipUnless(SharedData.IsHere, SharedData.Absent);
        using var file = CsvFile.Open(SharedData.File("hte", set, name));
        var table = new Table(file.Header);
        while (file.Read() is { } row) table.Add(row);
        return table;
    }

    private static double[] Column(Table table, string name) => table.Read(table.Header.IndexOf(name), ColumnKind.Number).Values;

    private static DataSet Units(Table table, string outcome, Func<string, bool> isFeature)
    {
        var columns = Enumerable.Range(0, table.Header.Length).Where(j => isFeature(table.Header[j])).Select(j => table.Read(j)).ToArray();
        return new([.. columns.Select(c => c.Column)], [.. columns.Select(c => c.Values)], Column(table, outcome));
    }
}
