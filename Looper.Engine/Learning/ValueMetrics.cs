namespace Looper.Core.Learning;

/// <summary>How good predictions of a number are. NaN where undefined.</summary>
/// <param name="Rows">Rows measured.</param>
/// <param name="Mean">Mean of the label.</param>
/// <param name="Rmse">Root mean squared error, in the label's unit.</param>
/// <param name="RmseLow">Lower end of its 95 % interval.</param>
/// <param name="RmseHigh">Upper end.</param>
/// <param name="Mae">Mean absolute error, in the label's unit.</param>
/// <param name="MaeLow">Lower end of its 95 % interval.</param>
/// <param name="MaeHigh">Upper end.</param>
/// <param name="R2">1 − squared error / squared error of the mean.</param>
/// <param name="ConstantRmse">Error of always predicting <see cref="Mean"/>.</param>
public sealed record ValueMetrics(
    int Rows, double Mean, double Rmse, double RmseLow, double RmseHigh, double Mae, double MaeLow, double MaeHigh, double R2, double ConstantRmse)
{
    /// <summary>Measures predictions against labels.</summary>
    /// <param name="labels">One number per row.</param>
    /// <param name="predictions">One number per row.</param>
    public static ValueMetrics Of(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        var (squares, absolutes, around, mean) = (new double[labels.Length], new double[labels.Length], 0.0, 0.0);
        foreach (var y in labels) mean += y / labels.Length;
        for (var i = 0; i < labels.Length; i++)
        {
            var error = predictions[i] - labels[i];
            (squares[i], absolutes[i]) = (error * error, Math.Abs(error));
            around += (labels[i] - mean) * (labels[i] - mean) / labels.Length;
        }
        var (square, absolute) = (Spread.Of(squares), Spread.Of(absolutes));
        return new(labels.Length, labels.Length == 0 ? double.NaN : mean, Math.Sqrt(square.Mean), Math.Sqrt(Math.Max(0, square.Low)),
            Math.Sqrt(square.High), absolute.Mean, Math.Max(0, absolute.Low), absolute.High, around > 0 ? 1 - square.Mean / around : double.NaN,
            labels.Length == 0 ? double.NaN : Math.Sqrt(around));
    }
}
