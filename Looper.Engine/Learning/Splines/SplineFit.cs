using Looper.Core.Numerics;

namespace Looper.Core.Learning.Splines;

/// <summary>Multivariate adaptive regression splines: a sum of products of lines, bends and steps of up to three columns, of least squares.</summary>
/// <remarks>Friedman 1991, Annals of Statistics 19:1, with terms one by one instead of in pairs, steps beside bends, and as many terms as serve every
/// fifth row best instead of a penalty for each: then as many are chosen from all rows.</remarks>
internal static class SplineFit
{
    private const int MostTerms = 80, Patience = 12, RowsOfTerm = 10, MostRows = 10_000;

    /// <summary>A function of the columns near the mean of the label.</summary>
    /// <param name="data">Any labels; weights of 0 and above. Of more than 10,000 rows so many are drawn and learned from.</param>
    /// <param name="seed">Fixes which rows are drawn, and which of them judge.</param>
    /// <param name="cancel">Ends the fit within a term.</param>
    /// <exception cref="UnlearnableException">No row has a weight.</exception>
    public static SplinePredictor Fit(DataSet data, long seed, CancellationToken cancel)
    {
        int[] order = [.. Enumerable.Range(0, data.Rows).Where(i => data.Weights is null || data.Weights[i] > 0)];
        if (order.Length == 0) throw TrainingChecks.Refused("no-examples", "No example has a weight above 0: there is nothing to learn from.");
        new Philox(seed, "spline-rows").Shuffle<int>(order);
        var mixed = data.Take(order.AsSpan(0, Math.Min(order.Length, MostRows)));
        var columns = new SplineColumns(mixed, seed);
        var rows = new SplineRows(columns, mixed);
        var search = new SplineSearch(rows, mixed.Rows - mixed.Rows / 5);
        var (least, count) = (search.Loss, 1);
        while (search.Count < Math.Min(MostTerms, mixed.Rows / RowsOfTerm) && search.Count - count < Patience && search.Step())
        {
            cancel.ThrowIfCancellationRequested();
            if (search.Loss < least) (least, count) = (search.Loss, search.Count);
        }
        var whole = new SplineSearch(rows, mixed.Rows);
        while (whole.Count < count && whole.Step()) cancel.ThrowIfCancellationRequested();
        return new(columns, whole.Sum());
    }
}
