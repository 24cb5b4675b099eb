using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>What each column's value moves a tree ensemble's score by, for one row: Shapley values of the path-dependent expectation.</summary>
/// <remarks>Lundberg et al. 2020 (Nature Machine Intelligence 2:56), algorithm 2, with covers as weights: exact, O(leaves·depth²) a tree. The
/// contributions and the base add up to the score. They say what the model does with the row, not what would happen if the value were changed.</remarks>
public static class TreeShap
{
    /// <summary>Fills in the contributions to one score and returns the base: the score expected before anything is known.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="row">As for <see cref="IPredictor.Predict(ReadOnlySpan{double})"/>.</param>
    /// <param name="contributions">One per column, on the score's scale (log odds for binary), overwritten; unused columns get 0.</param>
    /// <param name="output">Which score, for several classes.</param>
    public static double Explain(TreeEnsemble ensemble, ReadOnlySpan<double> row, Span<double> contributions, int output = 0)
    {
        contributions.Clear();
        var levels = new double[row.Length];
        for (var j = 0; j < levels.Length; j++) levels[j] = ensemble.LevelOf(j, row[j]);
        var sum = ensemble.Start[output];
        for (var t = output; t < ensemble.Trees.Length; t += ensemble.Outputs)
        {
            sum += Expectation(ensemble.Trees[t], 0);
            new Walk(ensemble.Trees[t], levels, contributions).Descend(0, [], 1, 1, -1);
        }
        return sum;
    }

    /// <summary>The mean of the leaves below a node, weighted by cover.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="index">A node of it.</param>
    public static double Expectation(Tree tree, int index)
    {
        var node = tree.Nodes[index];
        if (node.IsLeaf) return node.Value;
        var (left, right) = Shares(tree, node);
        return left * Expectation(tree, node.Left) + right * Expectation(tree, node.Right);
    }

    /// <summary>Shares of a split's training weight that went left and right; halves where there was none.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="node">A split of it.</param>
    public static (double Left, double Right) Shares(Tree tree, in TreeNode node)
    {
        double left = tree.Nodes[node.Left].Cover, right = tree.Nodes[node.Right].Cover, sum = left + right;
        return sum > 0 ? (left / sum, right / sum) : (0.5, 0.5);
    }

    // One column on the path: the shares of the weight that pass when it is unknown (zero) or known (one), and the weight of the subsets so far.
    private struct Step
    {
        public int Column;
        public double Zero, One, Weight;
    }

    private readonly ref struct Walk(Tree tree, double[] row, Span<double> phi)
    {
        private readonly Span<double> _phi = phi;

        public void Descend(int index, ReadOnlySpan<Step> above, double zero, double one, int column)
        {
            var path = new Step[above.Length + 1];
            above.CopyTo(path);
            Extend(path, zero, one, column);
            var node = tree.Nodes[index];
            if (node.IsLeaf)
            {
                for (var i = 1; i < path.Length; i++)
                    _phi[path[i].Column] += Unwound(path, i) * (path[i].One - path[i].Zero) * node.Value;
                return;
            }
            var goesLeft = tree.GoesLeft(node, row[node.Feature]);
            var (leftShare, rightShare) = Shares(tree, node);
            double priorZero = 1, priorOne = 1;
            var seen = Array.FindIndex(path, 1, s => s.Column == node.Feature);
            if (seen > 0)
            {
                (priorZero, priorOne) = (path[seen].Zero, path[seen].One);
                path = Unwind(path, seen);
            }
            Descend(node.Left, path, priorZero * leftShare, goesLeft ? priorOne : 0, node.Feature);
            Descend(node.Right, path, priorZero * rightShare, goesLeft ? 0 : priorOne, node.Feature);
        }

        private static void Extend(Step[] path, double zero, double one, int column)
        {
            var last = path.Length - 1;
            path[last] = new() { Column = column, Zero = zero, One = one, Weight = last == 0 ? 1 : 0 };
            for (var i = last - 1; i >= 0; i--)
            {
                path[i + 1].Weight += one * path[i].Weight * (i + 1) / (last + 1);
                path[i].Weight = zero * path[i].Weight * (last - i) / (last + 1);
            }
        }

        private static Step[] Unwind(Step[] path, int index)
        {
            var (last, one, zero) = (path.Length - 1, path[index].One, path[index].Zero);
            var shorter = path[..last];
            var next = path[last].Weight;
            for (var i = last - 1; i >= 0; i--)
            {
                if (one != 0)
                {
                    var weight = shorter[i].Weight;
                    shorter[i].Weight = next * (last + 1) / ((i + 1) * one);
                    next = weight - shorter[i].Weight * zero * (last - i) / (last + 1);
                }
                else shorter[i].Weight = shorter[i].Weight * (last + 1) / (zero * (last - i));
            }
            for (var i = index; i < last; i++) (shorter[i].Column, shorter[i].Zero, shorter[i].One) = (path[i + 1].Column, path[i + 1].Zero, path[i + 1].One);
            return shorter;
        }

        private static double Unwound(Step[] path, int index)
        {
            var (last, one, zero) = (path.Length - 1, path[index].One, path[index].Zero);
            double next = path[last].Weight, total = 0;
            for (var i = last - 1; i >= 0; i--)
            {
                if (one != 0)
                {
                    var weight = next * (last + 1) / ((i + 1) * one);
                    total += weight;
                    next = path[i].Weight - weight * zero * (last - i) / (last + 1);
                }
                else if (zero != 0) total += path[i].Weight * (last + 1) / (zero * (last - i));
            }
            return total;
        }
    }
}
