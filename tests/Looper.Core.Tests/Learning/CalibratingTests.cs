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

    [Fact] // what a unit does again says nothing of others: what is corrected for it is no gain for them
    public void Right_probabilities_of_units_that_come_often_are_left_alone()
    {
        var kept = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var (labels, predictions, units) = Returning(200, 10, new(seed, "returning"));
            if (Calibrating.Best(labels, predictions, units) is not null) kept++;
        }
        Assert.InRange(kept, 0, 4); // by rows 20 or so are kept
    }

    [Fact] // four fifths of 1,100 rows are too few for steps, though all of them would do
    public void What_is_kept_is_of_the_kind_that_was_judged()
    {
        var random = new Philox(3, "rare");
        double[] labels = new double[1_100], predictions = new double[1_100];
        for (var i = 0; i < labels.Length; i++)
        {
            var odds = -2.6 + 1.2 * random.Normal();
            (labels[i], predictions[i]) = (random.Uniform() < 1 / (1 + Math.Exp(-odds)) ? 1 : 0, 1 / (1 + Math.Exp(-(2 * odds + 1))));
        }
        Assert.InRange(labels.Sum(), 100, 150);
        Assert.IsType<PlattCalibration>(Calibrating.Best(labels, predictions));
        Assert.IsType<PlattCalibration>(Calibrating.Best(labels, predictions, Array.ConvertAll(Simulated.Range(0, 1_100), i => (ulong)i)));
    }

    [Fact] // 0 is the truth
    public void The_error_of_right_probabilities_is_near_none_however_often_units_come()
    {
        double Mean(int units, int each, Func<Spread, double> of) => Enumerable.Range(0, 20).Average(seed =>
        {
            var (labels, predictions, unitOf) = Returning(units, each, new(seed, "near none"));
            return of(Reliability.DebiasedInterval(labels, predictions, unitOf, seed));
        });
        Assert.InRange(Mean(2_000, 1, s => s.Mean), 0, 0.015);
        Assert.InRange(Mean(200, 10, s => s.Mean), 0, 0.05);
        Assert.InRange(Mean(200, 10, s => s.Low), 0, 0.02);
        Assert.InRange(Mean(2_000, 1, s => s.Low), 0, 0.005);
    }

    [Fact]
    public void Spiegelhalters_statistic_counts_a_unit_once()
    {
        var far = Enumerable.Range(0, 100).Count(seed =>
        {
            var (labels, predictions, units) = Returning(200, 10, new(seed, "z"));
            return Math.Abs(Reliability.SpiegelhalterZ(labels, predictions, units)) > 1.96;
        });
        Assert.InRange(far, 0, 15);
    }

    // The outcome of a unit is that of all its rows, as of an outcome reported for the unit; the probability is right.
    internal static (double[] Labels, double[] Predictions, ulong[] Units) Returning(int units, int each, Philox random)
    {
        var rows = units * each;
        double[] labels = new double[rows], predictions = new double[rows];
        var of = new ulong[rows];
        for (var unit = 0; unit < units; unit++)
        {
            var p = 1 / (1 + Math.Exp(-(random.Normal() - 0.8)));
            var label = random.Uniform() < p ? 1 : 0;
            for (var visit = 0; visit < each; visit++) (labels[visit * units + unit], predictions[visit * units + unit], of[visit * units + unit]) = (label, p, (ulong)unit);
        }
        return (labels, predictions, of);
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

    [Fact] // classes drawn from softmax(x), predicted as softmax(2x): the right power is a half
    public void A_temperature_for_several_classes_is_found_and_kept_only_where_it_helps()
    {
        var random = new Philox(8);
        var (labels, right, sure) = (new double[32_000], new double[32_000][], new double[32_000][]);
        for (var i = 0; i < labels.Length; i++)
        {
            double[] x = [random.Normal(), random.Normal(), random.Normal()];
            right[i] = [.. x];
            sure[i] = [.. x.Select(v => 2 * v)];
            Links.Softmax(right[i]);
            Links.Softmax(sure[i]);
            var u = random.Uniform();
            labels[i] = u < right[i][0] ? 0 : u < right[i][0] + right[i][1] ? 1 : 2;
        }
        Assert.Equal(0.5, TemperatureCalibration.Fit(labels, sure)!.Slope, 0.02);
        var data = new DataSet([new("row", ColumnKind.Number, [])], [[.. Enumerable.Range(0, labels.Length).Select(i => (double)i)]], labels);
        Assert.IsType<TemperatureCalibration>(HeldOutCalibration.Of(new Given(sure), data, Objective.Multiclass));
        Assert.Null(HeldOutCalibration.Of(new Given(right), data, Objective.Multiclass));
        double[] p = new double[3];
        new TrainedPredictor(data.Columns, new Given(sure), new TemperatureCalibration(0.5)).Predict([17], p);
        for (var k = 0; k < 3; k++) Assert.Equal(right[17][k], p[k], 1e-9);
    }

    [Fact] // y = 2·prediction + 3 + noise; counts at three times the prediction
    public void Values_get_slope_and_intercept_and_counts_a_factor()
    {
        var random = new Philox(9);
        var predicted = Enumerable.Range(0, 4_000).Select(_ => new[] { 1 + random.Uniform() }).ToArray();
        DataSet Of(Func<double, double> label) => new(
            [new("row", ColumnKind.Number, [])], [[.. Enumerable.Range(0, 4_000).Select(i => (double)i)]], [.. predicted.Select(p => label(p[0]))]);
        var line = (LinearCalibration)HeldOutCalibration.Of(new Given(predicted), Of(p => 2 * p + 3 + 0.1 * random.Normal()), Objective.Squared)!;
        Assert.Equal([2, 3], new[] { line.Slope, line.Intercept }.Select(x => Math.Round(x, 1)));
        var factor = (LinearCalibration)HeldOutCalibration.Of(new Given(predicted), Of(p => random.PoissonCount(3 * p)), Objective.Poisson)!;
        Assert.Equal(3, factor.Slope, 0.1);
        Assert.Equal(0, factor.Intercept);
        Assert.Null(HeldOutCalibration.Of(new Given(predicted), Of(p => random.PoissonCount(p)), Objective.Poisson));
    }

    // The row's number looks its prediction up.
    private sealed record Given(double[][] Predictions) : IPredictor
    {
        public int Outputs => Predictions[0].Length;

        public double Predict(ReadOnlySpan<double> row) => Predictions[(int)row[0]][^1];

        public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => Predictions[(int)row[0]].CopyTo(outputs);
    }

    [Fact] // simulation: band(0.95, 200) of statistics.md for a share; the statistic is standard normal when probabilities are right
    public void Spiegelhalters_statistic_is_standard_normal_for_right_probabilities_and_large_for_wrong_ones()
    {
        var rejected = Enumerable.Range(0, 200).Count(k =>
        {
            var random = new Philox(10, "z", k);
            var p = Enumerable.Range(0, 500).Select(_ => random.Uniform()).ToArray();
            return Math.Abs(Reliability.SpiegelhalterZ(p.Select(x => random.Uniform() < x ? 1.0 : 0).ToArray(), p)) > 1.96;
        });
        Assert.InRange(rejected / 200.0, 0, 0.05 + 0.051);
        var (labels, predictions) = Overconfident(5_000, 11);
        Assert.True(Math.Abs(Reliability.SpiegelhalterZ(labels, predictions)) > 10);
        var interval = Reliability.DebiasedInterval(labels, predictions, Enumerable.Range(0, 5_000).Select(i => (ulong)(i / 2)).ToArray(), 1);
        Assert.True(interval.Low > 0.02 && interval.Low < interval.Mean && interval.Mean < interval.High);
    }

    [Theory, InlineData(15), InlineData(4)]
    public void The_error_of_rows_that_were_drawn_again_is_that_of_the_rows_written_out(int bins)
    {
        var (labels, predictions) = Overconfident(300, 3);
        for (var i = 0; i < predictions.Length; i++) predictions[i] = Math.Round(predictions[i], 1); // ties
        Array.Sort(predictions, labels);
        int[] times = [.. Enumerable.Range(0, 300).Select(i => i * 7 % 4)];
        var rows = Enumerable.Range(0, 300).SelectMany(i => Enumerable.Repeat(i, times[i])).ToArray();
        var written = Reliability.Of(Array.ConvertAll(rows, i => labels[i]), Array.ConvertAll(rows, i => predictions[i]), bins).DebiasedError;
        Assert.Equal(written, Reliability.ErrorOfDrawn(predictions, labels, [.. Enumerable.Range(0, 300)], times, new(300), bins), 1e-12);
        Assert.True(written > 0);
    }

    [Fact]
    public void Temperature_finds_the_factor_on_the_log_odds()
    {
        var (labels, predictions) = Overconfident(50_000, 7);
        var shifted = predictions.Select(p => 1 / (1 + Math.Exp(-(Math.Log(p / (1 - p)) - 0.5)))).ToArray();
        Assert.Equal(0.5, Calibrating.Temperature(labels, shifted)!.Slope, 0.02);
    }
}
