namespace Looper.Core.Learning;

/// <summary>How rows in time order are parted for a search.</summary>
/// <param name="From">The first row that judges while looking.</param>
/// <param name="Before">How many of the oldest rows had been known when the given row was decided.</param>
internal sealed record SearchSplit(int From, Func<int, int> Before);

/// <summary>What a search may vary and how it chooses. What is set here is used exactly; what is null is searched.</summary>
public sealed record SearchSpace
{
    /// <summary>The only family to try: <c>boosting</c>, <c>linear</c> or <c>network</c>; null tries all.</summary>
    public string? Family { get; init; }

    /// <summary>Boosting rounds; null stops early on the newest rows.</summary>
    public int? Rounds { get; init; }

    /// <summary>Leaves a tree; null tries 8 to 127.</summary>
    public int? Leaves { get; init; }

    /// <summary>Learning rate; null tries 0.02 to 0.2.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Rows a leaf at least; null tries 5 to 200.</summary>
    public int? MinLeafRows { get; init; }

    /// <summary>Squared penalty on leaf values; null tries 0.01 to 100.</summary>
    public double? L2 { get; init; }

    /// <summary>Share of the columns that each tree may use; null tries 0.4 to 1.</summary>
    public double? FeatureFraction { get; init; }

    /// <summary>Judge by rows spread over the whole time rather than by the newest: for a file whose rows to be predicted lie among those learned
    /// from. Default off, as a product predicts what comes next.</summary>
    public bool Interleaved { get; init; }

    /// <summary>Where the rows that judge while looking begin, and what may be fitted on before a row; null for the newest 15 % and all rows before. Not for interleaved rows.</summary>
    internal SearchSplit? Split { get; init; }

    /// <summary>Rise of the mean loss, as a share of it, that is accepted for a model that is cheaper to serve. In [0, 1]; default 0.</summary>
    public double Tolerance { get; init; }

    /// <summary>How many times cheaper to serve a model must be to be taken although another is better, by less than a quarter of a standard error.
    /// At least 1; default 10: a linear model for an ensemble, not a smaller ensemble for a larger one.</summary>
    public double Cheaper { get; init; } = 10;

    /// <summary>The given settings with what is fixed here.</summary>
    internal LearnerSettings Fixed(LearnerSettings settings) => settings with
    {
        Rounds = Rounds ?? settings.Rounds, Leaves = Leaves ?? settings.Leaves, LearningRate = LearningRate ?? settings.LearningRate,
        MinLeafRows = MinLeafRows ?? settings.MinLeafRows, L2 = L2 ?? settings.L2, FeatureFraction = FeatureFraction ?? settings.FeatureFraction,
    };

    /// <summary>Why these options admit no search; null when they do.</summary>
    internal string? Fault() => this switch
    {
        { Tolerance: not (>= 0 and <= 1) } => "tolerance must be from 0 to 1",
        { Cheaper: not >= 1 } => "cheaper must be at least 1",
        { Family: not (null or "boosting"), Rounds: not null } => "rounds can be fixed for boosting only",
        { Family: not (null or "boosting"), Leaves: not null } => "leaves can be fixed for boosting only",
        _ => null,
    };
}
