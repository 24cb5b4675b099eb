namespace Looper.Core.Learning.Bayesian;

/// <summary>What is believed of a sum of trees before any row is seen.</summary>
/// <param name="Trees">Trees in the sum.</param>
/// <param name="Scale">Median of the sum's standard deviation, in standard deviations of the label: half-Cauchy.</param>
internal sealed record ForestPrior(int Trees, double Scale)
{
    /// <summary>Rows that a leaf has at least.</summary>
    public const int LeastRows = 5;

    private const double Alpha = 0.95;

    /// <summary>Chance that a node of this depth is split: 0.95 over the square of its depth from 1, Chipman, George and McCulloch 2010.</summary>
    public static double Splits(int depth) => Alpha / ((1 + depth) * (1 + depth));

    /// <summary>Log prior of a split with two leaves over that of a leaf.</summary>
    public static double LogOdds(int depth)
    {
        double here = Splits(depth), below = 1 - Splits(depth + 1);
        return Math.Log(here * below * below / (1 - here));
    }

    /// <summary>Variance of a leaf at the median scale.</summary>
    public double LeafVariance => Scale * Scale / Trees;
}
