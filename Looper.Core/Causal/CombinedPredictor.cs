using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>A weighted sum of predictors plus a constant: stacks, means over folds, differences of two arms.</summary>
/// <param name="parts">Each of one output, with its weight.</param>
/// <param name="constant">Added.</param>
internal sealed class CombinedPredictor((IPredictor Predictor, double Weight)[] parts, double constant = 0) : IPredictor
{
    public int Outputs => 1;

    public double Predict(ReadOnlySpan<double> row)
    {
        var sum = constant;
        foreach (var (predictor, weight) in parts) sum += weight * predictor.Predict(row);
        return sum;
    }

    public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);

    public static IPredictor Mean(IReadOnlyList<IPredictor> parts) => new CombinedPredictor([.. parts.Select(p => (p, 1.0 / parts.Count))]);
}

/// <summary>The difference that the last column makes: f(x, 1) − f(x, 0).</summary>
internal sealed class ContrastPredictor(IPredictor joint) : IPredictor
{
    public int Outputs => 1;

    public double Predict(ReadOnlySpan<double> row)
    {
        Span<double> longer = row.Length < 512 ? stackalloc double[row.Length + 1] : new double[row.Length + 1];
        row.CopyTo(longer);
        longer[^1] = 1;
        var treated = joint.Predict(longer);
        longer[^1] = 0;
        return treated - joint.Predict(longer);
    }

    public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);
}

/// <summary>e(x)·a(x) + (1 − e(x))·b(x).</summary>
internal sealed class BlendedPredictor(IPredictor share, IPredictor a, IPredictor b) : IPredictor
{
    public int Outputs => 1;

    public double Predict(ReadOnlySpan<double> row)
    {
        var e = Math.Clamp(share.Predict(row), 0, 1);
        return e * a.Predict(row) + (1 - e) * b.Predict(row);
    }

    public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);
}
