using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning;

/// <summary>Random trees over numbers, categories and an option, some of them chains: what is compiled must equal the plain walk to the last bit.</summary>
public sealed class CompiledTreesTests
{
    private const int Columns = 7, Option = 6, Levels = 70;

    [Theory, InlineData(1, 2), InlineData(4, 31), InlineData(6, 31), InlineData(7, 31), InlineData(37, 200), InlineData(300, 15), InlineData(1_000, 7)]
    public void Options_scored_together_equal_the_plain_walk_of_each(int trees, int leaves)
    {
        var draw = new Philox(11, "trees", trees);
        var ensemble = Random(draw, trees, leaves);
        double[] codes = [0, 1, 2, double.NaN, 5, -1];
        var compiled = new CompiledTrees(ensemble, Option, codes);
        var together = new double[codes.Length];
        var row = new double[Columns];
        for (var i = 0; i < 300; i++)
        {
            Draw(draw, row);
            compiled.Predict(row, together);
            for (var option = 0; option < codes.Length; option++)
            {
                row[Option] = codes[option];
                Assert.Equal(Plain(ensemble, row), together[option]);
                Assert.Equal(ensemble.Predict(row), together[option]);
            }
        }
    }

    [Fact]
    public void A_column_of_more_thresholds_than_a_byte_counts_is_scored_alike()
    {
        var draw = new Philox(12);
        ImmutableArray<Tree> trees = [.. Enumerable.Range(0, 900).Select(k => Stump(0, k / 900.0, k % 2 == 0, k))];
        var ensemble = new TreeEnsemble(Objective.Squared, [0.5], trees, [default]);
        for (var i = 0; i < 2_000; i++)
        {
            double[] row = [i < 900 ? i / 900.0 : i < 1_900 ? draw.Uniform() * 1.2 - 0.1 : double.NaN];
            Assert.Equal(Plain(ensemble, row), ensemble.Predict(row));
        }
    }

    [Fact]
    public void Explanations_are_those_of_the_ensemble()
    {
        var draw = new Philox(13);
        var ensemble = Random(draw, 20, 12);
        var compiled = new CompiledTrees(ensemble, Option, [0, 1, 2]);
        double[] row = new double[Columns], expected = new double[Columns], found = new double[Columns];
        for (var i = 0; i < 20; i++)
        {
            Draw(draw, row);
            var start = compiled.Explain(row, 2, found);
            row[Option] = 2;
            Assert.Equal(TreeShap.Explain(ensemble, row, expected), start, 1e-9);
            for (var j = 0; j < Columns; j++) Assert.Equal(expected[j], found[j], 1e-9);
        }
    }

    private static double Plain(TreeEnsemble ensemble, double[] row)
    {
        Span<double> score = [0];
        ensemble.PlainScores(row, score);
        return score[0];
    }

    private static TreeEnsemble Random(Philox draw, int trees, int leaves)
    {
        ImmutableArray<short> levels = [.. Enumerable.Range(0, Levels).Select(k => (short)(k % 9 == 8 ? -1 : k))];
        return new(Objective.Squared, [0.25], [.. Enumerable.Range(0, trees).Select(_ => Grow(draw, leaves))],
            [default, default, default, default, levels, levels, [0, 1, 2, 3, 4]]);
    }

    private static Tree Grow(Philox draw, int leaves)
    {
        var (nodes, sets, open) = (new List<TreeNode> { default }, new List<ulong>(), new List<int> { 0 });
        while (open.Count < leaves)
        {
            var at = draw.Uniform() < 0.5 ? open[^1] : open[(int)(draw.Uniform() * open.Count)];
            var column = (int)(draw.Uniform() * Columns);
            var set = -1;
            if (column >= 4)
            {
                set = sets.Count / Tree.SetWords;
                for (var word = 0; word < Tree.SetWords; word++) sets.Add(draw.NextUInt64());
            }
            nodes[at] = new(column, column >= 4 ? 0 : Math.Round(draw.Uniform(), 2), set, nodes.Count, nodes.Count + 1, draw.Uniform() < 0.5, 0, nodes[at].Cover, 1);
            open.Remove(at);
            open.AddRange([nodes.Count, nodes.Count + 1]);
            nodes.Add(new(0, 0, -1, -1, -1, false, 0, draw.Uniform() * 50, 0));
            nodes.Add(new(0, 0, -1, -1, -1, false, 0, draw.Uniform() * 50, 0));
        }
        return new([.. nodes.Select(n => n.Left > 0 ? n : new TreeNode(0, 0, -1, -1, -1, false, draw.Uniform() - 0.5, n.Cover, 0))], [.. sets]);
    }

    private static Tree Stump(int column, double threshold, bool missingLeft, double value) => new(
        [new(column, threshold, -1, 1, 2, missingLeft, 0, 2, 1), new(0, 0, -1, -1, -1, false, value, 1, 0), new(0, 0, -1, -1, -1, false, -value, 1, 0)], []);

    private static void Draw(Philox draw, double[] row)
    {
        for (var j = 0; j < Columns; j++)
        {
            row[j] = draw.Uniform() < 0.1 ? double.NaN : j < 4 ? Math.Round(draw.Uniform(), 2) : Math.Floor(draw.Uniform() * (Levels + 4)) - 2;
            if (draw.Uniform() < 0.02) row[j] = draw.Uniform() < 0.5 ? double.PositiveInfinity : double.NegativeInfinity;
        }
    }
}
