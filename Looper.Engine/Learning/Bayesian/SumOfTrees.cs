using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bayesian;

/// <summary>One part of a sum: a forest's function of some columns, which some rows have and the others do not.</summary>
/// <param name="Columns">What it may split on, of all rows.</param>
/// <param name="Members">The rows that have it, in order; null for all.</param>
/// <param name="Prior">What is believed of it.</param>
internal sealed record SumPart(SplitColumns Columns, int[]? Members, ForestPrior Prior);

/// <summary>How long is drawn.</summary>
/// <param name="Count">Chains, each from the start: single ones stay near the trees that they found first.</param>
/// <param name="Burn">Sweeps of a chain that are left out.</param>
/// <param name="Draws">Sweeps after them; every eighth is kept.</param>
internal sealed record SumChains(int Count, int Burn, int Draws);

/// <summary>Bayesian additive regression trees: label = mean + Σ over a row's parts of a sum of trees + normal noise.</summary>
/// <remarks>Chipman, George and McCulloch 2010, Annals of Applied Statistics 4:266; with a part for the effect Hahn, Murray and Carvalho 2020,
/// Bayesian Analysis 15:965. Backfitting over the trees; the mean of the kept draws is returned as one ensemble a part.</remarks>
internal static class SumOfTrees
{
    private const int Thinned = 8;
    private const double Freedom = 3, NoiseShare = 0.1; // of the variance's prior: worth three rows that left a tenth of the label's variance

    /// <summary>The posterior means of the parts' functions; the mean label belongs to the first.</summary>
    /// <param name="labels">One finite number a row.</param>
    /// <param name="parts">At least one, with at least one row and one split each.</param>
    /// <param name="chains">How many, and how long.</param>
    /// <param name="seed">Fixes every random choice.</param>
    /// <param name="cancel">Ends the fit within a sweep.</param>
    public static TreeEnsemble[] Fit(double[] labels, SumPart[] parts, SumChains chains, long seed, CancellationToken cancel)
    {
        var mean = labels.Average();
        var deviation = Math.Sqrt(labels.Sum(y => (y - mean) * (y - mean)) / Math.Max(1, labels.Length - 1));
        if (!(deviation > 0)) deviation = 1;
        var standardised = Array.ConvertAll(labels, y => (y - mean) / deviation);
        DrawnTrees[] kept = [.. parts.Select(p => new DrawnTrees(p.Columns))];
        for (var chain = 0; chain < chains.Count; chain++) Run((double[])standardised.Clone(), parts, kept, chains, deviation, new(seed, "sum-of-trees", chain), cancel);
        return [.. kept.Select((d, k) => d.Ensemble(k == 0 ? mean : 0))];
    }

    private static void Run(double[] residuals, SumPart[] parts, DrawnTrees[] kept, SumChains chains, double deviation, Philox random, CancellationToken cancel)
    {
        SampledForest[] forests = [.. parts.Select(p => new SampledForest(p.Members is null ? p.Columns : p.Columns.Of(p.Members), p.Members, p.Prior, random))];
        var (variance, count) = (1.0, chains.Draws / Thinned);
        for (var sweep = 0; sweep < chains.Burn + count * Thinned; sweep++)
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var forest in forests) forest.Sweep(residuals, variance, sweep > chains.Burn / 2);
            variance = (Vectors.Dot(residuals, residuals) + Freedom * NoiseShare) / 2 / GammaNumber.Of((residuals.Length + Freedom) / 2, random);
            if (sweep < chains.Burn || (sweep - chains.Burn) % Thinned != Thinned - 1) continue;
            for (var k = 0; k < parts.Length; k++) kept[k].Add(forests[k].Trees, deviation / count / chains.Count);
        }
    }
}
