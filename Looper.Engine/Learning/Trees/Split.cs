using System.Runtime.CompilerServices;

namespace Looper.Core.Learning.Trees;

/// <summary>Levels of a category, one bit each.</summary>
[InlineArray(Tree.SetWords)]
internal struct LevelSet
{
    private ulong _first;

    public void Add(int level) => this[level >> 6] |= 1UL << (level & 63);

    public readonly bool Contains(int level) => (this[level >> 6] >> (level & 63) & 1) == 1;
}

/// <summary>A way to cut a leaf in two.</summary>
internal struct Split
{
    public double Gain;
    public int Column;

    /// <summary>Numbers: bins 1 to this go left. Categories: −1.</summary>
    public int Bin;

    public bool MissingLeft;
    public LevelSet Set;
    public long LeftGradient, LeftHessian;

    /// <summary>Leaf values of the sides, before the learning rate.</summary>
    public double LeftValue, RightValue;

    public readonly bool Exists => Gain > 0;

    public readonly bool GoesLeft(int bin)
    {
        if (bin == 0) return MissingLeft;
        return Bin >= 0 ? bin <= Bin : Set.Contains(bin - 1);
    }
}
