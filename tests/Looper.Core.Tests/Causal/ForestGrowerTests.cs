using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Testing;

namespace Looper.Core.Tests.Causal;

public class ForestGrowerTests
{
    private const int Units = 400, Columns = 12;

    [Fact] // of twelve columns three are tried a split, so the order in which they are dealt decides
    public void A_tree_is_the_same_whichever_tree_its_grower_grew_before()
    {
        var random = new Philox(7, "units");
        double[][] values = [.. Enumerable.Range(0, Columns).Select(_ => Enumerable.Range(0, Units).Select(_ => random.Uniform()).ToArray())];
        double[] w = [.. Enumerable.Range(0, Units).Select(i => i % 2 - 0.5)];
        double[] y = [.. Enumerable.Range(0, Units).Select(i => w[i] * values[0][i] + random.Uniform())];
        var columns = new ForestColumns(new([.. Enumerable.Range(0, Columns).Select(j => new Column($"x{j}", ColumnKind.Number, []))], values, y), seed: 1);
        ForestGrower Grower() => new(columns, w, y, mtry: 3, minLeaf: 5, minShare: 0.05);

        ForestTree first = Grow(Grower(), 1);
        foreach (var before in new[] { 2, 3 })
        {
            var grower = Grower();
            var other = Grow(grower, before);
            Assert.NotEqual(first.Column, other.Column);
            var again = Grow(grower, 1);
            Assert.Equal(first.Column, again.Column);
            Assert.Equal(first.Cut, again.Cut);
            Assert.Equal(first.Left, again.Left);
            Assert.Equal(first.Leaves, again.Leaves);
        }
        Assert.True(first.Column.Count(c => c >= 0) >= 5, $"{first.Column.Count(c => c >= 0)} splits");
    }

    private static ForestTree Grow(ForestGrower grower, int tree) => grower.Grow([.. Enumerable.Range(0, Units / 2)], [.. Enumerable.Range(Units / 2, Units / 2)], new Philox(1, "tree", tree));
}
