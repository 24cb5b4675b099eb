using Looper.Core.Learning;
using Looper.Core.Learning.Network;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class SmallNetworkTests
{
    [Theory, InlineData(Objective.Binary, 1), InlineData(Objective.Squared, 1), InlineData(Objective.Poisson, 1), InlineData(Objective.Multiclass, 3)]
    public void Gradients_equal_central_differences(Objective objective, int outputs)
    {
        var data = objective == Objective.Poisson ? Simulated.Count(20) : Simulated.Of(20, 8, 1, 0.2, (_, random) => random.Below(objective == Objective.Multiclass ? 3 : 2));
        System.Collections.Immutable.ImmutableArray<NetworkInput> inputs = [.. data.Columns.Select((c, j) => NetworkInput.Of(c, data.Values[j]))];
        var layers = new Layers(inputs, outputs);
        var fit = new NetworkFit(layers, data, objective, new double[outputs], 1);
        var gradient = new double[layers.Parameters];
        int[] rows = Simulated.Range(0, 20);
        fit.AddGradient(rows, gradient, null);
        var random = new Philox(2);
        var checkedOnes = 0;
        for (var i = 0; i < 400; i++)
        {
            var k = random.Below(layers.Parameters);
            const double Step = 1e-5;
            var at = fit.Parameters[k];
            double Loss(double value)
            {
                fit.Parameters[k] = value;
                var predictor = new NetworkPredictor(objective, inputs, 1, 0, outputs, [[.. fit.Parameters]]);
                var sum = 0.0;
                double[] row = new double[8], p = new double[outputs];
                foreach (var r in rows)
                {
                    data.CopyRow(r, row);
                    predictor.Predict(row, p);
                    var y = data.Labels[r];
                    sum += objective switch
                    {
                        Objective.Binary => -Math.Log(y == 1 ? p[0] : 1 - p[0]),
                        Objective.Multiclass => -Math.Log(p[(int)y]),
                        Objective.Poisson => p[0] - y * Math.Log(p[0]),
                        _ => (p[0] - y) * (p[0] - y) / 2,
                    };
                }
                fit.Parameters[k] = at;
                return sum;
            }
            var numeric = (Loss(at + Step) - Loss(at - Step)) / (2 * Step);
            if (Math.Abs(Loss(at + Step) + Loss(at - Step) - 2 * Loss(at)) > 1e-6) continue; // a kink of the rectifier lies between
            Assert.Equal(numeric, gradient[k], 1e-5 * Math.Max(1, Math.Abs(numeric)));
            if (gradient[k] != 0) checkedOnes++;
        }
        Assert.True(checkedOnes > 50, $"{checkedOnes}");
    }

    [Fact]
    public void Gradients_of_what_was_dropped_equal_central_differences()
    {
        var all = Simulated.Of(200, 8, 1, 0, (_, random) => random.Below(2));
        var data = all.Take([0]);
        System.Collections.Immutable.ImmutableArray<NetworkInput> inputs = [.. all.Columns.Select((c, j) => NetworkInput.Of(c, all.Values[j]))];
        var layers = new Layers(inputs, 1);
        var fit = new NetworkFit(layers, data, Objective.Binary, [0], 1);
        var (dropped, checkedOnes) = (0, 0);
        for (var seed = 0; seed < 20; seed++)
        {
            var gradient = new double[layers.Parameters];
            fit.AddGradient([0], gradient, new Philox(seed, "dropout"));
            double Loss()
            {
                double[] row = new double[8], x = new double[layers.Width], h1 = new double[Layers.First], h2 = new double[Layers.Second], scores = new double[layers.Padded];
                data.CopyRow(0, row);
                layers.Encode(fit.Parameters, row, x);
                var random = new Philox(seed, "dropout");
                for (var k = 0; k < x.Length; k++) x[k] = random.NextUInt32() < 0.1 * uint.MaxValue ? 0 : x[k] / 0.9;
                layers.Forward(fit.Parameters, x, h1, h2, scores);
                return Math.Log(1 + Math.Exp(data.Labels[0] == 1 ? -scores[0] : scores[0]));
            }
            for (var k = 0; k < layers.W1; k++) // the embeddings
            {
                const double Step = 1e-5;
                var (at, here) = (fit.Parameters[k], Loss());
                fit.Parameters[k] = at + Step;
                var above = Loss();
                fit.Parameters[k] = at - Step;
                var below = Loss();
                fit.Parameters[k] = at;
                if (Math.Abs(above + below - 2 * here) > 1e-8) continue; // a kink of the rectifier lies between
                Assert.Equal((above - below) / (2 * Step), gradient[k], 1e-6);
                checkedOnes += gradient[k] != 0 ? 1 : 0;
            }
            dropped += Enumerable.Range(0, layers.W1).Count(k => gradient[k] == 0);
        }
        Assert.True(checkedOnes > 100 && dropped > 0, $"{checkedOnes}, {dropped}");
    }

    [Fact]
    public void R20_the_same_bytes_come_out_of_1_and_2_threads_and_are_read_back()
    {
        var data = Simulated.Binary(1_500);
        byte[] Bytes(int threads) => Artefact.Write(new(data.Columns, new SmallNetwork().Fit(data, null, new() { Threads = threads }, 3, null, default)));
        var one = Bytes(1);
        Assert.Equal(one, Bytes(2));
        var read = Artefact.Read(one).Value!;
        Assert.Equal(one, Artefact.Write(read));
        Assert.InRange(Metrics.Auc(data.Labels, data.Predictions(read)).Area, 0.7, 1);
    }

    [Fact]
    public void It_learns_a_curved_law_that_a_line_cannot()
    {
        DataSet Draw(long seed) => Simulated.Of(3_000, 3, seed, 0, (_, random) => random.Normal());
        DataSet Curved(DataSet d) => new(d.Columns, d.Values, [.. d.Values[0].Zip(d.Values[1], (a, b) => 5 * Math.Sin(2 * a) + b * b)]);
        var (train, test) = (Curved(Draw(1)), Curved(Draw(2)));
        var settings = new LearnerSettings { Objective = Objective.Squared };
        Assert.InRange(ValueMetrics.Of(test.Labels, test.Predictions(new SmallNetwork().Fit(train, null, settings, 1, null, default))).R2, 0.9, 1);
        Assert.InRange(ValueMetrics.Of(test.Labels, test.Predictions(new ElasticNet().Fit(train, null, settings, 1, null, default))).R2, 0, 0.5);
    }
}
