namespace Looper.Core.Learning.Trees;

/// <summary>The best way to cut one leaf at one column.</summary>
/// <remarks>gain = ½[G_L²/(H_L+λ) + G_R²/(H_R+λ) − G²/(H+λ)] − γ, with G thresholded by the L1 penalty (Chen &amp; Guestrin 2016, eq. 7; Friedman
/// 2001). Ties go to the lower bin: only a strictly greater gain replaces what was found.</remarks>
internal sealed unsafe class SplitFinder(BinnedRows binned, LearnerSettings settings, FixedGradients gradients)
{
    public const double CategoryL2 = 10, CategorySmoothing = 10;
    private const int OneAgainstRest = 4, SmallSide = 32;

    /// <summary>Finds the best cut of a leaf at one column; one without gain where there is none.</summary>
    /// <param name="leaf">The leaf, its histogram filled.</param>
    /// <param name="column">Index of the column.</param>
    public Split Best(Leaf leaf, int column)
    {
        var bins = leaf.Histogram!.Column(column);
        var scan = new Scan(settings, gradients, leaf, column);
        if (binned.Bins[column].IsCategory) Categories(ref scan, bins, binned.Bins[column].Count);
        else Numbers(ref scan, bins, binned.Bins[column].Count);
        return scan.Best;
    }

    private void Numbers(ref Scan scan, long* bins, int count)
    {
        long g = 0, h = 0, missingG = bins[0], missingH = bins[1];
        var anyMissing = gradients.Rows(missingH) > 0;
        for (var bin = 1; bin < count; bin++)
        {
            g += bins[2 * bin];
            h += bins[2 * bin + 1];
            if (bins[2 * bin + 1] == 0) continue; // an empty bin cuts where the one before it did
            if (bin == count - 1 && !anyMissing) break;
            scan.TryNumber(g, h, bin, missingLeft: false, anyMissing);
            if (anyMissing && bin < count - 1) scan.TryNumber(g + missingG, h + missingH, bin, missingLeft: true, anyMissing);
        }
    }

    // Levels sorted by G/(H+10), then prefixes from both ends (Fisher 1958; Ke et al. 2017). Missing takes part as one more level.
    private void Categories(ref Scan scan, long* bins, int count)
    {
        Span<int> order = stackalloc int[256];
        Span<double> keys = stackalloc double[256];
        int levels = 0, present = 0;
        var anyMissing = gradients.Rows(bins[1]) > 0;
        for (var bin = 0; bin < count; bin++)
        {
            var rows = gradients.Rows(bins[2 * bin + 1]);
            if (rows > 0) present++;
            if (rows == 0 || rows < scan.MinLevelRows) continue;
            keys[levels] = gradients.Gradient(bins[2 * bin]) / (gradients.Hessian(bins[2 * bin + 1]) + CategorySmoothing);
            order[levels++] = bin;
        }
        if (present <= OneAgainstRest)
        {
            for (var bin = 0; bin < count; bin++)
            {
                if (gradients.Rows(bins[2 * bin + 1]) == 0) continue;
                Span<int> one = [bin];
                scan.TryLevels(bins[2 * bin], bins[2 * bin + 1], one, 0, anyMissing);
            }
            return;
        }
        keys[..levels].Sort(order[..levels]);
        Prefixes(ref scan, bins, order[..levels], anyMissing);
        order[..levels].Reverse();
        Prefixes(ref scan, bins, order[..levels], anyMissing);
    }

    private static void Prefixes(ref Scan scan, long* bins, ReadOnlySpan<int> order, bool anyMissing)
    {
        long g = 0, h = 0;
        var longest = Math.Min(order.Length - 1, Math.Min(SmallSide, (order.Length + 1) / 2));
        for (var k = 0; k < longest; k++)
        {
            g += bins[2 * order[k]];
            h += bins[2 * order[k] + 1];
            scan.TryLevels(g, h, order[..(k + 1)], CategoryL2, anyMissing);
        }
    }
}
