using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>Whether effects differ between units, told from units that the estimates have not seen.</summary>
/// <param name="HeterogeneityP">One-sided p-value of the calibration slope: effects differ as estimated. NaN where no step's estimates differed.</param>
/// <param name="Rate">AUTOC of the ranking.</param>
/// <param name="RateError">Its standard error.</param>
/// <param name="RateP">One-sided p-value of "those ranked first gain more". NaN where no step ranked anybody.</param>
/// <param name="Units">Units judged.</param>
public readonly record struct EffectValidation(double HeterogeneityP, double Rate, double RateError, double RateP, int Units)
{
    private const int Steps = 3;
    private const int ManyUnits = 200_000; // half of these is enough to learn from
    private const double Level = 0.05;

    /// <summary>The units judged, each once, and their effects as predicted by the model that judged them; what is drawn or grouped by
    /// predicted effect is drawn from these.</summary>
    public int[] Judged { get; init; } = [];

    /// <summary>One per unit of <see cref="Judged"/>.</summary>
    public double[] Predicted { get; init; } = [];

    /// <summary>The model of the first three fifths of the folds alone; null when there was none.</summary>
    public IPredictor? Earlier { get; init; }

    /// <summary>Both tests find differences: a claim that holds up in at most 5 % of the comparisons where there are none.</summary>
    public bool Differs => HeterogeneityP < Level && RateP < Level;

    /// <summary>Tests in sequence: a model of the first two fifths ranks the third, one of the first three the fourth, one of four the last.</summary>
    /// <param name="arms">All units.</param>
    /// <param name="nuisances">Cross-fitted on all of them.</param>
    /// <param name="plan">The learner; <c>auto</c> chooses anew from each step's past.</param>
    /// <remarks>Each step's t-value is standard normal given the past when effects do not differ, so their sum over √steps is too (Wager 2024,
    /// Sequential validation of treatment heterogeneity); pooling cross-fitted rankings instead would claim too often.</remarks>
    public static EffectValidation Of(TwoArms arms, Nuisances nuisances, EffectPlan plan)
    {
        var scores = nuisances.Scores(arms);
        double slopes = 0, ranks = 0, rate = 0, variance = 0;
        var (steps, units, sloping, ranking) = (0, 0, 0, 0);
        var fewer = plan with { MostBayesian = arms.Count > plan.MostBayesian ? 0 : plan.MostBayesian }; // what all units were too many for, part of them is not tested with
        List<int> judged = [];
        List<double> predicted = [];
        IPredictor? three = null;
        for (var k = arms.FoldCount - Steps; k < arms.FoldCount; k++)
        {
            if (k < 1) continue;
            int[] past = [.. Enumerable.Range(0, arms.Count).Where(i => arms.Folds[i] < k)], now = [.. Enumerable.Range(0, arms.Count).Where(i => arms.Folds[i] == k)];
            if (past.Count(i => arms.Treated[i]) < arms.FoldCount || past.Count(i => !arms.Treated[i]) < arms.FoldCount) continue;
            var (step, earlier) = (k - arms.FoldCount + Steps, arms.Take(past, past.Length > ManyUnits ? 2 : arms.FoldCount));
            var test = fewer.Part(0.55 + 0.15 * step, 0.7 + 0.15 * step, "Testing on unseen units");
            var model = EffectModels.Fit(earlier, Nuisances.Of(earlier, test.Part(0, 0.3)), test.Part(0.3, 1), withForest: false).Model;
            if (k == arms.FoldCount * 3 / 5) three = model;
            var all = Predict(model, arms, now, plan);
            judged.AddRange(now);
            predicted.AddRange(now.Select(i => all[i]));
            var slope = EffectCalibration.Of(arms, nuisances, all, now);
            var ranked = RankedEffect.Of([.. now.Select(i => all[i])], [.. now.Select(i => scores[i])], plan.Seed + k);
            steps++;
            units += now.Length;
            // a model that ranks nobody is no evidence: it adds 0 to the sum
            if (slope.SlopeError > 0) (slopes, sloping) = (slopes + slope.Slope / slope.SlopeError, sloping + 1);
            if (ranked.StandardError > 0) (ranks, ranking) = (ranks + ranked.Autoc / ranked.StandardError, ranking + 1);
            (rate, variance) = (rate + ranked.Autoc, variance + ranked.StandardError * ranked.StandardError);
        }
        if (steps == 0) return new(double.NaN, double.NaN, double.NaN, double.NaN, 0);
        double P(double sum, int defined) => defined > 0 ? TailProbability.Normal(sum / Math.Sqrt(steps)) : double.NaN;
        return new(P(slopes, sloping), rate / steps, Math.Sqrt(variance) / steps, P(ranks, ranking), units)
        {
            Judged = [.. judged], Predicted = [.. predicted], Earlier = three,
        };
    }

    private static double[] Predict(IPredictor model, TwoArms arms, int[] units, EffectPlan plan)
    {
        var all = new double[arms.Count];
        new Workers(plan.Threads, plan.Cancel).Stretches(units.Length, (from, to) =>
        {
            var row = new double[arms.Units.Columns.Length];
            foreach (var i in units.AsSpan(from, to - from))
            {
                arms.Units.CopyRow(i, row);
                all[i] = model.Predict(row);
            }
        });
        return all;
    }
}
