using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>Probabilities of several classes raised to one power and normalised again: p_k^slope / Σ p^slope; 1/slope is the temperature.</summary>
/// <param name="Slope">Positive; below 1 it makes predictions less certain.</param>
/// <remarks>Guo, Pleiss, Sun &amp; Weinberger 2017. The order of the classes stays.</remarks>
public sealed record TemperatureCalibration(double Slope) : Calibration
{
    /// <summary>For two classes: the corrected probability of the second.</summary>
    /// <param name="prediction">Its probability.</param>
    public override double Apply(double prediction) => new PlattCalibration(Slope, 0).Apply(prediction);

    /// <inheritdoc/>
    public override void Apply(Span<double> outputs)
    {
        if (outputs.Length == 1)
        {
            outputs[0] = Apply(outputs[0]);
            return;
        }
        for (var k = 0; k < outputs.Length; k++) outputs[k] = Slope * Elementary.Log(Math.Max(outputs[k], 1e-300));
        Links.Softmax(outputs);
    }

    /// <summary>The temperature of greatest likelihood, by Newton's method on rows that the predictor has not seen.</summary>
    /// <param name="labels">Class 0…K−1 per row.</param>
    /// <param name="predictions">K probabilities per row.</param>
    /// <returns>Null when the slope would not be positive.</returns>
    public static TemperatureCalibration? Fit(ReadOnlySpan<double> labels, ReadOnlySpan<double[]> predictions)
    {
        var slope = 1.0;
        for (var step = 0; step < 50; step++)
        {
            double first = 0, second = 1e-9;
            for (var i = 0; i < labels.Length; i++)
            {
                // x = ln p: d/ds of −ln softmax(s·x)_y is E[x] − x_y, its derivative the variance of x, both under softmax(s·x)
                var x = Array.ConvertAll(predictions[i], p => Elementary.Log(Math.Max(p, 1e-300)));
                var q = Array.ConvertAll(x, v => slope * v);
                Links.Softmax(q);
                double mean = 0, square = 0;
                for (var k = 0; k < x.Length; k++) (mean, square) = (mean + q[k] * x[k], square + q[k] * x[k] * x[k]);
                (first, second) = (first + mean - x[(int)labels[i]], second + square - mean * mean);
            }
            var change = Math.Clamp(first / second, -1, 1);
            slope -= change;
            if (!(slope > 0)) return null;
            if (Math.Abs(change) < 1e-10) break;
        }
        return double.IsFinite(slope) ? new(slope) : null;
    }
}
