namespace Looper.Core.OffPolicy;

/// <summary>Logged decisions as the estimators want them, with the policy to be judged already applied to each.</summary>
/// <param name="Weights">w_i = π_e(a_i|x_i)/p_i, finite and not negative.</param>
/// <param name="Rewards">r_i.</param>
/// <param name="Units">Whose row it is, as numbers from 0 without gaps.</param>
public sealed record LoggedRows(double[] Weights, double[] Rewards, int[] Units)
{
    /// <summary>Weights of the policy that changes are measured against, as for the weights; null takes what was served, all 1.</summary>
    public double[]? Reference { get; init; }

    /// <summary>A reward model fitted on other units; null without one.</summary>
    public ModelledRewards? Model { get; init; }

    /// <summary>The same, fitted so that the doubly robust estimate varies least (<see cref="RobustWeight"/>); null without one.</summary>
    public ModelledRewards? RobustModel { get; init; }

    /// <summary>The largest weight that was possible, from the floor that was declared before the log began; null where none was.</summary>
    public double? WeightCeiling { get; init; }

    /// <summary>Bounds of every possible reward; null where it has none.</summary>
    public (double Low, double High)? RewardRange { get; init; }

    /// <summary>Rows.</summary>
    public int Count => Weights.Length;

    /// <summary>Different units.</summary>
    public int UnitCount => Units.Length == 0 ? 0 : Units.Max() + 1;

    /// <summary>The weight π_e(1−p)/p² of a row in the fit of a reward model that is to make the doubly robust estimate vary least.</summary>
    /// <remarks>Farajtabar, Chow and Ghavamzadeh 2018, ICML, equation 8.</remarks>
    public static double RobustWeight(double wanted, double propensity) => wanted * (1 - propensity) / (propensity * propensity);
}

/// <summary>What a reward model says of each row.</summary>
/// <param name="Predicted">q̂(x_i, a_i) of the option taken; 0 for one that is gone, which has no weight.</param>
/// <param name="Values">Σ_a π_e(a|x_i)·q̂(x_i, a): the policy's value in this context.</param>
public sealed record ModelledRewards(double[] Predicted, double[] Values)
{
    /// <summary>1 − Σ(r − q̂)²/Σ(r − r̄)² on rows the model has not seen; below 0 it is worse than the mean, and NaN where those do not differ.</summary>
    /// <param name="taken">Option of each row; −1 for one that is gone: nothing is predicted of it, and it counts on neither side.</param>
    public double Explains(ReadOnlySpan<double> rewards, ReadOnlySpan<int> taken)
    {
        double sum = 0, left = 0, all = 0;
        var rows = 0;
        for (var i = 0; i < rewards.Length; i++)
            if (taken[i] >= 0) (sum, rows) = (sum + rewards[i], rows + 1);
        var mean = sum / rows;
        for (var i = 0; i < rewards.Length; i++)
        {
            if (taken[i] < 0) continue;
            (left, all) = (left + (rewards[i] - Predicted[i]) * (rewards[i] - Predicted[i]), all + (rewards[i] - mean) * (rewards[i] - mean));
        }
        return all > 0 ? 1 - left / all : double.NaN;
    }
}
