namespace Looper.Core.OffPolicy;

/// <summary>Estimators of a ranking policy's value: mean over rankings of Σ_k r_k, the rewards of its places. Each is unbiased under an assumption of
/// its own about what a reward depends on; the less it allows for, the less it varies.</summary>
/// <remarks>Every place the policy fills, the log must have filled with each item the policy wants there. Standard errors by unit. O(places).</remarks>
public static class RankingEstimators
{
    /// <summary>Whole rankings: mean of ∏_k w_k · Σ_k r_k. Assumes nothing of rewards; beyond a few places it varies too much to say anything.</summary>
    /// <param name="log">w: chances given the items above.</param>
    /// <remarks>Horvitz and Thompson 1952, JASA 47:663.</remarks>
    public static PolicyValue Ips(LoggedRankings log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var weights = log.WholeWeights();
        var rewards = Page(log);
        return Estimators.Ips(weights, rewards, log.Units);
    }

    /// <summary>Independent places, IIPS: mean of Σ_k w_k·r_k. Assumes that a place's reward depends on its own item alone.</summary>
    /// <param name="log">w: chances of the item at its place, whatever stands above.</param>
    /// <remarks>Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay and Wen 2018, KDD ("Offline evaluation of ranking policies with click models").</remarks>
    public static PolicyValue Independent(LoggedRankings log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return Estimators.Direct(log.Each((from, to) =>
        {
            var sum = 0.0;
            for (var k = from; k < to; k++) sum += log.Weights[k] * log.Rewards[k];
            return sum;
        }), log.Units);
    }

    /// <summary>Reward interaction, RIPS: mean of Σ_k (∏_{j≤k} w_j)·r_k. Assumes that a place's reward depends on its item and those above, as when a
    /// list is read from the top.</summary>
    /// <param name="log">w: chances given the items above.</param>
    /// <remarks>McInerney, Brost, Chandar, Mehrotra and Carterette 2020, KDD ("Counterfactual evaluation of slate recommendations with sequential
    /// reward interactions").</remarks>
    public static PolicyValue Interacting(LoggedRankings log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return Estimators.Direct(log.Each((from, to) =>
        {
            double sum = 0, product = 1;
            for (var k = from; k < to; k++) sum += (product *= log.Weights[k]) * log.Rewards[k];
            return sum;
        }), log.Units);
    }

    /// <summary>Pseudo-inverse, PI, of a log that drew each place independently of the others: mean of (1 + Σ_k (w_k − 1)) · Σ_k r_k. Assumes that the
    /// reward of the page is a sum over its places of something that depends on place and item alone; which place earned it need not be known.</summary>
    /// <param name="log">w: chances of the item at its place.</param>
    /// <remarks>Swaminathan, Krishnamurthy, Agarwal, Dudík, Langford, Jose and Zitouni 2017, NeurIPS ("Off-policy evaluation for slate
    /// recommendation"), the case of a product distribution. For rankings drawn without repetition it is biased: <see cref="PseudoInverseOfUniform"/>.</remarks>
    public static PolicyValue PseudoInverse(LoggedRankings log)
    {
        ArgumentNullException.ThrowIfNull(log);
        double[] rewards = Page(log), weights = log.Each((from, to) =>
        {
            var sum = 1.0;
            for (var k = from; k < to; k++) sum += log.Weights[k] - 1;
            return sum;
        });
        return Estimators.Ips(weights, rewards, log.Units);
    }

    /// <summary>Pseudo-inverse weight of one ranking whose places a log filled evenly at random, without repetition: the mean over rankings of this
    /// weight times the page's reward is PI.</summary>
    /// <param name="wanted">wanted[j·K + k]: the policy's chance that the item that stood at place k stands at place j, whatever else stands where;
    /// K·K numbers.</param>
    /// <param name="places">K, at least 1.</param>
    /// <param name="items">m ≥ K: how many items there were.</param>
    /// <returns>1 + Σ_k c_k with c_k = (m−1)/m · (t_kk + Σ_j t_jk/(m−K)), t_jk = m·wanted[j·K + k] − 1; the last sum is 0 for K = m. For m = 1 it is 1.</returns>
    /// <remarks>1ᵀΓ⁺q of Swaminathan et al. 2017 with Γ's inverse written out for draws without repetition: the only weight that is a sum over places of
    /// terms in place and item, and gives every item at every place its wanted chance in expectation.</remarks>
    public static double PseudoInverseOfUniform(ReadOnlySpan<double> wanted, int places, int items)
    {
        if (places < 1 || items < places || wanted.Length != places * places)
            throw new ArgumentException($"places must lie in 1..items and wanted be places × places; {places} places, {items} items, {wanted.Length} chances.", nameof(wanted));
        var weight = 1.0;
        for (var k = 0; k < places; k++)
        {
            var all = 0.0;
            for (var j = 0; j < places; j++) all += items * wanted[j * places + k] - 1;
            weight += (items - 1.0) / items * (items * wanted[k * places + k] - 1 + (items > places ? all / (items - places) : 0));
        }
        return weight;
    }

    private static double[] Page(LoggedRankings log) => log.Each((from, to) =>
    {
        var sum = 0.0;
        for (var k = from; k < to; k++) sum += log.Rewards[k];
        return sum;
    });
}
