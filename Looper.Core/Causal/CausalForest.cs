using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Numerics;

namespace Looper.Core.Causal;

/// <summary>An honest causal forest: effects of units with standard errors.</summary>
/// <remarks>Wager and Athey 2018, JASA 113:1228; Athey, Tibshirani and Wager 2019, Annals of Statistics 47:1148. On residuals ỹ = y − m(x) and
/// w̃ = w − e(x): each tree takes half of the units, chooses splits on half of these and fills leaves with the rest; ⌈√p⌉ + 20 columns a split,
/// at least 5 units and 5 % of the parent a child. An effect is the slope of ỹ on w̃ under the forest's weights. Trees grow in pairs on one half.</remarks>
public sealed class CausalForest : IPredictor
{
    private const int MinLeaf = 5, MostSampled = 100_000;
    private const double MinShare = 0.05;
    private readonly ForestColumns _columns;
    private readonly ForestTree[] _trees;

    private CausalForest(ForestColumns columns, ForestTree[] trees, double[] effects, double[] errors) =>
        (_columns, _trees, Effects, StandardErrors) = (columns, trees, effects, errors);

    /// <summary>Effect of every unit by the trees that did not draw it; NaN where there is none.</summary>
    public double[] Effects { get; }

    /// <summary>Standard error of every unit's effect.</summary>
    public double[] StandardErrors { get; }

    /// <inheritdoc/>
    public int Outputs => 1;

    /// <summary>Grows the forest.</summary>
    /// <param name="arms">The units.</param>
    /// <param name="nuisances">Their residuals' centres.</param>
    /// <param name="plan">Trees, seed, threads.</param>
    public static CausalForest Fit(TwoArms arms, Nuisances nuisances, EffectPlan plan)
    {
        var n = arms.Count;
        double[] w = new double[n], y = new double[n];
        for (var i = 0; i < n; i++) (w[i], y[i]) = ((arms.Treated[i] ? 1 : 0) - nuisances.Propensity[i], arms.Outcomes[i] - nuisances.Pooled[i]);
        var columns = new ForestColumns(new(arms.Units.Columns, arms.Units.Values, y), plan.Seed);
        var count = plan.Trees > 0 ? plan.Trees : n <= 5_000 ? 2_000 : n <= 50_000 ? 1_000 : 200;
        var pairs = Math.Max(2, count / 2);
        var (trees, drawn) = (new ForestTree[pairs * 2], new ulong[pairs][]);
        var mtry = Math.Min(columns.Count, (int)Math.Ceiling(Math.Sqrt(columns.Count)) + 20);
        var workers = new Workers(plan.Threads, plan.Cancel);
        var lanes = Math.Max(1, Math.Min(plan.Threads, pairs));
        workers.Each(lanes, lane =>
        {
            var grower = new ForestGrower(columns, w, y, mtry, MinLeaf, MinShare);
            var order = new int[n];
            for (var g = lane; g < pairs; g += lanes)
            {
                plan.Cancel.ThrowIfCancellationRequested();
                var random = new Philox(plan.Seed, "forest", g);
                for (var i = 0; i < n; i++) order[i] = i;
                var half = Math.Min(n / 2, MostSampled);
                Draw(order, half, random);
                drawn[g] = new ulong[(n + 63) / 64];
                for (var i = 0; i < half; i++) drawn[g][order[i] >> 6] |= 1UL << order[i];
                for (var t = 0; t < 2; t++)
                {
                    var sample = order.AsSpan(0, half).ToArray(); // a pair shares its units, not which of them choose splits
                    Draw(sample, half, random);
                    trees[2 * g + t] = grower.Grow(sample[..(half / 2)], sample[(half / 2)..], random);
                }
            }
        });
        var (effects, errors) = OutOfBag(columns, trees, drawn, n, workers);
        return new(columns, trees, effects, errors);
    }

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<double> row) => Estimate(row).Effect;

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);

    /// <summary>Effect and standard error of a unit that the forest has not seen.</summary>
    /// <param name="row">As the training rows.</param>
    public (double Effect, double StandardError) Estimate(ReadOnlySpan<double> row)
    {
        Span<byte> ranks = stackalloc byte[_columns.Count];
        _columns.Rank(row, ranks);
        var leaves = new LeafMeans[_trees.Length];
        for (var t = 0; t < leaves.Length; t++) leaves[t] = LeafOr(_trees[t], _trees[t].LeafOf(ranks));
        var (effect, variance) = ForestVariance.Of(leaves);
        return (effect, Math.Sqrt(variance));
    }

    private static LeafMeans LeafOr(ForestTree tree, int leaf) => leaf < 0 ? new(double.NaN, 0, 0, 0) : tree.Leaves[leaf];

    private static (double[] Effects, double[] Errors) OutOfBag(ForestColumns columns, ForestTree[] trees, ulong[][] drawn, int n, Workers workers)
    {
        var (effects, errors) = (new double[n], new double[n]);
        const int Stretch = 256;
        workers.Each((n + Stretch - 1) / Stretch, s =>
        {
            var (first, count) = (s * Stretch, Math.Min(Stretch, n - s * Stretch));
            var ends = new int[trees.Length * count]; // tree by tree, so that a tree is at hand for all of the units
            for (var t = 0; t < trees.Length; t++)
                for (var i = 0; i < count; i++) ends[i * trees.Length + t] = (drawn[t >> 1][(first + i) >> 6] >> (first + i) & 1) != 0 ? -1 : trees[t].LeafOf(columns.Rows, first + i);
            var leaves = new LeafMeans[trees.Length];
            for (var i = 0; i < count; i++)
            {
                for (var t = 0; t < trees.Length; t++) leaves[t] = LeafOr(trees[t], ends[i * trees.Length + t]);
                var (effect, variance) = ForestVariance.Of(leaves);
                (effects[first + i], errors[first + i]) = (effect, Math.Sqrt(variance));
            }
        });
        return (effects, errors);
    }

    // the first k of the array become a uniform draw
    private static void Draw(int[] items, int k, Philox random)
    {
        for (var i = 0; i < k; i++)
        {
            var j = i + random.Below(items.Length - i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
