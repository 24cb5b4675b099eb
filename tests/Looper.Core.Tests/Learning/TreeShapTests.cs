using Looper.Core.Learning;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Tests.Learning;

public class TreeShapTests
{
    [Theory, InlineData(Objective.Binary), InlineData(Objective.Squared)]
    public void Contributions_and_base_add_up_to_the_score(Objective objective)
    {
        var data = objective == Objective.Binary ? Simulated.Binary(2_000) : Simulated.Value(2_000);
        var ensemble = Simulated.Boost(data, new() { Objective = objective, Rounds = 40 });
        double[] row = new double[8], phi = new double[8], score = [0];
        for (var i = 0; i < 100; i++)
        {
            data.CopyRow(i, row);
            var start = TreeShap.Explain(ensemble, row, phi);
            ensemble.Scores(row, score);
            Assert.Equal(score[0], start + phi.Sum(), 1e-9);
        }
    }

    [Fact]
    public void Contributions_equal_brute_force_over_all_subsets()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var data = Simulated.Value(200, 5, seed, missing: 0.2);
            var ensemble = Simulated.Boost(data, new() { Objective = Objective.Squared, Rounds = 2, Leaves = 8, MinLeafRows = 5, FeatureFraction = 1 }, seed);
            double[] row = new double[5], phi = new double[5];
            data.CopyRow(seed, row);
            TreeShap.Explain(ensemble, row, phi);
            Assert.All(Enumerable.Range(0, 5), j => Assert.Equal(BruteForce(ensemble, row, j), phi[j], 1e-9));
        }
    }

    // φ_j = Σ over subsets S without j of |S|!(M−|S|−1)!/M!·[v(S ∪ j) − v(S)], v by the covers where a column is unknown.
    private static double BruteForce(TreeEnsemble ensemble, double[] row, int column)
    {
        double[] factorial = [1, 1, 2, 6, 24, 120];
        var sum = 0.0;
        for (var subset = 0; subset < 32; subset++)
        {
            if ((subset >> column & 1) == 1) continue;
            var size = System.Numerics.BitOperations.PopCount((uint)subset);
            var weight = factorial[size] * factorial[4 - size] / factorial[5];
            foreach (var tree in ensemble.Trees) sum += weight * (Value(ensemble, tree, 0, row, subset | 1 << column) - Value(ensemble, tree, 0, row, subset));
        }
        return sum;
    }

    private static double Value(TreeEnsemble ensemble, Tree tree, int index, double[] row, int known)
    {
        var node = tree.Nodes[index];
        if (node.IsLeaf) return node.Value;
        if ((known >> node.Feature & 1) == 1)
            return Value(ensemble, tree, tree.GoesLeft(node, ensemble.LevelOf(node.Feature, row[node.Feature])) ? node.Left : node.Right, row, known);
        double left = tree.Nodes[node.Left].Cover, right = tree.Nodes[node.Right].Cover;
        return (left * Value(ensemble, tree, node.Left, row, known) + right * Value(ensemble, tree, node.Right, row, known)) / (left + right);
    }
}
