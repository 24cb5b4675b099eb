using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class GradientBoostingTests
{
    private static byte[] Bytes(DataSet data, LearnerSettings settings) =>
        Artefact.Write(new(data.Columns, new GradientBoosting().Fit(data, null, settings, 7, null, default)));

    [Theory]
    [InlineData(Objective.Binary), InlineData(Objective.Squared), InlineData(Objective.Quantile), InlineData(Objective.Huber)]
    [InlineData(Objective.Poisson), InlineData(Objective.Multiclass), InlineData(Objective.Ranking)]
    public void R20_the_same_bytes_come_out_of_1_2_and_4_threads(Objective objective)
    {
        // above 65,536 rows a leaf's rows are parted by several threads
        var data = objective switch
        {
            Objective.Binary => Simulated.Binary(70_000, 12),
            Objective.Multiclass => Simulated.Of(20_000, 12, 1, 0.1, (signal, _) => signal < -1 ? 0 : signal < 1 ? 1 : 2),
            Objective.Poisson => Simulated.Count(20_000),
            Objective.Ranking => RankingSimulation.Graded(1_500, 10, 1),
            Objective.Huber => Simulated.Value(20_000, 12),
            _ => Simulated.Value(70_000, 12),
        };
        Same(data, new LearnerSettings { Objective = objective, Rounds = 5, RowFraction = objective == Objective.Quantile ? 0.7 : 1 });
    }

    [Fact]
    public void R20_the_same_bytes_come_out_of_any_number_of_threads_with_weights_and_one_side_sampling()
    {
        var data = Simulated.Binary(210_000, 6);
        var random = new Philox(3);
        Same(new(data.Columns, data.Values, data.Labels, [.. data.Labels.Select(_ => random.Uniform())]), new() { Rounds = 3, Goss = true, Monotone = [1, 0, 0, 0, -1, 0] });
    }

    private static void Same(DataSet data, LearnerSettings settings)
    {
        var one = Bytes(data, settings with { Threads = 1 });
        Assert.Equal(one, Bytes(data, settings with { Threads = 2 }));
        Assert.Equal(one, Bytes(data, settings with { Threads = 4 }));
        Assert.NotEqual(one, Artefact.Write(new(data.Columns, new GradientBoosting().Fit(data, null, settings, 8, null, default))));
    }

    [Fact]
    public void A_row_of_weight_2_counts_as_the_row_twice()
    {
        var data = Simulated.Binary(400, 3, missing: 0);
        foreach (var column in data.Values) for (var i = 0; i < 400; i++) column[i] = Math.Round(column[i], 1); // few values: the same bins both times
        var settings = new LearnerSettings { Rounds = 10, MinLeafRows = 1, MinLeafHessian = 3, FeatureFraction = 1 };
        var doubled = data.Take([.. Simulated.Range(0, 400).SelectMany(i => i % 3 == 0 ? new[] { i, i } : [i])]);
        var weighted = new DataSet(data.Columns, data.Values, data.Labels, [.. Simulated.Range(0, 400).Select(i => i % 3 == 0 ? 2.0 : 1)]);
        // weights are normalised to mean 1, so penalties are scaled alike
        var scale = 400.0 / doubled.Rows;
        var twice = Simulated.Boost(doubled, settings);
        var once = Simulated.Boost(weighted, settings with { L2 = scale, MinLeafHessian = 3 * scale });
        double[] row = new double[3], a = [0], b = [0];
        for (var i = 0; i < 400; i++)
        {
            data.CopyRow(i, row);
            twice.Scores(row, a);
            once.Scores(row, b);
            Assert.Equal(a[0], b[0], 1e-7);
        }
    }

    [Fact]
    public void The_first_cut_gains_as_much_as_any_by_brute_force()
    {
        var data = Simulated.Value(300, 3, missing: 0.2);
        var settings = new LearnerSettings { Objective = Objective.Squared, Rounds = 1, Leaves = 2, FeatureFraction = 1, MinLeafRows = 5 };
        var root = Simulated.Boost(data, settings).Trees[0].Nodes[0];
        var best = 0.0;
        for (var j = 0; j < 3; j++)
            foreach (var threshold in data.Values[j].Where(double.IsFinite).Distinct())
                foreach (var missingLeft in new[] { false, true })
                    best = Math.Max(best, GainOf(data, i => double.IsNaN(data.Values[j][i]) ? missingLeft : data.Values[j][i] <= threshold));
        Assert.Equal(best, root.Gain, best * 1e-6);
    }

    private static double GainOf(DataSet data, Func<int, bool> left)
    {
        var mean = data.Labels.Average();
        double gl = 0, nl = 0, g = 0;
        for (var i = 0; i < data.Rows; i++)
        {
            g += mean - data.Labels[i];
            if (!left(i)) continue;
            gl += mean - data.Labels[i];
            nl++;
        }
        if (nl < 5 || data.Rows - nl < 5) return 0;
        return 0.5 * (gl * gl / (nl + 1) + (g - gl) * (g - gl) / (data.Rows - nl + 1) - g * g / (data.Rows + 1));
    }

    [Fact]
    public void Category_cuts_equal_exhaustive_search_when_levels_are_few()
    {
        var random = new Philox(5);
        var codes = Enumerable.Range(0, 1_600).Select(_ => (double)random.Below(8)).ToArray();
        double[] effect = [3, -1, 2, 0, -2, 5, 1, -4];
        var labels = codes.Select(c => effect[(int)c] + random.Normal()).ToArray();
        var data = new DataSet([new("c", ColumnKind.Category, [.. "abcdefgh".Select(c => c.ToString())])], [codes], labels);
        var root = Simulated.Boost(data, new() { Objective = Objective.Squared, Rounds = 1, Leaves = 2, L2 = 0, FeatureFraction = 1 }).Trees[0];
        var found = Enumerable.Range(0, 8).Where(l => root.GoesLeft(root.Nodes[0], l)).ToHashSet();
        var best = Enumerable.Range(1, 254).MaxBy(s => CategoryGain(codes, labels, s));
        var wanted = Enumerable.Range(0, 8).Where(l => (best >> l & 1) == 1).ToHashSet();
        Assert.True(found.SetEquals(wanted) || found.SetEquals(Enumerable.Range(0, 8).Except(wanted)), string.Join(",", found));
    }

    private static double CategoryGain(double[] codes, double[] labels, int subset)
    {
        var mean = labels.Average();
        double gl = 0, g = 0, nl = 0;
        for (var i = 0; i < codes.Length; i++)
        {
            g += mean - labels[i];
            if ((subset >> (int)codes[i] & 1) == 0) continue;
            gl += mean - labels[i];
            nl++;
        }
        return gl * gl / (nl + 10) + (g - gl) * (g - gl) / (codes.Length - nl + 10);
    }

    [Fact]
    public void Missing_values_go_where_they_belong()
    {
        var random = new Philox(6);
        double[] x = new double[2_000], y = new double[2_000];
        for (var i = 0; i < x.Length; i++) (x[i], y[i]) = random.Below(3) switch { 0 => (double.NaN, 5), 1 => (random.Uniform(), 0), _ => (1 + random.Uniform(), 5.0) };
        var ensemble = Simulated.Boost(new([new("x", ColumnKind.Number, [])], [x], y), new() { Objective = Objective.Squared, Rounds = 200, LearningRate = 0.1 });
        Assert.Equal([5, 0, 5], new[] { double.NaN, 0.5, 1.5 }.Select(v => Math.Round(ensemble.Predict([v]), 2)));
    }

    [Theory, InlineData(2, 0), InlineData(2, 1), InlineData(6, 0), InlineData(6, 5)]
    public void A_category_never_seen_goes_with_the_heavier_side(int levels, int heavy)
    {
        var random = new Philox(7);
        double[] codes = [.. Enumerable.Range(0, 2_000).Select(_ => (double)(random.Below(10) < 6 ? heavy : random.Below(levels)))];
        var data = new DataSet([new("c", ColumnKind.Category, [.. "abcdef"[..levels].Select(c => $"{c}")])], [codes], [.. codes.Select(c => c == heavy ? 0.0 : 5)]);
        var ensemble = Simulated.Boost(data, new() { Objective = Objective.Squared, Rounds = 200, LearningRate = 0.1 });
        Assert.Equal([0, 0, 5], new[] { double.NaN, heavy, (heavy + 1) % levels }.Select(v => Math.Round(ensemble.Predict([v]), 1)));
    }

    [Theory, InlineData(1), InlineData(-1)]
    public void Monotone_predictions_never_turn(int sign)
    {
        var data = Simulated.Value(4_000);
        var ensemble = Simulated.Boost(data, new() { Objective = Objective.Squared, Rounds = 60, Monotone = [(sbyte)sign, 0, 0, 0, 0, 0, 0, 0] });
        var row = new double[8];
        for (var i = 0; i < 100; i++)
        {
            data.CopyRow(i, row);
            var last = double.NaN;
            for (var step = 0; step < 1_000; step++)
            {
                row[0] = -4 + 8 * step / 999.0;
                var now = ensemble.Predict(row);
                Assert.False(sign * (now - last) < -1e-12, $"row {i}, step {step}: {last} then {now}");
                last = now;
            }
        }
    }

    [Fact]
    public void It_stops_early_and_keeps_the_best_round()
    {
        var data = Simulated.Binary(3_000);
        var losses = new List<double>();
        var (train, validation) = (data.Take(Simulated.Range(0, 2_000)), data.Take(Simulated.Range(2_000, 3_000)));
        var ensemble = (TreeEnsemble)new GradientBoosting().Fit(
            train, validation, new() { LearningRate = 0.3, Patience = 10 }, 1, p => losses.Add(p.ValidationLoss), default);
        Assert.Equal(losses.IndexOf(losses.Min()) + 1, ensemble.Trees.Length);
        Assert.Equal(ensemble.Trees.Length + 10, losses.Count);
        Assert.Equal(losses.Min(), BinaryMetrics.Of(validation.Labels, validation.Predictions(ensemble)).LogLoss, 1e-6);
    }

    [Fact]
    public void A_warm_start_goes_on_where_the_first_fit_ended()
    {
        var data = Simulated.Value(3_000);
        var settings = new LearnerSettings { Objective = Objective.Squared, Rounds = 30, FeatureFraction = 1 };
        var first = Simulated.Boost(data, settings);
        var whole = Simulated.Boost(data, settings with { Rounds = 60 });
        var second = Simulated.Boost(data, settings with { StartFrom = first });
        Assert.Equal(60, second.Trees.Length);
        Assert.Equal(first.Trees[7].Nodes, second.Trees[7].Nodes);
        Assert.Equal(ValueMetrics.Of(data.Labels, data.Predictions(whole)).Rmse, ValueMetrics.Of(data.Labels, data.Predictions(second)).Rmse, 1e-3);
    }

    [Fact]
    public void Cancelling_ends_the_fit()
    {
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => new GradientBoosting().Fit(
            Simulated.Binary(2_000), null, new(), 1, p => { if (p.Round == 3) cancel.Cancel(); }, cancel.Token));
    }

    [Fact]
    public void No_row_counts_for_less_than_itself_where_one_side_sampling_keeps_nearly_all()
    {
        const int Rows = 200_001;
        double[] g = [.. Simulated.Range(0, Rows).Select(i => i % 20 == 0 ? 0.5 : 1)], h = [.. Enumerable.Repeat(1.0, Rows)]; // ties at the top: 95 % are kept
        var rows = new RowSampling(new() { Goss = true }, null, Rows, 1).Rows(0, g, h);
        Assert.Equal(Rows, rows.Length);
        Assert.Equal([0.5, 1], g.Distinct());
        Assert.Equal([1], h.Distinct());
    }

    [Fact]
    public void Work_on_one_thread_can_be_ended_too()
    {
        using var cancel = new CancellationTokenSource();
        var done = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => new Workers(1, cancel.Token).Each(10, _ =>
        {
            if (++done == 3) cancel.Cancel();
        }));
        Assert.Equal(3, done);
    }

    [Fact]
    public void One_side_sampling_learns_nearly_as_much()
    {
        var data = Simulated.Binary(260_000, 6);
        var test = Simulated.Binary(20_000, 6, seed: 2);
        var settings = new LearnerSettings { Rounds = 20, LearningRate = 0.2 };
        double Auc(LearnerSettings s) => Metrics.Auc(test.Labels, test.Predictions(Simulated.Boost(data, s))).Area;
        Assert.InRange(Auc(settings with { Goss = true }), Auc(settings) - 0.005, 1);
    }
}
