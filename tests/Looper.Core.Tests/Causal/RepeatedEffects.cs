using Looper.Core.Causal;
using Looper.Core.Learning;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Causal;

/// <summary>Every learner fitted once to the same units, by folds and seeds of its own.</summary>
/// <param name="Arms">Units.</param>
/// <param name="Nuisances">Of this time.</param>
/// <param name="Learners">Effects of these units by fits that have not seen them, and of units that no fit has seen.</param>
internal sealed record RepeatedEffects(TwoArms Arms, Nuisances Nuisances, (string Name, double[] Own, double[] Held)[] Learners)
{
    /// <summary>Fits them.</summary>
    /// <param name="units">The units, as first dealt to folds.</param>
    /// <param name="held">Units that are not learned from.</param>
    /// <param name="plan">How; the seed is the repetition's.</param>
    /// <param name="repetition">From 0, which has the seed of any plan.</param>
    public static RepeatedEffects Fit(TwoArms units, DataSet held, EffectPlan plan, int repetition)
    {
        var seed = 1 + 1_000L * repetition;
        var (arms, again) = (new TwoArms(units.Units, units.Treated, units.Propensity, seed, units.FoldCount), plan with { Seed = seed });
        var nuisances = Nuisances.Of(arms, again);
        var fits = EffectModels.All(arms, nuisances, again, CausalForest.Fit(arms, nuisances, again));
        return new(arms, nuisances, [.. fits.Select(f => (f.Name, f.Fit.Predictions, held.Predictions(f.Fit.Model)))]);
    }

    /// <summary>Ways to make one estimate of some repetitions, each with what it says of the held units. What needs one repetition comes once of each: any of them could
    /// have been the first.</summary>
    public static IEnumerable<(string Name, double[] Held)> Ways(IReadOnlyList<RepeatedEffects> all)
    {
        foreach (var one in all)
        {
            var count = one.Learners.Length + 1;
            yield return ("auto", one.Auto().Held);
            foreach (var strength in new[] { 4.0, 16, 64 })
            {
                yield return ($"weights drawn towards all alike, {strength}", one.Auto([.. Enumerable.Repeat(1.0 / count, count)], strength).Held);
                double[] flat = [.. one.Learners.Select(l => l.Name == "risk" ? 0.5 : 0), 0.5];
                yield return ($"weights drawn towards risk and the constant, {strength}", one.Auto(flat, strength).Held);
            }
            yield return ("mean rank of the learners", Mean([.. one.Learners.Select(l => Ranks(l.Held))]));
            foreach (var (name, _, held) in one.Learners)
            {
                yield return ($"{name} alone", held);
                yield return ($"auto without {name}", (one with { Learners = [.. one.Learners.Where(l => l.Name != name)] }).Auto().Held);
            }
        }
        var autos = all.Select(r => r.Auto().Held).ToArray();
        yield return ($"mean of {all.Count}", Mean(autos));
        yield return ($"mean rank of {all.Count}", Mean([.. autos.Select(Ranks)]));
        yield return ($"weights on the learners' means of {all.Count}", Pooled(all).Auto().Held);
        foreach (var (f, name) in all[0].Learners.Index().Select(l => (l.Index, l.Item.Name)))
            yield return ($"{name} alone, mean of {all.Count}", Mean([.. all.Select(r => r.Learners[f].Held)]));
    }

    /// <summary>What <c>auto</c> makes of the learners.</summary>
    /// <param name="prior">Weights that the weights are drawn towards; null for none.</param>
    /// <param name="strength">What a squared distance of 1 to these costs, in noise variances.</param>
    public (double[] Held, double[] Weights) Auto(double[]? prior = null, double strength = 0)
    {
        var n = Arms.Count;
        double[] left = new double[n], away = new double[n];
        for (var i = 0; i < n; i++) (left[i], away[i]) = (Arms.Outcomes[i] - Nuisances.Pooled[i], (Arms.Treated[i] ? 1 : 0) - Nuisances.Propensity[i]);
        var one = Vectors.Dot(left, away) / Vectors.Dot(away, away);
        var products = Learners.Select(l => l.Own).Append([.. Enumerable.Repeat(one, n)]).Select(own => own.Select((t, i) => t * away[i]).ToArray()).ToArray();
        var precision = OutcomeVariance.Weights(Arms, Nuisances);
        // each weight's distance to the prior's is one more row
        var weights = prior is null ? ConvexWeights.Of(left, products, precision) : ConvexWeights.Of([.. left, .. prior],
            [.. products.Select((p, f) => (double[])[.. p, .. prior.Select((_, at) => at == f ? 1.0 : 0)])], [.. precision ?? Enumerable.Repeat(1.0, n), .. prior.Select(_ => strength)]);
        EffectShrinking.Shrink(left, products, weights, precision);
        var held = new double[Learners[0].Held.Length];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = weights[^1] * one;
            for (var f = 0; f < Learners.Length; f++) held[i] += weights[f] * Learners[f].Held[i];
        }
        return (held, weights);
    }

    private static RepeatedEffects Pooled(IReadOnlyList<RepeatedEffects> all) => new(all[0].Arms,
        all[0].Nuisances with
        {
            Control = Mean([.. all.Select(r => r.Nuisances.Control)]), Treatment = Mean([.. all.Select(r => r.Nuisances.Treatment)]),
            Pooled = Mean([.. all.Select(r => r.Nuisances.Pooled)]), Propensity = Mean([.. all.Select(r => r.Nuisances.Propensity)]),
        },
        [.. all[0].Learners.Select((l, f) => (l.Name, Mean([.. all.Select(r => r.Learners[f].Own)]), Mean([.. all.Select(r => r.Learners[f].Held)])))]);

    private static double[] Mean(double[][] values) => [.. values[0].Select((_, i) => values.Average(v => v[i]))];

    // the last has 0; ties share their mean
    private static double[] Ranks(double[] values)
    {
        var (order, ranks) = (Uplift.Descending(values), new double[values.Length]);
        for (int from = 0, to; from < order.Length; from = to)
        {
            for (to = from; to < order.Length && values[order[to]] == values[order[from]]; to++) { }
            for (var k = from; k < to; k++) ranks[order[k]] = order.Length - (from + to + 1) / 2.0;
        }
        return ranks;
    }
}
