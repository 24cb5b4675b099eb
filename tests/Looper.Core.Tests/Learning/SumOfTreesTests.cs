using Looper.Core.Learning;
using Looper.Core.Learning.Bayesian;
using Looper.Core.Learning.Trees;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class SumOfTreesTests(ITestOutputHelper output)
{
    private static (DataSet Data, double[] Truth) Friedman(int rows, int columns, double noise, long seed)
    {
        var random = new Philox(seed, "friedman");
        var x = Enumerable.Range(0, columns).Select(_ => Enumerable.Range(0, rows).Select(_ => random.Uniform()).ToArray()).ToArray();
        double[] truth = [.. Enumerable.Range(0, rows).Select(i =>
            10 * Math.Sin(Math.PI * x[0][i] * x[1][i]) + 20 * (x[2][i] - 0.5) * (x[2][i] - 0.5) + 10 * x[3][i] + 5 * x[4][i])];
        return (new([.. x.Select((_, j) => new Column($"x{j}", ColumnKind.Number, []))], x, [.. truth.Select(t => t + noise * random.Normal())]), truth);
    }

    private static LeafSums Sums(IEnumerable<double> rows) => rows.Aggregate(default(LeafSums), (s, r) => s + new LeafSums(r, 1));

    private static double Error(double[] estimated, double[] truth) => Math.Sqrt(estimated.Select((e, i) => (e - truth[i]) * (e - truth[i])).Average());

    // splits that leave a child empty take no part, so there must be many columns to choose from
    [Fact] // published: sizes of trees under 0.95 and 2, Chipman, George and McCulloch 2010, section 2.2.1: 0.05, 0.55, 0.28, 0.09 and 0.03
    public void Without_evidence_trees_are_as_large_as_the_prior_says()
    {
        var (data, _) = Friedman(1_500, 40, 1, 1);
        var forest = new SampledForest(new(data, 1), null, new(100, 1), new(1, "prior"));
        var (residuals, shares) = (new double[data.Rows], new double[6]);
        const int Burn = 50, Sweeps = 300;
        for (var sweep = 0; sweep < Burn + Sweeps; sweep++)
        {
            forest.Sweep(residuals, 1e12, false); // next to no row counts
            if (sweep < Burn) continue;
            foreach (var tree in forest.Trees) shares[Math.Min(5, Enumerable.Range(0, SampledTree.MostNodes).Count(tree.IsLeaf))] += 1.0 / Sweeps / forest.Trees.Length;
        }
        output.WriteLine(string.Join(' ', shares.Skip(1).Select(s => s.ToString("F3", null))));
        Assert.Equal(0.05, shares[1], 0.015);
        Assert.Equal(0.55, shares[2], 0.04);
        Assert.Equal(0.28, shares[3], 0.04);
        Assert.Equal(0.09, shares[4], 0.03);
        Assert.Equal(0.03, shares[5], 0.02);
    }

    [Fact] // the density of three rows with the value integrated out, against a sum over a fine grid
    public void Evidence_of_a_leaf_is_the_integral_over_its_value()
    {
        double[] rows = [0.7, -0.2, 0.4];
        var sums = Sums(rows);
        const double Spread = 0.6, Variance = 0.8, Step = 1e-3;
        var ratio = 0.0;
        for (var m = -8.0; m < 8; m += Step)
            ratio += Step * Math.Exp(-m * m / 2 / Spread - rows.Sum(r => (r - m) * (r - m) - r * r) / 2 / Variance) / Math.Sqrt(2 * Math.PI * Spread);
        Assert.Equal(Math.Log(ratio), sums.Evidence(Spread, Variance), 1e-6);
        Assert.Equal(3, sums.Rows);
        var random = new Philox(3, "draws");
        double[] draws = [.. Enumerable.Range(0, 20_000).Select(_ => sums.Draw(Spread, Variance, random))];
        var precision = 1 / Spread + sums.Rows / Variance;
        Assert.Equal(sums.Sum / Variance / precision, draws.Average(), 0.02);
        Assert.Equal(1 / precision, draws.Average(d => d * d) - draws.Average() * draws.Average(), 0.02);
    }

    [Fact] // each cut as the rows say: against the evidence of both sides, counted row by row; missing numbers have rank 0 and go left
    public void Cuts_are_weighed_by_what_they_gain()
    {
        const double Spread = 0.6, Variance = 0.8;
        const int Cuts = 6, Here = 2, Elsewhere = 1;
        var random = new Philox(6, "cuts");
        byte[] leaf = [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 3 == 0 ? Elsewhere : Here))], ranks = [.. leaf.Select((_, i) => (byte)(i % (Cuts + 2)))];
        double[] residuals = [.. ranks.Select(r => r > 4 ? 1.0 + random.Normal() : random.Normal())];
        NodePlace[] places = [default, new(0.25, Elsewhere, 0), new(-0.5, TreeSums.Ranks, 255)];
        var sums = new TreeSums();
        sums.Add(leaf, places, residuals, ranks); // what was there before is forgotten
        sums.Clear(places.Length, Cuts + 1);
        sums.Add(leaf, places, residuals, ranks);
        Assert.Equal(Sums(residuals.Where((_, i) => leaf[i] == Elsewhere).Select(r => r + 0.25)).Sum, sums.Of(Elsewhere).Sum, 1e-9);
        Assert.Equal(14, sums.Of(Elsewhere).Rows);
        var cuts = new CutSums();
        cuts.Take(sums.ByRank, Cuts);
        LeafSums Of(Func<byte, bool> which) => Sums(residuals.Where((_, i) => leaf[i] == Here && which(ranks[i])).Select(r => r - 0.5));
        double[] gains = [.. Enumerable.Range(1, Cuts).Select(cut => (Left: Of(r => r <= cut), Right: Of(r => r > cut))).Select(p => Math.Min(p.Left.Rows, p.Right.Rows) < ForestPrior.LeastRows ? 0
            : Math.Exp(p.Left.Evidence(Spread, Variance) + p.Right.Evidence(Spread, Variance) - Of(_ => true).Evidence(Spread, Variance)))];
        Assert.Contains(0.0, gains);
        Assert.Equal(Math.Log(gains.Average()), cuts.LogMean(Spread, Variance), 1e-9);
        var drawn = new double[Cuts];
        for (var k = 0; k < 20_000; k++) drawn[cuts.Draw(random) - 1] += 1 / 20_000.0;
        for (var cut = 0; cut < Cuts; cut++) Assert.Equal(gains[cut] / gains.Sum(), drawn[cut], 0.015);
        Assert.Equal(Of(r => r > 3).Sum, cuts.At(3).Right.Sum, 1e-9);
        Assert.Equal(26, cuts.Whole.Rows);
    }

    [Fact] // Friedman's function of 5 of 20 columns, noise 1, 400 rows; small boosted trees come to about 1.2
    public void A_function_of_few_of_many_columns_is_found()
    {
        var (data, _) = Friedman(400, 20, 1, 2);
        var (others, truth) = Friedman(1_000, 20, 1, 3);
        var columns = new SplitColumns(data, 1);
        var fit = SumOfTrees.Fit(data.Labels, [new(columns, null, new(50, 1.5))], new(1, 200, 200), 1, default)[0];
        var error = Error(others.Predictions(fit), truth);
        output.WriteLine($"error on unseen rows {error:F3}");
        Assert.True(error < 0.95, $"{error:F3}");
    }

    [Fact] // y = μ(x) + w·τ(category): the second part is the effect, told by one level of four
    public void Parts_that_some_rows_have_are_told_apart_and_levels_of_categories_too()
    {
        var (data, base_) = Friedman(1_000, 5, 0, 4);
        var random = new Philox(4, "levels");
        double[] level = [.. base_.Select(_ => (double)random.Below(4))], taken = [.. base_.Select(_ => random.Uniform() < 0.5 ? 1.0 : 0)];
        double[] effect = [.. level.Select(l => l == 2 ? 5.0 : 1)], y = [.. base_.Select((b, i) => b + taken[i] * effect[i] + random.Normal())];
        DataSet units = new([.. data.Columns, new("level", ColumnKind.Category, ["a", "b", "c", "d"])], [.. data.Values, level], y);
        var columns = new SplitColumns(units, 1);
        var fit = SumOfTrees.Fit(y, [new(columns, null, new(50, 1.5)), new(columns, [.. Enumerable.Range(0, y.Length).Where(i => taken[i] == 1)], new(25, 1))], new(2, 100, 80), 1, default);
        var error = Error(units.Predictions(fit[1]), effect);
        output.WriteLine($"error of the effect {error:F3}");
        Assert.True(error < 0.5, $"{error:F3}");
        Assert.True(Error(units.Predictions(fit[0]), base_) < 1, $"{Error(units.Predictions(fit[0]), base_):F3}");
    }

    [Fact]
    public void A_seed_fixes_the_fit_and_missing_numbers_are_taken()
    {
        var (data, _) = Friedman(200, 5, 1, 5);
        for (var i = 0; i < data.Rows; i += 7) data.Values[3][i] = double.NaN;
        TreeEnsemble Fit(long seed) => SumOfTrees.Fit(data.Labels, [new(new(data, 1), null, new(20, 1.5))], new(1, 40, 40), seed, default)[0];
        Assert.Equal(data.Predictions(Fit(1)), data.Predictions(Fit(1)));
        Assert.NotEqual(data.Predictions(Fit(1)), data.Predictions(Fit(2)));
        Assert.All(data.Predictions(Fit(1)), p => Assert.True(double.IsFinite(p)));
    }
}
