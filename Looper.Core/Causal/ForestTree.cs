namespace Looper.Core.Causal;

/// <summary>Means over the units of a leaf: residual treatment w̃, residual outcome ỹ, and their products.</summary>
internal readonly record struct LeafMeans(double W, double Y, double WY, double WW)
{
    public static LeafMeans operator +(LeafMeans a, LeafMeans b) => new(a.W + b.W, a.Y + b.Y, a.WY + b.WY, a.WW + b.WW);

    public static LeafMeans operator *(LeafMeans a, double by) => new(a.W * by, a.Y * by, a.WY * by, a.WW * by);

    /// <summary>Slope of ỹ on w̃ with an intercept; NaN where w̃ does not vary.</summary>
    public double Effect => (WY - W * Y) / (WW - W * W) is var t && WW - W * W > 1e-12 ? t : double.NaN;
}

/// <summary>One honest tree: node k goes left where the column's rank is at most the cut.</summary>
/// <param name="Column">Per node; −1 for a leaf.</param>
/// <param name="Cut">Per node, the highest rank that goes left; for a leaf the index of its means, or −1 where no honest unit fell.</param>
/// <param name="Left">Per node; the right child follows it.</param>
/// <param name="Leaves">Means of the honest units.</param>
internal sealed record ForestTree(int[] Column, int[] Cut, int[] Left, LeafMeans[] Leaves)
{
    /// <summary>The leaf of a unit, −1 where it is empty.</summary>
    public int LeafOf(byte[][] rows, int unit)
    {
        var node = 0;
        while (Column[node] >= 0) node = rows[Column[node]][unit] <= Cut[node] ? Left[node] : Left[node] + 1;
        return Cut[node];
    }

    public int LeafOf(ReadOnlySpan<byte> ranks)
    {
        var node = 0;
        while (Column[node] >= 0) node = ranks[Column[node]] <= Cut[node] ? Left[node] : Left[node] + 1;
        return Cut[node];
    }
}
