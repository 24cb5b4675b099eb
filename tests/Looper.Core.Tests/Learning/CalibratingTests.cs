using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

public class CalibratingTests
{
    private static (double[] Labels, double[] Predictions) Overconfident(int rows, long seed)
    {
        var random = new Philox(seed);
        double[] labels = new double[rows], predictions = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            var odds = 1.5 * random.Normal();
            labels[i] = random.Uniform() < 1 / (1 + Math.Exp(-odds)) ? 1 : 0;
            predictions[i] = 1 / (1 + Math.Exp(-(2 * odds + 0.5)));
        }
        return (labels, predictions);
    }

    [Theory, InlineData(20_000, typeof(IsotonicCalibration)), InlineData(600, typeof(PlattCalibration))]
    public void Overconfident_probabilities_come_right(int rows, Type kind)
    {
        var (labels, predictions) = Overconfident(rows, 1);
        var calibration = Calibrating.Best(labels, predictions);
        Assert.IsType(kind, calibration);
        var (fresh, raw) = Overconfident(20_000, 2);
        var before = Reliability.Of(fresh, raw).Error;
        Assert.InRange(Reliability.Of(fresh, raw.Select(calibration!.Apply).ToArray()).Error, 0, before / 3);
    }

    [Fact]
    public void Good_probabilities_are_left_alone()
    {
        var random = new Philox(5);
        var p = Enumerable.Range(0, 400).Select(_ => random.Uniform()).ToArray();
        Assert.Null(Calibrating.Best(p.Select(x => random.Uniform() < x ? 1.0 : 0).ToArray(), p));
    }

    [Fact] // min-max formula of isotonic regression: ŷ_i = max over a ≤ i of min over b ≥ i of the mean of y[a..b] (Robertson, Wright & Dykstra 1988)
    public void Pooled_blocks_equal_the_least_squares_solution()
    {
        var random = new Philox(6);
        var x = Enumerable.Range(0, 200).Select(i => (i + 1) / 201.0).ToArray();
        var y = x.Select(p => random.Uniform() < p ? 1.0 : 0).ToArray();
        var blocks = Calibrating.Blocks(y, x);
        var fitted = blocks.SelectMany(b => Enumerable.Repeat(b.Y, b.Rows)).ToArray();
        for (var i = 0; i < 200; i++)
        {
            var best = Enumerable.Range(0, i + 1).Max(a => Enumerable.Range(i, 200 - i).Min(b => y[a..(b + 1)].Average()));
            Assert.Equal(best, fitted[i], 1e-9);
        }
    }

    [Fact]
    public void Temperature_finds_the_factor_on_the_log_odds()
    {
        var (labels, predictions) = Overconfident(50_000, 7);
        var shifted = predictions.Select(p => 1 / (1 + Math.Exp(-(Math.Log(p / (1 - p)) - 0.5)))).ToArray();
        Assert.Equal(0.5, Calibrating.Temperature(labels, shifted)!.Slope, 0.02);
    }
}
