using Looper.Core.Learning;

namespace Looper.Core.Causal;

/// <summary>Effects of units by the meta-learners, each value by a fit that has not seen the unit's outcome.</summary>
internal static class MetaLearners
{
    private const double Negligible = 0.01, Winsor = 0.005;

    public static CrossFitted Of(string learner, TwoArms arms, Nuisances nuisances, EffectPlan plan) => learner switch
    {
        "s" => S(arms, plan),
        "t" => T(nuisances),
        "x" => X(arms, nuisances, plan),
        "r" => R(arms, nuisances, plan),
        "dr" => Dr(arms, nuisances, plan),
        "risk" => RiskEffects.Of(arms, nuisances, plan),
        "bcf" => nuisances.Bayesian ?? T(nuisances), // where no column tells units apart the arms' means say all there is
        _ => throw new ArgumentOutOfRangeException(nameof(learner), learner, "Not a meta-learner."),
    };

    // one model of (x, w); the arm's column is last
    private static CrossFitted S(TwoArms arms, EffectPlan plan)
    {
        var units = arms.Units;
        double[] taken = [.. arms.Treated.Select(t => t ? 1.0 : 0)];
        var joint = new DataSet(units.Columns.Add(new("treated", ColumnKind.Number, [])), [.. units.Values, taken], units.Labels);
        return CrossFitted.Contrast(joint, arms.Folds, plan);
    }

    private static CrossFitted T(Nuisances n) =>
        new([.. n.Treatment.Select((t, i) => t - n.Control[i])], new CombinedPredictor([(n.Models.Treatment, 1), (n.Models.Control, -1)]));

    // Künzel, Sekhon, Bickel and Yu 2019, PNAS 116:4156; what is learned from without a fold is imputed by fits without it, so that a unit's own outcome
    // cannot come back to it by way of the others' labels
    private static CrossFitted X(TwoArms arms, Nuisances n, EffectPlan plan)
    {
        double[] imputed = [.. arms.Outcomes.Select((y, i) => arms.Treated[i] ? y - n.Control[i] : n.Treatment[i] - y)];
        CrossFitted On(bool treated, double[]? variance, IPredictor[] others) => CrossFitted.Of(
            arms.Labelled(imputed, variance is null ? null : Array.ConvertAll(variance, v => 1 / v)), i => arms.Treated[i] == treated, arms.Folds, plan, pseudo: true,
            labelsWithout: (k, rows) => Imputed(arms, rows, others[k], treated ? 1 : -1));
        var (onTreated, onControl) = (On(true, OutcomeVariance.Of(arms, n.Treatment), n.ByFold.Control), On(false, OutcomeVariance.Of(arms, n.Control), n.ByFold.Treatment));
        double[] mixed = [.. n.Propensity.Select((e, i) => e * onControl.Predictions[i] + (1 - e) * onTreated.Predictions[i])];
        return new(mixed, new BlendedPredictor(n.Models.Propensity, onControl.Model, onTreated.Model));
    }

    private static double[] Imputed(TwoArms arms, int[] rows, IPredictor other, int sign)
    {
        var (labels, row) = (new double[rows.Length], new double[arms.Units.Columns.Length]);
        for (var r = 0; r < rows.Length; r++)
        {
            arms.Units.CopyRow(rows[r], row);
            labels[r] = sign * (arms.Outcomes[rows[r]] - other.Predict(row));
        }
        return labels;
    }

    // Nie and Wager 2021, Biometrika 108:299, as a weighted fit; units whose assignment was all but certain say nothing
    private static CrossFitted R(TwoArms arms, Nuisances n, EffectPlan plan)
    {
        var (labels, weights) = (new double[arms.Count], new double[arms.Count]);
        for (var i = 0; i < labels.Length; i++)
        {
            var away = (arms.Treated[i] ? 1 : 0) - n.Propensity[i];
            if (Math.Abs(away) < Negligible) continue;
            (labels[i], weights[i]) = ((arms.Outcomes[i] - n.Pooled[i]) / away, away * away);
        }
        return CrossFitted.Of(arms.Labelled(labels, weights), i => weights[i] > 0, arms.Folds, plan, pseudo: true, noisy: true);
    }

    // Kennedy 2023, Electronic J. Statistics 17:3008; the most extreme scores are cut for the fit alone
    private static CrossFitted Dr(TwoArms arms, Nuisances n, EffectPlan plan)
    {
        var scores = n.Scores(arms);
        var sorted = (double[])scores.Clone();
        Array.Sort(sorted);
        var (low, high) = (sorted[(int)(Winsor * (sorted.Length - 1))], sorted[(int)((1 - Winsor) * (sorted.Length - 1))]);
        return CrossFitted.Of(arms.Labelled([.. scores.Select(s => Math.Clamp(s, low, high))]), _ => true, arms.Folds, plan, pseudo: true, noisy: true);
    }
}
