namespace Looper.Core.OffPolicy;

/// <summary>Logged rankings, place by place, with the policy to be judged already applied to each.</summary>
/// <param name="Starts">First entry of each ranking in the arrays, and one more for the end: 0 = Starts[0] ≤ Starts[1] ≤ ….</param>
/// <param name="Weights">w of each place from the first: the policy's chance of the item that stood there over the logged one, finite and not
/// negative. Of which chance, each estimator says: that given the items above, or that whatever stands above. They are the same where places are
/// drawn independently.</param>
/// <param name="Rewards">r of each place. A reward of the whole page stands at any one of its places.</param>
/// <param name="Units">Whose ranking it is, as numbers from 0; empty when every ranking is a unit of its own.</param>
public sealed record LoggedRankings(int[] Starts, double[] Weights, double[] Rewards, int[] Units)
{
    /// <summary>Rankings.</summary>
    public int Count => Starts.Length - 1;

    /// <summary>∏w of each ranking: with chances given the items above, the ratio of the chances of the whole ranking.</summary>
    public double[] WholeWeights() => Each((from, to) =>
    {
        var product = 1.0;
        for (var k = from; k < to; k++) product *= Weights[k];
        return product;
    });

    /// <summary>∏_{j≤k} w_j of each place: the ratio of the chances of its item and all above it.</summary>
    public double[] WeightsFromTheTop()
    {
        var weights = (double[])Weights.Clone();
        for (var i = 0; i < Count; i++)
            for (var k = Starts[i] + 1; k < Starts[i + 1]; k++) weights[k] *= weights[k - 1];
        return weights;
    }

    /// <summary>One number a ranking, from where it starts to where it ends.</summary>
    internal double[] Each(Func<int, int, double> of)
    {
        var all = new double[Count];
        for (var i = 0; i < all.Length; i++) all[i] = of(Starts[i], Starts[i + 1]);
        return all;
    }
}
