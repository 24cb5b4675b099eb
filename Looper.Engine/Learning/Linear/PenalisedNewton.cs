using Looper.Core.Numerics;

namespace Looper.Core.Learning.Linear;

/// <summary>Coefficients of one score under λ(½(1−r)‖β‖² + r‖β‖₁): Newton steps on the loss, each solved by cyclic coordinate descent on the
/// weighted Gram matrix (Friedman, Hastie &amp; Tibshirani 2010, covariance updates).</summary>
internal sealed class PenalisedNewton(DesignRows design)
{
    private const int MostSweeps = 3_000;
    private readonly int _width = design.Width + 1; // the last one is the intercept, which is not penalised
    private readonly WeightedGram _gram = new(design);
    private readonly double[] _gradient = new double[design.Width + 1];
    private double[] _curvatures = [];

    /// <summary>One Newton step from <paramref name="beta"/>; returns the largest change of a coefficient.</summary>
    /// <param name="g">First derivative of every row's loss by its score, weights multiplied in.</param>
    /// <param name="h">Second derivative.</param>
    /// <param name="beta">Coefficients, the intercept last; changed in place.</param>
    /// <param name="cancel">Ends the step.</param>
    public double Step(double[] g, double[] h, double[] beta, double lambda, double l1Share, double totalWeight, CancellationToken cancel)
    {
        Accumulate(g, h, cancel);
        var start = (double[])beta.Clone();
        var (ridge, lasso) = (lambda * (1 - l1Share) * totalWeight, lambda * l1Share * totalWeight);
        // gradient of the quadratic model at the current point; kept up to date as coefficients move
        for (var sweep = 0; sweep < MostSweeps; sweep++)
        {
            cancel.ThrowIfCancellationRequested();
            var moved = 0.0;
            for (var k = 0; k < _width; k++)
            {
                var curvature = _gram.Row(k)[k];
                var free = k == _width - 1;
                if (!(curvature > 1e-12)) continue;
                var target = curvature * beta[k] - _gradient[k];
                var next = free ? target / curvature : Shrunk(target, lasso) / (curvature + ridge);
                var change = next - beta[k];
                if (change == 0) continue;
                beta[k] = next;
                Vectors.AddScaled(_gradient, change, _gram.Row(k));
                moved = Math.Max(moved, change * change * curvature);
            }
            if (moved < 1e-12 * totalWeight) break;
        }
        var greatest = 0.0;
        for (var k = 0; k < _width; k++) greatest = Math.Max(greatest, Math.Abs(beta[k] - start[k]));
        return greatest;
    }

    private void Accumulate(double[] g, double[] h, CancellationToken cancel)
    {
        design.Sum(g, _gradient);
        if (h.AsSpan().SequenceEqual(_curvatures)) return; // of squares they are the rows' weights, whatever the coefficients
        _curvatures = (double[])h.Clone();
        _gram.Set(h, cancel);
    }

    private static double Shrunk(double x, double by) => Math.Sign(x) * Math.Max(0, Math.Abs(x) - by);
}
