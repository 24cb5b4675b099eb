using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Causal;

public class PolicyTreeTests
{
    [Fact] // identity: all rules of two levels over all values, by brute force
    public void Depth_two_equals_exhaustive_enumeration()
    {
        for (var problem = 0; problem < 12; problem++)
        {
            var (units, scores) = Problem(40, 3, problem);
            var (tree, value) = new PolicyTreeSearch(units, scores, minLeaf: 2).Best(2, default);
            Assert.Equal(Brute(units, scores, [.. Enumerable.Range(0, units.Rows)], 2, 2) / units.Rows, value, 1e-12);
            Assert.Equal(value, ValueOf(tree, units, scores), 1e-12);
        }
    }

    [Fact]
    public void Depth_three_equals_exhaustive_enumeration()
    {
        var (units, scores) = Problem(24, 2, 99);
        var (_, value) = new PolicyTreeSearch(units, scores, minLeaf: 1).Best(3, default);
        Assert.Equal(Brute(units, scores, [.. Enumerable.Range(0, units.Rows)], 3, 1) / units.Rows, value, 1e-12);
    }

    [Fact] // no single cut helps, two do
    public void Exclusive_or_is_solved_at_depth_two()
    {
        var random = new Philox(5, "xor");
        double[][] values = [[.. Enumerable.Range(0, 400).Select(_ => random.Uniform())], [.. Enumerable.Range(0, 400).Select(_ => random.Uniform())]];
        double[] gain = [.. Enumerable.Range(0, 400).Select(i => values[0][i] > 0.5 != values[1][i] > 0.5 ? 1.0 : -1)];
        var (_, value) = new PolicyTreeSearch(Units(values), [new double[400], gain], minLeaf: 20, cuts: 200).Best(2, default);
        Assert.True(value >= 0.97 * gain.Average(g => Math.Max(0, g)), $"{value}");
    }

    [Fact]
    public void Missing_values_take_the_else_branch()
    {
        double[][] values = [[1, 1, double.NaN, double.NaN]];
        var units = Units(values);
        var (tree, value) = new PolicyTreeSearch(units, [[1, 1, 0, 0], [0, 0, 1, 1]], minLeaf: 1).Best(1, default);
        Assert.Equal(1, value);
        Assert.Equal(1, tree.ArmOf([double.NaN], units));
    }

    private static (DataSet, double[][]) Problem(int n, int p, int seed)
    {
        var random = new Philox(seed, "trees");
        double[][] values = [.. Enumerable.Range(0, p).Select(_ => Enumerable.Range(0, n).Select(_ => (double)random.Below(7)).ToArray())];
        double[][] scores = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, n).Select(_ => random.Normal()).ToArray())];
        var units = Units(values);
        // one column of categories
        return (new(units.Columns.SetItem(0, new("x1", ColumnKind.Category, ["a", "b", "c", "d", "e", "f", "g"])), values, units.Labels), scores);
    }

    private static DataSet Units(double[][] values) =>
        new([.. values.Select((_, j) => new Column($"x{j + 1}", ColumnKind.Number, []))], values, new double[values[0].Length]);

    private static double ValueOf(PolicyTree tree, DataSet units, double[][] scores)
    {
        var row = new double[units.Columns.Length];
        return Enumerable.Range(0, units.Rows).Average(i =>
        {
            units.CopyRow(i, row);
            return scores[tree.ArmOf(row, units)][i];
        });
    }

    private static double Brute(DataSet units, double[][] scores, int[] rows, int depth, int minLeaf)
    {
        var best = scores.Max(s => rows.Sum(i => s[i]));
        if (depth == 0) return best;
        for (var j = 0; j < units.Columns.Length; j++)
            foreach (var cut in rows.Select(i => units.Values[j][i]).Distinct().ToArray())
            {
                bool Yes(int i) => PolicyTree.Holds(units.Values[j][i], cut, units.Columns[j].Kind);
                int[] yes = [.. rows.Where(Yes)], no = [.. rows.Where(i => !Yes(i))];
                if (yes.Length < minLeaf || no.Length < minLeaf) continue;
                best = Math.Max(best, Brute(units, scores, yes, depth - 1, minLeaf) + Brute(units, scores, no, depth - 1, minLeaf));
            }
        return best;
    }
}
