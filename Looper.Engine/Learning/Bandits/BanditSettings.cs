namespace Looper.Core.Learning.Bandits;

/// <summary>An algorithm and its settings. Gaps, widths and temperatures are in units of <see cref="RewardRange"/>.</summary>
public sealed record BanditSettings
{
    /// <summary>See there. The default was chosen on the made-up problems of <c>Looper.Benchmarks bandits</c>.</summary>
    public BanditAlgorithm Algorithm { get; init; } = BanditAlgorithm.LinUcb;

    /// <summary>Share of decisions drawn evenly from all options, whatever the algorithm says; in [0, 1]. Default 0.02.</summary>
    public double Explore { get; init; } = 0.02;

    /// <summary>Highest minus lowest reward that is to be expected; above 0. NaN takes twice the standard deviation of the rewards seen,
    /// which is the range of a reward that is one of two values equally often. Default 1, the range of yes or no.</summary>
    public double RewardRange { get; init; } = 1;

    /// <summary>λ: variance of the noise over that of a weight; above 0. Default 0.1.</summary>
    public double Ridge { get; init; } = 0.1;

    /// <summary>Share that <see cref="BanditAlgorithm.EpsilonGreedy"/> draws evenly, in [0, 1]. Default 0.1.</summary>
    public double Epsilon { get; init; } = 0.1;

    /// <summary>T of <see cref="BanditAlgorithm.Softmax"/>, above 0. Default 0.05.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>α of <see cref="BanditAlgorithm.LinUcb"/>, at least 0. Default 0.25, chosen on the made-up problems too.</summary>
    public double BoundWidth { get; init; } = 0.25;

    /// <summary>v of <see cref="BanditAlgorithm.Thompson"/>: standard deviation of the noise, above 0. Default 0.3.</summary>
    public double PosteriorScale { get; init; } = 0.3;

    /// <summary>γ₀ of <see cref="BanditAlgorithm.SquareCb"/>, above 0: γ = γ₀√t, at most 10⁴. Default 20.</summary>
    public double Learning { get; init; } = 20;

    /// <summary>Members of <see cref="BanditAlgorithm.BootstrappedTrees"/>, at least 2. Default 32.</summary>
    public int Members { get; init; } = 32;

    /// <summary>The least probability of any of n options: max(0.01/n, 0.001), unless the even share gives more.</summary>
    /// <param name="options">n, at least 1.</param>
    public static double Floor(int options) => Math.Max(0.01 / options, 0.001);
}
