namespace Looper.Core.Learning.Bandits;

/// <summary>How a bandit turns what it knows into chances.</summary>
public enum BanditAlgorithm
{
    /// <summary>The highest estimate, but for a share drawn evenly.</summary>
    EpsilonGreedy,

    /// <summary>In proportion to exp(estimate / temperature).</summary>
    Softmax,

    /// <summary>The highest upper bound of the estimate (Li et al. 2010).</summary>
    LinUcb,

    /// <summary>Each option as often as it is best under a normal posterior of linear weights (Agrawal &amp; Goyal 2013).</summary>
    Thompson,

    /// <summary>Each option as often as its rate is highest under Beta posteriors; looks at no feature.</summary>
    ThompsonBeta,

    /// <summary>The more seldom the farther the estimate lies below the best (Foster &amp; Rakhlin 2020).</summary>
    SquareCb,

    /// <summary>Each option in proportion to the bootstrapped trees that call it best (Elmachtoub et al. 2017).</summary>
    BootstrappedTrees,
}
