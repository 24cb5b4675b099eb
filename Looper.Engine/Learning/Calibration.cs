using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>A monotone correction of predictions, fitted on rows that the predictor has not seen.</summary>
public abstract record Calibration
{
    /// <summary>The corrected prediction.</summary>
    /// <param name="prediction">A predictor's output.</param>
    public abstract double Apply(double prediction);

    /// <summary>Corrects all outputs of a prediction; a correction of one number leaves several as they are.</summary>
    /// <param name="outputs">Overwritten.</param>
    public virtual void Apply(Span<double> outputs)
    {
        if (outputs.Length == 1) outputs[0] = Apply(outputs[0]);
    }
}

/// <summary>Piecewise linear through the centres of blocks of equal level; constant outside.</summary>
/// <param name="X">Predictions, ascending; at least one.</param>
/// <param name="Y">Corrected predictions at <paramref name="X"/>, never falling.</param>
public sealed record IsotonicCalibration(ImmutableArray<double> X, ImmutableArray<double> Y) : Calibration
{
    /// <inheritdoc/>
    public override double Apply(double prediction)
    {
        if (!(prediction > X[0])) return double.IsNaN(prediction) ? prediction : Y[0];
        if (prediction >= X[^1]) return Y[^1];
        var above = X.BinarySearch(prediction);
        if (above >= 0) return Y[above];
        above = ~above;
        var share = (prediction - X[above - 1]) / (X[above] - X[above - 1]);
        return Y[above - 1] + share * (Y[above] - Y[above - 1]);
    }
}

/// <summary>σ(slope·logit(p) + intercept): Platt 1999 on the log odds; with intercept 0 this is temperature scaling.</summary>
/// <param name="Slope">Positive.</param>
/// <param name="Intercept">On the log-odds scale.</param>
public sealed record PlattCalibration(double Slope, double Intercept) : Calibration
{
    /// <inheritdoc/>
    public override double Apply(double prediction)
    {
        var p = Math.Clamp(prediction, 1e-9, 1 - 1e-9);
        return Math.Clamp(1 / (1 + Math.Exp(-(Slope * Math.Log(p / (1 - p)) + Intercept))), 1e-9, 1 - 1e-9);
    }
}

/// <summary>slope·prediction + intercept, for numbers.</summary>
/// <param name="Slope">Positive.</param>
/// <param name="Intercept">In the label's unit.</param>
public sealed record LinearCalibration(double Slope, double Intercept) : Calibration
{
    /// <inheritdoc/>
    public override double Apply(double prediction) => Slope * prediction + Intercept;
}
