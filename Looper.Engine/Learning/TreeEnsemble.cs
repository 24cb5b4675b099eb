using System.Collections.Immutable;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>A sum of trees and the link that turns it into a prediction.</summary>
/// <remarks>score_k = start_k + Σ of the trees t with t mod K = k; K = <see cref="Outputs"/>. Scored through <see cref="ScoringPlan"/>;
/// <see cref="PlainScores"/> is the plain walk that it must equal to the last bit.</remarks>
public sealed class TreeEnsemble : IPredictor
{
    /// <summary>Up to this many trees a walk is over before a row is arranged for a plan.</summary>
    internal const int FewTrees = 6;

    private const int Lanes = 8;

    private readonly Lazy<ScoringPlan?> _plan;

    /// <param name="objective">Decides the link.</param>
    /// <param name="start">Score before the first tree, one per output.</param>
    /// <param name="trees">A multiple of the number of outputs, round by round.</param>
    /// <param name="levels">Per column: default for a number; for a category the level (0 to 254) of every code, −1 for codes that count as unknown.</param>
    public TreeEnsemble(Objective objective, ImmutableArray<double> start, ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels)
    {
        (Objective, Start, Trees, Levels) = (objective, start, trees, levels);
        _plan = new(() => trees.Length > FewTrees ? ScoringPlan.Of(trees, levels, start.Length) : null);
    }

    /// <summary>What was minimised.</summary>
    public Objective Objective { get; }

    /// <summary>Score before the first tree, one per output.</summary>
    public ImmutableArray<double> Start { get; }

    /// <summary>Trees, round by round, within a round one per output.</summary>
    public ImmutableArray<Tree> Trees { get; }

    /// <summary>Per column: default for a number; for a category the level of every code, −1 for unknown.</summary>
    public ImmutableArray<ImmutableArray<short>> Levels { get; }

    /// <inheritdoc/>
    public int Outputs => Start.Length;

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<double> row)
    {
        if (Outputs > 1)
        {
            Span<double> outputs = stackalloc double[Outputs];
            Predict(row, outputs);
            return outputs[^1];
        }
        Span<double> score = [0];
        Scores(row, score);
        Links.Apply(Objective, score);
        return score[0];
    }

    /// <inheritdoc/>
    public void Predict(ReadOnlySpan<double> row, Span<double> outputs)
    {
        Scores(row, outputs);
        Links.Apply(Objective, outputs);
    }

    /// <summary>Scores before the link (log odds, log mean…), one per output.</summary>
    /// <param name="row">One value per column; a category's code; NaN where missing.</param>
    /// <param name="scores">Length <see cref="Outputs"/>, overwritten.</param>
    public void Scores(ReadOnlySpan<double> row, Span<double> scores)
    {
        if (Trees.Length <= FewTrees)
        {
            FewScores(row, scores);
            return;
        }
        if (_plan.Value is not { } plan)
        {
            PlainScores(row, scores);
            return;
        }
        Start.CopyTo(scores);
        plan.AddScores(row, scores);
    }

    /// <summary>The same scores, for few trees: only what a walk asks of the row is looked at.</summary>
    internal void FewScores(ReadOnlySpan<double> row, Span<double> scores)
    {
        Start.CopyTo(scores);
        Span<double> lanes = stackalloc double[Lanes];
        lanes.Clear();
        for (var t = 0; t < Trees.Length; t++)
        {
            var tree = Trees[t];
            ref readonly var node = ref tree.Nodes.ItemRef(0);
            while (!node.IsLeaf) node = ref tree.Nodes.ItemRef(GoesLeft(tree, node, row[node.Feature]) ? node.Left : node.Right);
            if (Outputs == 1) lanes[t & (Lanes - 1)] += node.Value;
            else scores[t % Outputs] += node.Value;
        }
        if (Outputs == 1) foreach (var lane in lanes) scores[0] += lane;
    }

    private bool GoesLeft(Tree tree, in TreeNode node, double value) =>
        node.Set < 0 ? double.IsFinite(value) ? value <= node.Threshold : node.MissingLeft : tree.GoesLeft(node, LevelOf(node.Feature, value));

    /// <summary>The same scores by the plain definition, tree after tree: for one output tree t in lane t mod 8, then the lanes.</summary>
    /// <param name="row">As for <see cref="Scores"/>.</param>
    /// <param name="scores">Length <see cref="Outputs"/>, overwritten.</param>
    public void PlainScores(ReadOnlySpan<double> row, Span<double> scores)
    {
        Start.CopyTo(scores);
        Span<double> levelled = row.Length <= 512 ? stackalloc double[row.Length] : new double[row.Length];
        for (var j = 0; j < row.Length; j++) levelled[j] = LevelOf(j, row[j]);
        Span<double> lanes = stackalloc double[Lanes];
        lanes.Clear();
        for (var t = 0; t < Trees.Length; t++)
        {
            var value = Trees[t].Nodes[Trees[t].LeafOf(levelled)].Value;
            if (Outputs == 1) lanes[t & (Lanes - 1)] += value;
            else scores[t % Outputs] += value;
        }
        if (Outputs == 1) foreach (var lane in lanes) scores[0] += lane;
    }

    /// <summary>What a split sees of a value: the number itself, a category's level, NaN where missing or unknown.</summary>
    /// <param name="column">Index of the column.</param>
    /// <param name="value">A number or a category's code.</param>
    public double LevelOf(int column, double value)
    {
        var levels = Levels[column];
        if (levels.IsDefault) return double.IsFinite(value) ? value : double.NaN;
        return value >= 0 && value < levels.Length && levels[(int)value] is >= 0 and var level ? level : double.NaN;
    }
}
