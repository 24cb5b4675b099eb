using Looper.Core.Numerics;

namespace Looper.Core.Learning;

/// <summary>What each column's value moves a prediction by, against a reference row: Shapley values estimated over random orders of the columns.</summary>
/// <remarks>Štrumbelj &amp; Kononenko 2014 (Knowledge and Information Systems 41:647) with one reference row: in each order the columns change from the
/// reference to the row one by one, and a column gets the change of the prediction at its turn. Every order is walked forwards and backwards. In each
/// order the changes add up to prediction − reference, so their means do too; each mean has an error that falls with the root of the number of orders.</remarks>
public static class SampledShapley
{
    private const int Orders = 100;

    /// <param name="predictor">With one output.</param>
    /// <param name="row">As for <see cref="IPredictor.Predict(ReadOnlySpan{double})"/>.</param>
    /// <param name="reference">Likewise.</param>
    /// <param name="contributions">One per column, in the prediction's unit, overwritten.</param>
    public static void Explain(IPredictor predictor, ReadOnlySpan<double> row, ReadOnlySpan<double> reference, Span<double> contributions)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        contributions.Clear();
        int[] order = [.. Enumerable.Range(0, row.Length)];
        var mixed = new double[row.Length];
        for (var k = 0; k < Orders; k++)
        {
            if (k % 2 == 0) new Philox(seed: 0, "explanation", k).Shuffle(order.AsSpan());
            else Array.Reverse(order);
            reference.CopyTo(mixed);
            var before = predictor.Predict(mixed);
            foreach (var column in order)
            {
                mixed[column] = row[column];
                var after = predictor.Predict(mixed);
                contributions[column] += (after - before) / Orders;
                before = after;
            }
        }
    }
}
