using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Statistics;

namespace Looper.Core.Causal;

/// <summary>Effects as a function of the predicted outcome alone: one odds ratio for all units, whose chances differ.</summary>
/// <remarks>Of a yes/no outcome, logit P(y | x, w) = α + β·logit m(x) + δ·w and τ(x) = P(y | x, 1) − P(y | x, 0); of another the mean is α + β·m(x) + δ·w, so that τ = δ is
/// the same for all. Three numbers are fitted where other learners fit functions: little variance, and much bias where effects do not follow the risk. Risk modelling:
/// Kent, Paulus, van Klaveren et al. 2020, Annals of Internal Medicine 172:35 (the PATH statement). m is the mean over both arms: what is fitted to the controls alone
/// remembers their outcomes and not the others', and the effect would seem to fall as m rises (Abadie, Chingos and West 2018, Review of Economics and Statistics 100:567).</remarks>
internal static class RiskEffects
{
    private const double Least = 0.001, MostStep = 4, Settled = 1e-9, LeastCurve = 1e-6;
    private const int Parameters = 3, MostSteps = 30;

    /// <summary>Whether they can differ at all: outcomes are yes or no.</summary>
    public static bool Differ(TwoArms arms) => arms.Outcomes.All(y => y is 0 or 1);

    /// <summary>The effects, each by m, α, β and δ fitted without the unit's fold.</summary>
    /// <param name="arms">Units.</param>
    /// <param name="nuisances">Of the same units.</param>
    /// <param name="plan">Threads.</param>
    public static CrossFitted Of(TwoArms arms, Nuisances nuisances, EffectPlan plan)
    {
        var (isYesNo, byFold) = (Differ(arms), new IPredictor[arms.FoldCount]);
        new Workers(plan.Threads, plan.Cancel).Each(byFold.Length, k =>
        {
            var rows = BaseFit.Enough([.. Enumerable.Range(0, arms.Count).Where(i => arms.Folds[i] != k)]);
            var risk = nuisances.ByFold.Pooled[k];
            double[] overlap = [.. rows.Select(i => arms.Treated[i] ? 1 - nuisances.Propensity[i] : nuisances.Propensity[i])];
            byFold[k] = Fit(risk, arms.Units.Take(rows), Array.ConvertAll(rows, i => arms.Treated[i]), overlap, isYesNo);
        });
        var (effects, row) = (new double[arms.Count], new double[arms.Units.Columns.Length]);
        for (var i = 0; i < effects.Length; i++)
        {
            arms.Units.CopyRow(i, row);
            effects[i] = byFold[arms.Folds[i]].Predict(row);
        }
        return new(effects, CombinedPredictor.Mean(byFold)) { ByFold = byFold };
    }

    /// <summary>α, β and δ by maximum likelihood; least squares where outcomes are not yes or no.</summary>
    /// <param name="risk">m.</param>
    /// <param name="units">Features and outcomes.</param>
    /// <param name="treated">Arms.</param>
    /// <param name="weights">One per unit. 1 − e of the treated and e of the others balance the arms (Li, Morgan and Zaslavsky 2018, JASA 113:390).</param>
    /// <param name="isYesNo">Outcomes are 0 or 1.</param>
    /// <remarks>Newton's method from nothing: from α = 0 and β = 1 it steps ever further to and fro where m is far off. No step moves a number by more than 4; one that would
    /// is shortened as a whole, so that it still leads uphill.</remarks>
    public static IPredictor Fit(IPredictor risk, DataSet units, bool[] treated, double[] weights, bool isYesNo)
    {
        var at = Array.ConvertAll(units.Predictions(risk), m => isYesNo ? Logit(m) : m);
        double[] fitted = [0, 0, 0];
        for (var step = 0; step < MostSteps; step++)
        {
            var (gram, right) = (new double[Parameters * Parameters], new double[Parameters]);
            for (var i = 0; i < at.Length; i++)
            {
                ReadOnlySpan<double> x = [1, at[i], treated[i] ? 1 : 0];
                var linear = fitted[0] + fitted[1] * x[1] + fitted[2] * x[2];
                var mean = isYesNo ? Chance(linear) : linear;
                var curve = isYesNo ? Math.Max(LeastCurve, mean * (1 - mean)) : 1;
                for (var a = 0; a < Parameters; a++)
                {
                    right[a] += weights[i] * x[a] * (units.Labels[i] - mean);
                    for (var b = 0; b < Parameters; b++) gram[a * Parameters + b] += weights[i] * curve * x[a] * x[b];
                }
            }
            if (LeastSquares.Solve(gram, right) is not { } move) break;
            var furthest = move.Max(Math.Abs);
            var share = isYesNo && furthest > MostStep ? MostStep / furthest : 1;
            for (var a = 0; a < Parameters; a++) fitted[a] += share * move[a];
            if (!isYesNo || furthest < Settled) break;
        }
        return isYesNo ? new OddsPredictor(risk, fitted[0], fitted[1], fitted[2]) : new CombinedPredictor([], fitted[2]);
    }

    internal static double Logit(double mean) => Math.Clamp(mean, Least, 1 - Least) is var p ? Math.Log(p / (1 - p)) : 0;

    internal static double Chance(double logit) => 1 / (1 + Math.Exp(-logit));
}

/// <summary>What δ on the log odds adds to the chance whose logit is α + β·logit m(x).</summary>
internal sealed class OddsPredictor(IPredictor risk, double alpha, double beta, double delta) : IPredictor
{
    public int Outputs => 1;

    public double Predict(ReadOnlySpan<double> row)
    {
        var control = alpha + beta * RiskEffects.Logit(risk.Predict(row));
        return RiskEffects.Chance(control + delta) - RiskEffects.Chance(control);
    }

    public void Predict(ReadOnlySpan<double> row, Span<double> outputs) => outputs[0] = Predict(row);
}
