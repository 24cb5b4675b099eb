namespace Looper.Core.Learning.Splines;

/// <summary>A sum of products of functions of single columns.</summary>
/// <param name="columns">How a row is read.</param>
/// <param name="terms">Each with its weight; the first is the constant 1, and each comes after the one that it multiplies.</param>
internal sealed class SplinePredictor(SplineColumns columns, (SplineTerm Term, double Weight)[] terms) : IPredictor
{
    public int Outputs => 1;

    /// <summary>How many, with the constant.</summary>
    public int Terms => terms.Length;

    public double Predict(ReadOnlySpan<double> row)
    {
        Span<double> values = stackalloc double[terms.Length];
        values[0] = 1;
        var sum = terms[0].Weight;
        for (var t = 1; t < terms.Length; t++)
        {
            var (term, weight) = terms[t];
            if (values[term.Parent] is var parent && parent == 0) values[t] = 0;
            else values[t] = parent * term.Of(columns.At(term.Column, row[term.Column]));
            sum += weight * values[t];
        }
        return sum;
    }

    public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);
}
