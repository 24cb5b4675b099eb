using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>The least probability that a policy gives to any option in any context.</summary>
public static class PolicyFloor
{
    /// <summary>In [0, 1]; 0 where an option may be impossible.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="options">How many options there are, at least 1.</param>
    public static double Of(PolicySpec policy, int options) => policy switch
    {
        RandomPolicy { Weights: { IsDefaultOrEmpty: false } weights } => weights.Sum() is > 0 and var total ? weights.Min() / total : 0,
        RandomPolicy => 1.0 / options,
        EpsilonGreedyPolicy greedy => greedy.Epsilon / options,
        SoftmaxPolicy => Least(options),
        TreePolicy tree => tree.Explore / options,
        BanditPolicy bandit => Math.Max(bandit.Explore / options, Least(options)),
        _ => 0,
    };

    /// <summary>What a policy that draws by predictions gives every option at least: max(0.01/n, 0.001).</summary>
    public static double Least(int options) => Math.Max(0.01 / options, 0.001);
}
