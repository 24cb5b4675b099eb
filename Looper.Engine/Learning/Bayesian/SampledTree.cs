namespace Looper.Core.Learning.Bayesian;

/// <summary>A tree on its way through the sampler, and the leaf of every row. Node 0 is the root.</summary>
internal sealed class SampledTree
{
    public const int MostNodes = 127;

    public SampledTree(int rows)
    {
        Leaf = new byte[rows];
        Array.Fill(Left, -1);
        Array.Fill(Parent, -1);
        Used[0] = true;
    }

    public byte[] Leaf { get; }
    public int[] Source { get; } = new int[MostNodes];
    public int[] Cut { get; } = new int[MostNodes];
    public int[] Left { get; } = new int[MostNodes];
    public int[] Right { get; } = new int[MostNodes];
    public int[] Parent { get; } = new int[MostNodes];
    public int[] Depth { get; } = new int[MostNodes];
    public double[] Value { get; } = new double[MostNodes];
    public bool[] Used { get; } = new bool[MostNodes];

    /// <summary>One after the last used node.</summary>
    public int End { get; private set; } = 1;

    public bool IsLeaf(int node) => Used[node] && Left[node] < 0;

    /// <summary>Both children are leaves: the split can be taken back.</summary>
    public bool IsLast(int node) => Used[node] && Left[node] >= 0 && Left[Left[node]] < 0 && Left[Right[node]] < 0;

    /// <summary>The first unused node after another; −1 where the tree is as large as it may be.</summary>
    public int FreeAfter(int node) => Array.IndexOf(Used, false, node + 1);

    public void Split(int leaf, int source, int cut, int left, int right)
    {
        (Source[leaf], Cut[leaf], Left[leaf], Right[leaf]) = (source, cut, left, right);
        (Used[left], Left[left], Parent[left], Depth[left]) = (true, -1, leaf, Depth[leaf] + 1);
        (Used[right], Left[right], Parent[right], Depth[right]) = (true, -1, leaf, Depth[leaf] + 1);
        End = Math.Max(End, right + 1); // the left one is before it
    }

    public void Join(int node)
    {
        Used[Left[node]] = Used[Right[node]] = false;
        Left[node] = -1;
        while (!Used[End - 1]) End--;
    }
}
