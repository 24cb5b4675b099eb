using System.Collections.Immutable;

namespace Looper.Core.Learning.Trees;

/// <summary>The trees of an ensemble arranged for scoring one row at a time.</summary>
internal sealed class ScoringPlan
{
    private readonly ImmutableArray<Tree> _trees;
    private readonly ImmutableArray<ImmutableArray<short>> _levels;

    private ScoringPlan(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels) => (_trees, _levels) = (trees, levels);

    public static ScoringPlan Of(ImmutableArray<Tree> trees, ImmutableArray<ImmutableArray<short>> levels) => new(trees, levels);

    public void AddScores(ReadOnlySpan<double> row, Span<double> scores)
    {
        Span<double> levelled = row.Length <= 512 ? stackalloc double[row.Length] : new double[row.Length];
        for (var j = 0; j < row.Length; j++)
        {
            var levels = _levels[j];
            levelled[j] = levels.IsDefault ? row[j]
                : row[j] >= 0 && row[j] < levels.Length && levels[(int)row[j]] is >= 0 and var level ? level : double.NaN;
        }
        for (var t = 0; t < _trees.Length; t++) scores[t % scores.Length] += _trees[t].Nodes[_trees[t].LeafOf(levelled)].Value;
    }
}
