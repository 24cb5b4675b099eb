using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>How a learner is to fit. The defaults are good without search.</summary>
public sealed record LearnerSettings
{
    /// <summary>What is minimised. Default binary log loss.</summary>
    public Objective Objective { get; init; } = Objective.Binary;

    /// <summary>Level of <see cref="Objective.Quantile"/>, inside (0, 1). Default 0.5.</summary>
    public double Quantile { get; init; } = 0.5;

    /// <summary>Number of classes of <see cref="Objective.Multiclass"/>, 2 to 255; 0 (default) takes the greatest label plus 1.</summary>
    public int Classes { get; init; }

    /// <summary>Boosting rounds at most (one tree, or one per class). 1 to 10,000; default 2,000.</summary>
    public int Rounds { get; init; } = 2_000;

    /// <summary>Leaves a tree at most. 2 to 1,024; default 31.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Share of each tree's step that is taken. In (0, 1]; default 0.05.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Rows a leaf at least. Default 20.</summary>
    public int MinLeafRows { get; init; } = 20;

    /// <summary>Sum of second derivatives a leaf at least. Default 0.001.</summary>
    public double MinLeafHessian { get; init; } = 1e-3;

    /// <summary>Absolute penalty on leaf values. Default 0.</summary>
    public double L1 { get; init; }

    /// <summary>Squared penalty on leaf values. Default 1.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Gain a split must exceed. Default 0.</summary>
    public double MinGain { get; init; }

    /// <summary>Bins a column at most, the one for missing included. 3 to 255; default 255.</summary>
    public int Bins { get; init; } = 255;

    /// <summary>Share of the columns that each tree may use; one that finds no cut among them looks at all. In (0, 1]; default 0.5.</summary>
    public double FeatureFraction { get; init; } = 0.5;

    /// <summary>Share of the rows that each tree sees. In (0, 1]; default 1.</summary>
    public double RowFraction { get; init; } = 1;

    /// <summary>Gradient-based one-side sampling above 200,000 rows instead of <see cref="RowFraction"/>. Default off.</summary>
    public bool Goss { get; init; }

    /// <summary>Per column +1 (must not fall), −1 (must not rise) or 0; empty for none. Ignored on categories.</summary>
    public ImmutableArray<sbyte> Monotone { get; init; } = [];

    /// <summary>Rounds without improvement on the validation rows after which fitting stops. Default 200.</summary>
    public int Patience { get; init; } = 200;

    /// <summary>Threads at most; the result does not depend on it. Default: one per processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Ensemble to go on from; its trees are kept as they are. Null (default) starts anew.</summary>
    public TreeEnsemble? StartFrom { get; init; }

    /// <summary>Position in a ranking down to which order counts. Default 10.</summary>
    public int RankingDepth { get; init; } = 10;
}
